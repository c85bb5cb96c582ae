// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <CL/cl.h>

#include <utility>

namespace ww {

/// Owns one reference to an OpenCL object.
template <class T, cl_int (*kRelease)(T)> class ClHandle {
public:
    ClHandle() = default;
    explicit ClHandle(T object) : m_object(object) { }
    ~ClHandle() { reset(); }
    ClHandle(ClHandle &&other) noexcept : m_object(std::exchange(other.m_object, nullptr)) { }
    ClHandle &operator=(ClHandle &&other) noexcept
    {
        if (this != &other) {
            reset();
            m_object = std::exchange(other.m_object, nullptr);
        }
        return *this;
    }
    ClHandle(const ClHandle &) = delete;
    ClHandle &operator=(const ClHandle &) = delete;

    [[nodiscard]] T get() const { return m_object; }
    [[nodiscard]] explicit operator bool() const { return m_object != nullptr; }
    /// Where a function that makes an object may put it.
    [[nodiscard]] T *out()
    {
        reset();
        return &m_object;
    }
    void reset()
    {
        if (m_object)
            kRelease(m_object);
        m_object = nullptr;
    }

private:
    T m_object = nullptr;
};

using ClContext = ClHandle<cl_context, clReleaseContext>;
using ClQueue = ClHandle<cl_command_queue, clReleaseCommandQueue>;
using ClProgramHandle = ClHandle<cl_program, clReleaseProgram>;
using ClKernel = ClHandle<cl_kernel, clReleaseKernel>;
using ClBuffer = ClHandle<cl_mem, clReleaseMemObject>;
using ClEvent = ClHandle<cl_event, clReleaseEvent>;

} // namespace ww
