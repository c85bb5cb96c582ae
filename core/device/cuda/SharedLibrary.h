// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace ww {

/// A library that is looked for when the program runs, so that it starts where there is none.
class SharedLibrary {
public:
    /// Opens the first of these paths or names that loads; see isOpen() and problem().
    [[nodiscard]] static SharedLibrary open(const std::vector<std::string> &candidates);

    SharedLibrary() = default;
    ~SharedLibrary();
    SharedLibrary(SharedLibrary &&other) noexcept;
    SharedLibrary &operator=(SharedLibrary &&other) noexcept;
    SharedLibrary(const SharedLibrary &) = delete;
    SharedLibrary &operator=(const SharedLibrary &) = delete;

    [[nodiscard]] bool isOpen() const { return m_handle != nullptr; }
    /// Why the last candidate did not load, in the loader's words.
    [[nodiscard]] const std::string &problem() const { return m_problem; }

    /// Sets `function` to the symbol of that name; false, and keeps the name as problem(), when it has none.
    template <class F> bool resolve(F *&function, const char *name)
    {
        function = reinterpret_cast<F *>(symbol(name));
        return function != nullptr;
    }

private:
    [[nodiscard]] void *symbol(const char *name);
    void *m_handle = nullptr;
    std::string m_problem;
};

} // namespace ww
