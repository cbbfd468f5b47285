/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System calls as functions: long pillion_sys_NAME(...) for the calls of Linux 6.1 that a library
 * task can use. Arguments and results are the kernel's own: -errno on error, and where a libc's
 * function differs from the call of that name, the call (getcwd returns a length, getpriority
 * 20 - nice, futex has six arguments, ...). errno is not touched.
 *
 * Structures have the kernel's (uapi) layout on this instruction set, with the tag under which a
 * libc knows it where that is the same: struct stat, timespec, sockaddr, msghdr, epoll_event, ...
 * may be passed as <sys/...> declares them. Where a libc's differs, the kernel's is in
 * <pillion/types.h> (pillion_sigset_t, struct pillion_sigaction, ...), and <pillion/libc.h> has
 * functions that take the libc's. They are only declared here: include what you use.
 *
 * Which calls there are. A call that an instruction set does not have is not here on it (open,
 * stat, pipe on aarch64: use openat, newfstatat, pipe2), nor is one that the installed headers
 * are too old to know. Left out are calls that
 *	- make, replace or resume a register context: fork, vfork, clone, clone3, execve, execveat,
 *	  rt_sigreturn, sigaltstack, rseq, ptrace, arch_prctl and the like (pillion_fork() and
 *	  pillion_thread_attach() make processes and threads);
 *	- map or act on the caller's address space, which is the host's and not the donor's: mmap,
 *	  brk, mlock, shmat, set_robust_list, set_tid_address, io_setup, io_uring_setup, ...;
 *	- load code into the kernel or end it: init_module, kexec_load, reboot (pillion_shutdown());
 *	- Linux numbers but has no more, or never had.
 * A call that the donor's configuration leaves out returns -ENOSYS.
 */
#ifndef PILLION_SYSCALLS_H
#define PILLION_SYSCALLS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

#include <pillion/pillion.h>
#include <pillion/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* PILLION_SYSn(name, type1, argument1, ...) defines pillion_sys_name(). */
#define PILLION_SYS_(name, args, ...) \
	static inline long pillion_sys_##name args { return pillion_syscall(SYS_##name, __VA_ARGS__); }
#define PILLION_SYS0(n) PILLION_SYS_(n, (void), 0, 0, 0, 0, 0, 0)
#define PILLION_SYS1(n, A, a) PILLION_SYS_(n, (A a), (long)a, 0, 0, 0, 0, 0)
#define PILLION_SYS2(n, A, a, B, b) PILLION_SYS_(n, (A a, B b), (long)a, (long)b, 0, 0, 0, 0)
#define PILLION_SYS3(n, A, a, B, b, C, c) \
	PILLION_SYS_(n, (A a, B b, C c), (long)a, (long)b, (long)c, 0, 0, 0)
#define PILLION_SYS4(n, A, a, B, b, C, c, D, d) \
	PILLION_SYS_(n, (A a, B b, C c, D d), (long)a, (long)b, (long)c, (long)d, 0, 0)
#define PILLION_SYS5(n, A, a, B, b, C, c, D, d, E, e) \
	PILLION_SYS_(n, (A a, B b, C c, D d, E e), (long)a, (long)b, (long)c, (long)d, (long)e, 0)
#define PILLION_SYS6(n, A, a, B, b, C, c, D, d, E, e, F, f) \
	PILLION_SYS_(n, (A a, B b, C c, D d, E e, F f), \
	    (long)a, (long)b, (long)c, (long)d, (long)e, (long)f)

struct __user_cap_data_struct;
struct __user_cap_header_struct;
struct epoll_event;
struct file_handle;
struct futex_waitv;
struct iovec;
struct itimerspec;
struct itimerval;
struct linux_dirent;
struct mmsghdr;
struct mount_attr;
struct mq_attr;
struct msghdr;
struct msqid_ds;
struct open_how;
struct pollfd;
struct rlimit;
struct rlimit64;
struct rusage;
struct sched_attr;
struct sched_param;
struct sembuf;
struct shmid_ds;
struct sigevent;
struct sockaddr;
struct stat;
struct statfs;
struct statx;
struct sysinfo;
struct timespec;
struct timeval;
struct timex;
struct timezone;
struct tms;
struct ustat;
struct utimbuf;
struct utsname;
union bpf_attr;

