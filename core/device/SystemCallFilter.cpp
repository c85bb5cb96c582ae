// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/Jail.h"

#ifdef WW_HAVE_SECCOMP

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace ww {
namespace {

/// What the OpenCL loader, PoCL, LLVM, the linker that PoCL starts and the C library need on a CPU device
/// (from traces of PoCL 3.1), with the variants that other architectures and versions use instead.
// clang-format off
constexpr std::array kAllowed {
    "access", "arch_prctl", "brk", "chdir", "chmod", "clock_getres", "clock_gettime", "clock_nanosleep",
    "close", "close_range", "copy_file_range", "dup", "dup2", "dup3", "epoll_create1", "epoll_ctl",
    "epoll_pwait", "epoll_wait", "eventfd2", "execve", "exit", "exit_group", "faccessat", "faccessat2",
    "fadvise64", "fallocate", "fchmod", "fchmodat", "fchown", "fcntl", "fdatasync", "flock", "fork",
    "fstat", "fstatfs", "fsync", "ftruncate", "futex", "get_mempolicy", "get_robust_list", "getcwd",
    "getcpu", "getdents64", "getegid", "geteuid", "getgid", "getpid", "getppid", "getpriority",
    "getrandom", "getresgid", "getresuid", "getrlimit", "getrusage", "gettid", "gettimeofday", "getuid",
    "ioctl", "link", "linkat", "lseek", "lstat", "madvise", "membarrier", "mkdir", "mkdirat", "mmap",
    "mprotect", "mremap", "msync", "munmap", "nanosleep", "newfstatat", "open", "openat", "openat2",
    "pipe", "pipe2", "poll", "ppoll", "prctl", "pread64", "preadv", "pselect6", "pwrite64", "pwritev",
    "read", "readlink", "readlinkat", "readv", "recvmsg", "rename", "renameat", "renameat2",
    "restart_syscall", "rmdir", "rseq", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigreturn",
    "rt_sigsuspend", "rt_sigtimedwait", "sched_getaffinity", "sched_getattr", "sched_getparam",
    "sched_getscheduler", "sched_setaffinity", "sched_yield", "select", "sendmsg", "set_robust_list",
    "set_tid_address", "sigaltstack", "stat", "statfs", "statx", "symlink", "symlinkat", "sysinfo", "time",
    "times", "truncate", "umask", "uname", "unlink", "unlinkat", "utimensat", "vfork", "wait4", "waitid",
    "write", "writev"};
// clang-format on

/// No compiler or driver of a CPU device makes these. Ending the process names the attempt; an error
/// code would leave it to guesswork.
// clang-format off
constexpr std::array kFatal {
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendto", "recvfrom",
    "ptrace", "process_vm_readv", "process_vm_writev", "mount", "umount2", "pivot_root", "chroot",
    "unshare", "setns", "bpf", "perf_event_open", "keyctl", "add_key", "request_key", "init_module",
    "finit_module", "kexec_load", "reboot", "swapon", "setuid", "setgid", "setreuid", "setregid",
    "setresuid", "setresgid", "setsid", "setpgid", "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    "pidfd_open", "pidfd_send_signal", "pidfd_getfd", "memfd_create", "shmget", "shmat", "semget",
    "msgget", "mq_open", "userfaultfd", "io_uring_setup", "setrlimit"};
// clang-format on

/// What not even a graphics driver has a use for.
// clang-format off
constexpr std::array kFatalBesideGpu {
    "ptrace", "process_vm_readv", "process_vm_writev", "mount", "umount2", "pivot_root", "chroot", "unshare",
    "setns", "bpf", "keyctl", "add_key", "request_key", "init_module", "finit_module", "kexec_load", "reboot",
    "swapon", "pidfd_getfd", "userfaultfd", "io_uring_setup"};
/// A driver may ask whether a service is there, and must hear that none is.
constexpr std::array kRefusedBesideGpu {"connect", "perf_event_open", "setuid",    "setgid",
                                        "setresuid", "setresgid",      "sendto"};
// clang-format on

/// Calls that are harmless towards the own process and not towards others.
int addConditional(scmp_filter_ctx filter)
{
    const auto self = static_cast<scmp_datum_t>(::getpid());
    constexpr scmp_datum_t kNamespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER
        | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;
    const std::array rules {
        // abort() signals its own process.
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, self)),
        seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_NE, self)),
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_EQ, 0)),
        seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                         SCMP_A0(SCMP_CMP_MASKED_EQ, kNamespaces, 0)),
        // Its flags lie in memory, where a filter cannot see them; the C library falls back to clone.
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0)};
    for (const int status : rules) {
        if (status != 0)
            return status;
    }
    return 0;
}

} // namespace

Status restrictSystemCalls(bool gpu)
{
    const auto release = [](scmp_filter_ctx filter) { seccomp_release(filter); };
    const std::unique_ptr<void, decltype(release)> filter(
        seccomp_init(gpu ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM)), release);
    if (!filter)
        return failure(ErrorCode::Unsupported, "cannot make a system call filter");
    // Calls through the gate of another architecture (int 0x80) must not merely end one thread.
    int status = seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    const auto add = [&](uint32_t action, const auto &names) {
        for (const char *name : names) {
            // A name that this architecture does not have needs no rule.
            const int number = seccomp_syscall_resolve_name(name);
            if (status == 0 && number != __NR_SCMP_ERROR && number >= 0)
                status = seccomp_rule_add(filter.get(), action, number, 0);
        }
    };
    if (gpu) {
        add(SCMP_ACT_KILL_PROCESS, kFatalBesideGpu);
        add(SCMP_ACT_ERRNO(ECONNREFUSED), kRefusedBesideGpu);
        // Sockets within the machine a driver may make; those of a network it has no use for.
        for (const auto family : {AF_INET, AF_INET6, AF_PACKET}) {
            if (status == 0)
                status = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EACCES), SCMP_SYS(socket), 1,
                                          SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family)));
        }
    } else {
        add(SCMP_ACT_ALLOW, kAllowed);
        add(SCMP_ACT_KILL_PROCESS, kFatal);
        if (status == 0)
            status = addConditional(filter.get());
    }
    if (status == 0)
        status = seccomp_load(filter.get());
    if (status != 0)
        return failure(ErrorCode::Unsupported, "cannot load the system call filter", std::strerror(-status));
    return {};
}

} // namespace ww

#else

namespace ww {

Status restrictSystemCalls(bool)
{
    return failure(ErrorCode::Unsupported, "there is no system call filter",
                   "this program was built without libseccomp", "Install libseccomp-dev and build again");
}

} // namespace ww

#endif
