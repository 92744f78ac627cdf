"""A filter on the system calls of this process (Linux seccomp): what is not listed is refused by the kernel.

Written against the kernel's own interface (linux/seccomp.h, linux/filter.h; Documentation/userspace-api/seccomp_filter)
since no package serves: pyseccomp (last release 2021) needs the system's libseccomp, which slim containers lack.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterator

# What computing, taking memory and reading or writing open files needs. Nothing that opens, starts, sends to another
# process or asks about one is among them. Numbers: asm/unistd_64.h (x86_64), asm-generic/unistd.h (aarch64).
_ALLOWED = {
    "x86_64": {
        "read": 0, "close": 3, "lseek": 8, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
        "rt_sigreturn": 15, "pread64": 17, "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35,
        "getpid": 39, "exit": 60, "gettimeofday": 96, "sigaltstack": 131, "gettid": 186, "futex": 202,
        "sched_getaffinity": 204, "restart_syscall": 219, "clock_gettime": 228, "clock_nanosleep": 230,
        "exit_group": 231, "getrandom": 318,
    },
    "aarch64": {
        "read": 63, "close": 57, "lseek": 62, "munmap": 215, "brk": 214, "rt_sigaction": 134, "rt_sigprocmask": 135,
        "rt_sigreturn": 139, "pread64": 67, "sched_yield": 124, "mremap": 216, "madvise": 233, "nanosleep": 101,
        "getpid": 172, "exit": 93, "gettimeofday": 169, "sigaltstack": 132, "gettid": 178, "futex": 98,
        "sched_getaffinity": 123, "restart_syscall": 128, "clock_gettime": 113, "clock_nanosleep": 115,
        "exit_group": 94, "getrandom": 278,
    },
}  # fmt: skip
_WRITE = {"x86_64": 1, "aarch64": 64}
# These two may not make memory executable.
_MAPPING = {"x86_64": (9, 10), "aarch64": (222, 226)}  # mmap, mprotect
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # linux/audit.h
# x86_64 has a second way in, x32, with numbers of its own from here on.
_X32 = 0x4000_0000
# Numbers that no kernel had when this was written: "no such call" lets a newer C library fall back to an older one.
_UNKNOWN_FROM = 480

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_KILL, _ALLOW, _ERRNO = 0x8000_0000, 0x7FFF_0000, 0x0005_0000
# Offsets in struct seccomp_data; the low half of an argument comes first on both machines.
_NUMBER, _ARCH, _FIRST_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 32
_PROT_EXEC = 4
_SET_MODE_FILTER, _ALL_THREADS = 1, 1


class _Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install_filter(writable_fd: int) -> None:
    """Refuse every system call but the few above, for all threads and for good; writing goes to one descriptor.

    Needs no_new_privs. Raises OSError where the kernel or the machine knows no such filter.
    """
    machine = platform.machine()
    if machine not in _ALLOWED:
        raise OSError(errno.ENOSYS, f"no table of system calls for {machine or 'this machine'}")
    instructions = b"".join(struct.pack("=HBBI", *each) for each in _instructions(machine, writable_fd))
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    number = ctypes.c_long(_SECCOMP[machine])
    if libc.syscall(number, ctypes.c_uint(_SET_MODE_FILTER), ctypes.c_uint(_ALL_THREADS), ctypes.byref(program)):
        code = ctypes.get_errno()
        raise OSError(code or errno.EPERM, os.strerror(code) if code else "a thread could not be confined")


def _instructions(machine: str, writable_fd: int) -> Iterator[tuple[int, int, int, int]]:
    """The filter as (code, jump when true, jump when false, operand)."""
    refuse = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
    allow = (_RETURN, 0, 0, _ALLOW)
    yield _LOAD, 0, 0, _ARCH
    yield _EQUAL, 1, 0, _AUDIT_ARCH[machine]
    yield _RETURN, 0, 0, _KILL
    yield _LOAD, 0, 0, _NUMBER
    yield _AT_LEAST, 0, 1, _X32
    yield _RETURN, 0, 0, _KILL
    for number in _ALLOWED[machine].values():
        yield _EQUAL, 0, 1, number
        yield allow
    yield _EQUAL, 0, 4, _WRITE[machine]
    yield _LOAD, 0, 0, _FIRST_ARGUMENT
    yield _EQUAL, 0, 1, writable_fd
    yield allow
    yield refuse
    for number in _MAPPING[machine]:
        yield _EQUAL, 0, 4, number
        yield _LOAD, 0, 0, _THIRD_ARGUMENT
        yield _ANY_BIT, 1, 0, _PROT_EXEC
        yield allow
        yield refuse
    yield _AT_LEAST, 0, 1, _UNKNOWN_FROM
    yield _RETURN, 0, 0, _ERRNO | errno.ENOSYS
    yield refuse