/* Files: open, close, read, write, position */
PILLION_SYS4(openat, int, dfd, const char *, path, int, flags, unsigned, mode)
#ifdef SYS_openat2
PILLION_SYS4(openat2, int, dfd, const char *, path, struct open_how *, how, size_t, size)
#endif
PILLION_SYS1(close, int, fd)
#ifdef SYS_close_range
PILLION_SYS3(close_range, unsigned, first, unsigned, last, unsigned, flags)
#endif
PILLION_SYS3(read, int, fd, void *, buf, size_t, count)
PILLION_SYS3(write, int, fd, const void *, buf, size_t, count)
PILLION_SYS4(pread64, int, fd, void *, buf, size_t, count, int64_t, pos)
PILLION_SYS4(pwrite64, int, fd, const void *, buf, size_t, count, int64_t, pos)
PILLION_SYS3(readv, int, fd, const struct iovec *, vec, unsigned long, vlen)
PILLION_SYS3(writev, int, fd, const struct iovec *, vec, unsigned long, vlen)
PILLION_SYS5(preadv, int, fd, const struct iovec *, vec, unsigned long, vlen, unsigned long, pos_l,
    unsigned long, pos_h)
PILLION_SYS5(pwritev, int, fd, const struct iovec *, vec, unsigned long, vlen, unsigned long, pos_l,
    unsigned long, pos_h)
PILLION_SYS6(preadv2, int, fd, const struct iovec *, vec, unsigned long, vlen, unsigned long, pos_l,
    unsigned long, pos_h, int, flags)
PILLION_SYS6(pwritev2, int, fd, const struct iovec *, vec, unsigned long, vlen,
    unsigned long, pos_l, unsigned long, pos_h, int, flags)
PILLION_SYS3(lseek, int, fd, int64_t, offset, unsigned, whence)
PILLION_SYS4(sendfile, int, out_fd, int, in_fd, int64_t *, offset, size_t, count)
PILLION_SYS6(splice, int, fd_in, int64_t *, off_in, int, fd_out, int64_t *, off_out, size_t, len,
    unsigned, flags)
PILLION_SYS4(tee, int, fd_in, int, fd_out, size_t, len, unsigned, flags)
PILLION_SYS6(copy_file_range, int, fd_in, int64_t *, off_in, int, fd_out, int64_t *, off_out,
    size_t, len, unsigned, flags)
PILLION_SYS2(ftruncate, int, fd, int64_t, length)
PILLION_SYS2(truncate, const char *, path, int64_t, length)
PILLION_SYS4(fallocate, int, fd, int, mode, int64_t, offset, int64_t, len)
PILLION_SYS4(fadvise64, int, fd, int64_t, offset, size_t, len, int, advice)
PILLION_SYS3(readahead, int, fd, int64_t, offset, size_t, count)
PILLION_SYS0(sync)
PILLION_SYS1(syncfs, int, fd)
PILLION_SYS1(fsync, int, fd)
PILLION_SYS1(fdatasync, int, fd)
PILLION_SYS4(sync_file_range, int, fd, int64_t, offset, int64_t, len, unsigned, flags)
PILLION_SYS2(memfd_create, const char *, name, unsigned, flags)

/* Descriptors */
PILLION_SYS1(dup, int, fd)
PILLION_SYS3(dup3, int, oldfd, int, newfd, int, flags)
PILLION_SYS3(fcntl, int, fd, unsigned, cmd, unsigned long, arg)
PILLION_SYS2(flock, int, fd, unsigned, cmd)
PILLION_SYS3(ioctl, int, fd, unsigned, cmd, unsigned long, arg)
PILLION_SYS2(pipe2, int *, fds, int, flags)
PILLION_SYS5(kcmp, int, pid1, int, pid2, int, type, unsigned long, idx1, unsigned long, idx2)

/* Names and directories */
PILLION_SYS3(mkdirat, int, dfd, const char *, path, unsigned, mode)
PILLION_SYS4(mknodat, int, dfd, const char *, path, unsigned, mode, unsigned, dev)
PILLION_SYS3(unlinkat, int, dfd, const char *, path, int, flags)
PILLION_SYS3(symlinkat, const char *, target, int, newdfd, const char *, path)
PILLION_SYS5(linkat, int, olddfd, const char *, oldpath, int, newdfd, const char *, newpath,
    int, flags)
PILLION_SYS4(renameat, int, olddfd, const char *, oldpath, int, newdfd, const char *, newpath)
PILLION_SYS5(renameat2, int, olddfd, const char *, oldpath, int, newdfd, const char *, newpath,
    unsigned, flags)
