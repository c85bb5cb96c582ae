// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/cuda/SharedLibrary.h"

#include <fmt/format.h>

#include <utility>

#include <dlfcn.h>

namespace ww {

SharedLibrary SharedLibrary::open(const std::vector<std::string> &candidates)
{
    SharedLibrary library;
    for (const std::string &candidate : candidates) {
        library.m_handle = ::dlopen(candidate.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (library.m_handle) {
            library.m_problem.clear();
            break;
        }
        const char *why = ::dlerror();
        library.m_problem = why ? why : candidate;
    }
    return library;
}

SharedLibrary::~SharedLibrary()
{
    if (m_handle)
        ::dlclose(m_handle);
}

SharedLibrary::SharedLibrary(SharedLibrary &&other) noexcept
    : m_handle(std::exchange(other.m_handle, nullptr)), m_problem(std::move(other.m_problem))
{
}

SharedLibrary &SharedLibrary::operator=(SharedLibrary &&other) noexcept
{
    std::swap(m_handle, other.m_handle);
    std::swap(m_problem, other.m_problem);
    return *this;
}

void *SharedLibrary::symbol(const char *name)
{
    void *address = m_handle ? ::dlsym(m_handle, name) : nullptr;
    if (!address)
        m_problem = fmt::format("it has no function {}", name);
    return address;
}

} // namespace ww