PILLION_SYS4(readlinkat, int, dfd, const char *, path, char *, buf, int, size)
PILLION_SYS3(getdents64, int, fd, void *, dirents, unsigned, count)
PILLION_SYS2(getcwd, char *, buf, size_t, size)
PILLION_SYS1(chdir, const char *, path)
PILLION_SYS1(fchdir, int, fd)
PILLION_SYS1(chroot, const char *, path)
PILLION_SYS1(umask, unsigned, mask)
PILLION_SYS5(name_to_handle_at, int, dfd, const char *, path, struct file_handle *, handle,
    int *, mnt_id, int, flags)
PILLION_SYS3(open_by_handle_at, int, mount_fd, struct file_handle *, handle, int, flags)

/* Attributes */
PILLION_SYS4(newfstatat, int, dfd, const char *, path, struct stat *, st, int, flags)
PILLION_SYS2(fstat, int, fd, struct stat *, st)
PILLION_SYS5(statx, int, dfd, const char *, path, unsigned, flags, unsigned, mask,
    struct statx *, stx)
PILLION_SYS2(statfs, const char *, path, struct statfs *, buf)
PILLION_SYS2(fstatfs, int, fd, struct statfs *, buf)
PILLION_SYS3(faccessat, int, dfd, const char *, path, int, mode)
#ifdef SYS_faccessat2
PILLION_SYS4(faccessat2, int, dfd, const char *, path, int, mode, int, flags)
#endif
PILLION_SYS2(fchmod, int, fd, unsigned, mode)
PILLION_SYS3(fchmodat, int, dfd, const char *, path, unsigned, mode)
PILLION_SYS3(fchown, int, fd, unsigned, uid, unsigned, gid)
PILLION_SYS5(fchownat, int, dfd, const char *, path, unsigned, uid, unsigned, gid, int, flags)
PILLION_SYS4(utimensat, int, dfd, const char *, path, const struct timespec *, times, int, flags)
PILLION_SYS5(setxattr, const char *, path, const char *, name, const void *, value, size_t, size,
    int, flags)
PILLION_SYS5(lsetxattr, const char *, path, const char *, name, const void *, value, size_t, size,
    int, flags)
PILLION_SYS5(fsetxattr, int, fd, const char *, name, const void *, value, size_t, size, int, flags)
PILLION_SYS4(getxattr, const char *, path, const char *, name, void *, value, size_t, size)
PILLION_SYS4(lgetxattr, const char *, path, const char *, name, void *, value, size_t, size)
PILLION_SYS4(fgetxattr, int, fd, const char *, name, void *, value, size_t, size)
PILLION_SYS3(listxattr, const char *, path, char *, list, size_t, size)
PILLION_SYS3(llistxattr, const char *, path, char *, list, size_t, size)
PILLION_SYS3(flistxattr, int, fd, char *, list, size_t, size)
PILLION_SYS2(removexattr, const char *, path, const char *, name)
PILLION_SYS2(lremovexattr, const char *, path, const char *, name)
PILLION_SYS2(fremovexattr, int, fd, const char *, name)

/* Mounts and file systems */
PILLION_SYS5(mount, const char *, source, const char *, target, const char *, type,
    unsigned long, flags, const void *, data)
PILLION_SYS2(umount2, const char *, target, int, flags)
PILLION_SYS2(pivot_root, const char *, new_root, const char *, put_old)
#ifdef SYS_open_tree
PILLION_SYS3(open_tree, int, dfd, const char *, path, unsigned, flags)
PILLION_SYS5(move_mount, int, from_dfd, const char *, from_path, int, to_dfd, const char *, to_path,
    unsigned, flags)
PILLION_SYS2(fsopen, const char *, type, unsigned, flags)
PILLION_SYS5(fsconfig, int, fd, unsigned, cmd, const char *, key, const void *, value, int, aux)
PILLION_SYS3(fsmount, int, fd, unsigned, flags, unsigned, attr_flags)
PILLION_SYS3(fspick, int, dfd, const char *, path, unsigned, flags)
#endif
#ifdef SYS_mount_setattr
PILLION_SYS5(mount_setattr, int, dfd, const char *, path, unsigned, flags,
    struct mount_attr *, attr, size_t, size)
#endif
PILLION_SYS4(quotactl, unsigned, cmd, const char *, special, unsigned, id, void *, addr)
#ifdef SYS_quotactl_fd
PILLION_SYS4(quotactl_fd, unsigned, fd, unsigned, cmd, unsigned, id, void *, addr)
#endif
PILLION_SYS1(acct, const char *, path)

/* Waiting for events */
PILLION_SYS5(ppoll, struct pollfd *, fds, unsigned, nfds, struct timespec *, timeout,
    const pillion_sigset_t *, mask, size_t, masksize)
PILLION_SYS6(pselect6, int, n, void *, readfds, void *, writefds, void *, exceptfds,
    struct timespec *, timeout, void *, mask)
PILLION_SYS1(epoll_create1, int, flags)
PILLION_SYS4(epoll_ctl, int, epfd, int, op, int, fd, struct epoll_event *, event)
PILLION_SYS6(epoll_pwait, int, epfd, struct epoll_event *, events, int, maxevents, int, timeout,
    const pillion_sigset_t *, mask, size_t, masksize)
#ifdef SYS_epoll_pwait2
PILLION_SYS6(epoll_pwait2, int, epfd, struct epoll_event *, events, int, maxevents,
    const struct timespec *, timeout, const pillion_sigset_t *, mask, size_t, masksize)
#endif
PILLION_SYS2(eventfd2, unsigned, count, int, flags)
PILLION_SYS4(signalfd4, int, fd, const pillion_sigset_t *, mask, size_t, masksize, int, flags)
PILLION_SYS2(timerfd_create, int, clockid, int, flags)
PILLION_SYS4(timerfd_settime, int, fd, int, flags, const struct itimerspec *, value,
    struct itimerspec *, old)
PILLION_SYS2(timerfd_gettime, int, fd, struct itimerspec *, value)
PILLION_SYS1(inotify_init1, int, flags)
PILLION_SYS3(inotify_add_watch, int, fd, const char *, path, unsigned, mask)
PILLION_SYS2(inotify_rm_watch, int, fd, int, wd)
PILLION_SYS2(fanotify_init, unsigned, flags, unsigned, event_flags)
PILLION_SYS5(fanotify_mark, int, fd, unsigned, flags, uint64_t, mask, int, dfd, const char *, path)

/* Sockets */
PILLION_SYS3(socket, int, family, int, type, int, protocol)
PILLION_SYS4(socketpair, int, family, int, type, int, protocol, int *, fds)
PILLION_SYS3(bind, int, fd, const struct sockaddr *, addr, unsigned, len)
PILLION_SYS2(listen, int, fd, int, backlog)
PILLION_SYS3(accept, int, fd, struct sockaddr *, addr, unsigned *, len)
PILLION_SYS4(accept4, int, fd, struct sockaddr *, addr, unsigned *, len, int, flags)
PILLION_SYS3(connect, int, fd, const struct sockaddr *, addr, unsigned, len)
PILLION_SYS3(getsockname, int, fd, struct sockaddr *, addr, unsigned *, len)
PILLION_SYS3(getpeername, int, fd, struct sockaddr *, addr, unsigned *, len)
PILLION_SYS6(sendto, int, fd, const void *, buf, size_t, count, unsigned, flags,
    const struct sockaddr *, addr, unsigned, len)
PILLION_SYS6(recvfrom, int, fd, void *, buf, size_t, count, unsigned, flags,
    struct sockaddr *, addr, unsigned *, len)
PILLION_SYS5(setsockopt, int, fd, int, level, int, name, const void *, value, unsigned, len)
PILLION_SYS5(getsockopt, int, fd, int, level, int, name, void *, value, unsigned *, len)
PILLION_SYS2(shutdown, int, fd, int, how)
PILLION_SYS3(sendmsg, int, fd, const struct msghdr *, msg, unsigned, flags)
PILLION_SYS3(recvmsg, int, fd, struct msghdr *, msg, unsigned, flags)
PILLION_SYS4(sendmmsg, int, fd, struct mmsghdr *, msgs, unsigned, count, unsigned, flags)
PILLION_SYS5(recvmmsg, int, fd, struct mmsghdr *, msgs, unsigned, count, unsigned, flags,
    struct timespec *, timeout)

/* Time */
PILLION_SYS2(clock_gettime, int, clockid, struct timespec *, ts)
PILLION_SYS2(clock_settime, int, clockid, const struct timespec *, ts)
PILLION_SYS2(clock_getres, int, clockid, struct timespec *, ts)
PILLION_SYS4(clock_nanosleep, int, clockid, int, flags, const struct timespec *, req,
    struct timespec *, rem)
PILLION_SYS2(clock_adjtime, int, clockid, struct timex *, tx)
PILLION_SYS1(adjtimex, struct timex *, tx)
PILLION_SYS2(nanosleep, const struct timespec *, req, struct timespec *, rem)
PILLION_SYS2(gettimeofday, struct timeval *, tv, struct timezone *, tz)
PILLION_SYS2(settimeofday, const struct timeval *, tv, const struct timezone *, tz)
PILLION_SYS1(times, struct tms *, buf)
PILLION_SYS2(getitimer, int, which, struct itimerval *, value)
PILLION_SYS3(setitimer, int, which, const struct itimerval *, value, struct itimerval *, old)
PILLION_SYS3(timer_create, int, clockid, struct sigevent *, event, int *, timerid)
PILLION_SYS4(timer_settime, int, timerid, int, flags, const struct itimerspec *, value,
    struct itimerspec *, old)
PILLION_SYS2(timer_gettime, int, timerid, struct itimerspec *, value)
PILLION_SYS1(timer_getoverrun, int, timerid)
PILLION_SYS1(timer_delete, int, timerid)

/* Processes, threads, credentials. exit ends the calling task, not the host's thread. */
PILLION_SYS1(exit, int, code)
PILLION_SYS1(exit_group, int, code)
PILLION_SYS4(wait4, int, pid, int *, status, int, options, struct rusage *, ru)
PILLION_SYS5(waitid, int, which, int, pid, void *, siginfo, int, options, struct rusage *, ru)
PILLION_SYS0(getpid)
PILLION_SYS0(getppid)
PILLION_SYS0(gettid)
PILLION_SYS1(getpgid, int, pid)
PILLION_SYS2(setpgid, int, pid, int, pgid)
PILLION_SYS1(getsid, int, pid)
PILLION_SYS0(setsid)
PILLION_SYS0(vhangup)
PILLION_SYS0(getuid)
PILLION_SYS0(geteuid)
PILLION_SYS0(getgid)
PILLION_SYS0(getegid)
PILLION_SYS1(setuid, unsigned, uid)
PILLION_SYS1(setgid, unsigned, gid)
PILLION_SYS2(setreuid, unsigned, ruid, unsigned, euid)
PILLION_SYS2(setregid, unsigned, rgid, unsigned, egid)
PILLION_SYS3(setresuid, unsigned, ruid, unsigned, euid, unsigned, suid)
PILLION_SYS3(setresgid, unsigned, rgid, unsigned, egid, unsigned, sgid)
PILLION_SYS3(getresuid, unsigned *, ruid, unsigned *, euid, unsigned *, suid)
PILLION_SYS3(getresgid, unsigned *, rgid, unsigned *, egid, unsigned *, sgid)
PILLION_SYS1(setfsuid, unsigned, uid)
PILLION_SYS1(setfsgid, unsigned, gid)
PILLION_SYS2(getgroups, int, size, unsigned *, list)
PILLION_SYS2(setgroups, int, size, const unsigned *, list)
PILLION_SYS2(capget, struct __user_cap_header_struct *, hdr, struct __user_cap_data_struct *, data)
PILLION_SYS2(capset, struct __user_cap_header_struct *, hdr,
    const struct __user_cap_data_struct *, data)
PILLION_SYS5(prctl, int, option, unsigned long, arg2, unsigned long, arg3, unsigned long, arg4,
    unsigned long, arg5)
PILLION_SYS1(personality, unsigned, persona)
PILLION_SYS1(unshare, unsigned long, flags)
PILLION_SYS2(setns, int, fd, int, nstype)
PILLION_SYS2(getrlimit, unsigned, resource, struct rlimit *, rlim)
PILLION_SYS2(setrlimit, unsigned, resource, const struct rlimit *, rlim)
PILLION_SYS4(prlimit64, int, pid, unsigned, resource, const struct rlimit64 *, rlim,
    struct rlimit64 *, old)
PILLION_SYS2(getrusage, int, who, struct rusage *, ru)
PILLION_SYS2(getpriority, int, which, int, who)
PILLION_SYS3(setpriority, int, which, int, who, int, nice)
PILLION_SYS2(ioprio_get, int, which, int, who)
PILLION_SYS3(ioprio_set, int, which, int, who, int, ioprio)
PILLION_SYS0(sched_yield)
PILLION_SYS2(sched_setparam, int, pid, const struct sched_param *, param)
PILLION_SYS2(sched_getparam, int, pid, struct sched_param *, param)
PILLION_SYS3(sched_setscheduler, int, pid, int, policy, const struct sched_param *, param)
PILLION_SYS1(sched_getscheduler, int, pid)
PILLION_SYS3(sched_setattr, int, pid, struct sched_attr *, attr, unsigned, flags)
PILLION_SYS4(sched_getattr, int, pid, struct sched_attr *, attr, unsigned, size, unsigned, flags)
PILLION_SYS3(sched_setaffinity, int, pid, unsigned, len, const unsigned long *, mask)
PILLION_SYS3(sched_getaffinity, int, pid, unsigned, len, unsigned long *, mask)
PILLION_SYS1(sched_get_priority_max, int, policy)
PILLION_SYS1(sched_get_priority_min, int, policy)
PILLION_SYS2(sched_rr_get_interval, int, pid, struct timespec *, interval)
PILLION_SYS3(getcpu, unsigned *, cpu, unsigned *, node, void *, unused)
PILLION_SYS3(membarrier, int, cmd, unsigned, flags, int, cpu_id)
#ifdef SYS_pidfd_open
PILLION_SYS2(pidfd_open, int, pid, unsigned, flags)
#endif
#ifdef SYS_pidfd_getfd
PILLION_SYS3(pidfd_getfd, int, pidfd, int, fd, unsigned, flags)
#endif

/*
 * Signals of the donor: they interrupt calls and reach pillion_options.signal, never a handler.
 */
PILLION_SYS2(kill, int, pid, int, sig)
PILLION_SYS2(tkill, int, tid, int, sig)
PILLION_SYS3(tgkill, int, tgid, int, tid, int, sig)
PILLION_SYS4(rt_sigaction, int, sig, const struct pillion_sigaction *, act,
    struct pillion_sigaction *, old, size_t, masksize)
PILLION_SYS4(rt_sigprocmask, int, how, const pillion_sigset_t *, set, pillion_sigset_t *, old,
    size_t, masksize)
PILLION_SYS2(rt_sigpending, pillion_sigset_t *, set, size_t, masksize)
PILLION_SYS2(rt_sigsuspend, const pillion_sigset_t *, mask, size_t, masksize)
PILLION_SYS4(rt_sigtimedwait, const pillion_sigset_t *, set, void *, siginfo,
    const struct timespec *, timeout, size_t, masksize)
PILLION_SYS3(rt_sigqueueinfo, int, pid, int, sig, void *, siginfo)
PILLION_SYS4(rt_tgsigqueueinfo, int, tgid, int, tid, int, sig, void *, siginfo)
#ifdef SYS_pidfd_send_signal
PILLION_SYS4(pidfd_send_signal, int, pidfd, int, sig, void *, siginfo, unsigned, flags)
#endif

/* Between tasks */
PILLION_SYS6(futex, uint32_t *, uaddr, int, op, uint32_t, val, const struct timespec *, timeout,
    uint32_t *, uaddr2, uint32_t, val3)
#ifdef SYS_futex_waitv
PILLION_SYS5(futex_waitv, struct futex_waitv *, waiters, unsigned, count, unsigned, flags,
    struct timespec *, timeout, int, clockid)
#endif
PILLION_SYS2(msgget, int, key, int, flags)
PILLION_SYS3(msgctl, int, msqid, int, cmd, struct msqid_ds *, buf)
PILLION_SYS4(msgsnd, int, msqid, const void *, msg, size_t, size, int, flags)
PILLION_SYS5(msgrcv, int, msqid, void *, msg, size_t, size, long, type, int, flags)
PILLION_SYS3(semget, int, key, int, nsems, int, flags)
PILLION_SYS4(semctl, int, semid, int, semnum, int, cmd, unsigned long, arg)
PILLION_SYS3(semop, int, semid, struct sembuf *, ops, unsigned, count)
PILLION_SYS4(semtimedop, int, semid, struct sembuf *, ops, unsigned, count,
    const struct timespec *, timeout)
PILLION_SYS3(shmget, int, key, size_t, size, int, flags)
PILLION_SYS3(shmctl, int, shmid, int, cmd, struct shmid_ds *, buf)
PILLION_SYS4(mq_open, const char *, name, int, flags, unsigned, mode, struct mq_attr *, attr)
PILLION_SYS1(mq_unlink, const char *, name)
PILLION_SYS5(mq_timedsend, int, mqd, const char *, msg, size_t, len, unsigned, prio,
    const struct timespec *, timeout)
PILLION_SYS5(mq_timedreceive, int, mqd, char *, msg, size_t, len, unsigned *, prio,
    const struct timespec *, timeout)
PILLION_SYS2(mq_notify, int, mqd, const struct sigevent *, event)
PILLION_SYS3(mq_getsetattr, int, mqd, const struct mq_attr *, attr, struct mq_attr *, old)

/* The system */
PILLION_SYS1(uname, struct utsname *, buf)
PILLION_SYS2(sethostname, const char *, name, int, len)
PILLION_SYS2(setdomainname, const char *, name, int, len)
PILLION_SYS1(sysinfo, struct sysinfo *, info)
PILLION_SYS3(syslog, int, type, char *, buf, int, len)
PILLION_SYS3(getrandom, void *, buf, size_t, count, unsigned, flags)
PILLION_SYS5(add_key, const char *, type, const char *, description, const void *, payload,
    size_t, len, int, keyring)
PILLION_SYS4(request_key, const char *, type, const char *, description, const char *, callout,
    int, keyring)
PILLION_SYS5(keyctl, int, cmd, unsigned long, arg2, unsigned long, arg3, unsigned long, arg4,
    unsigned long, arg5)
PILLION_SYS3(bpf, int, cmd, union bpf_attr *, attr, unsigned, size)

/* The older forms, on instruction sets that have them */
#ifdef SYS_open
PILLION_SYS3(open, const char *, path, int, flags, unsigned, mode)
PILLION_SYS2(creat, const char *, path, unsigned, mode)
PILLION_SYS2(stat, const char *, path, struct stat *, st)
PILLION_SYS2(lstat, const char *, path, struct stat *, st)
PILLION_SYS2(access, const char *, path, int, mode)
PILLION_SYS2(mkdir, const char *, path, unsigned, mode)
PILLION_SYS1(rmdir, const char *, path)
PILLION_SYS3(mknod, const char *, path, unsigned, mode, unsigned, dev)
PILLION_SYS1(unlink, const char *, path)
PILLION_SYS2(link, const char *, oldpath, const char *, newpath)
PILLION_SYS2(symlink, const char *, target, const char *, path)
PILLION_SYS2(rename, const char *, oldpath, const char *, newpath)
PILLION_SYS3(readlink, const char *, path, char *, buf, int, size)
PILLION_SYS2(chmod, const char *, path, unsigned, mode)
PILLION_SYS3(chown, const char *, path, unsigned, uid, unsigned, gid)
PILLION_SYS3(lchown, const char *, path, unsigned, uid, unsigned, gid)
PILLION_SYS2(utime, const char *, path, const struct utimbuf *, times)
PILLION_SYS2(utimes, const char *, path, const struct timeval *, times)
PILLION_SYS3(futimesat, int, dfd, const char *, path, const struct timeval *, times)
PILLION_SYS3(getdents, int, fd, struct linux_dirent *, dirents, unsigned, count)
PILLION_SYS2(ustat, unsigned, dev, struct ustat *, buf)
PILLION_SYS3(sysfs, int, option, unsigned long, arg1, unsigned long, arg2)
PILLION_SYS2(dup2, int, oldfd, int, newfd)
PILLION_SYS1(pipe, int *, fds)
PILLION_SYS3(poll, struct pollfd *, fds, unsigned, nfds, int, timeout)
PILLION_SYS5(select, int, n, void *, readfds, void *, writefds, void *, exceptfds,
    struct timeval *, timeout)
PILLION_SYS1(epoll_create, int, size)
PILLION_SYS4(epoll_wait, int, epfd, struct epoll_event *, events, int, maxevents, int, timeout)
PILLION_SYS1(eventfd, unsigned, count)
PILLION_SYS3(signalfd, int, fd, const pillion_sigset_t *, mask, size_t, masksize)
PILLION_SYS0(inotify_init)
PILLION_SYS1(alarm, unsigned, seconds)
PILLION_SYS0(pause)
PILLION_SYS0(getpgrp)
PILLION_SYS1(time, long *, t)
#endif

#ifdef __cplusplus
}
#endif
#endif
