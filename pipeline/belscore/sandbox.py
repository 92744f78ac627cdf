"""Confine this process before it touches a file from outside: memory, time, files, programs, network.

Barrier behind barrier, each of which may be missing: resource limits (Linux, macOS), Landlock (Linux 5.13) and a filter
on system calls (Linux on x86_64 and aarch64). None of them needs to be root, and being root loosens none of them.
What holds on this machine tells `sandbox_probe.sandbox_report`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from belscore.syscall_filter import install_filter

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

# linux/prctl.h
_SET_DEATH_SIGNAL, _SET_DUMPABLE, _SET_NO_NEW_PRIVILEGES = 1, 4, 38
# linux/landlock.h: the same numbers on every machine.
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_ASK_VERSION = 1
# Rights on files by version of Landlock: 13 in the first, then renaming across folders, truncating, device controls.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_FILE_RIGHTS_SINCE_5 = 16
_NETWORK_SINCE, _NETWORK_RIGHTS = 4, 0b11  # binding and connecting TCP
_SCOPES_SINCE, _SCOPES = 6, 0b11  # abstract sockets and signals outside


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """What the process may take.

    memory_bytes : address space
    cpu_s        : processor time, in whole seconds
    parent       : process id of who started it, with which it ends; None for nobody
    """

    memory_bytes: int
    cpu_s: int
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Barrier:
    """One thing that confines a process; `missing` says why it does not stand here, "" that it stands."""

    name: str
    missing: str = ""


def confine(limits: ProcessLimits, *, writable_fd: int = 1) -> tuple[Barrier, ...]:
    """Take from this process, for good, all but computing, reading what is open and writing to one descriptor.

    To be called with one thread, and with everything imported that will be needed: no file can be opened after it.
    What this system does not have is skipped; the barriers tell which stand.
    """
    return tuple(_tried(name, raise_it) for name, raise_it in _barriers(limits, writable_fd))


def _tried(name: str, raise_it: Callable[[], None]) -> Barrier:
    try:
        raise_it()
    except (OSError, ValueError, AttributeError, ImportError) as error:
        return Barrier(name, str(error) or type(error).__name__)
    return Barrier(name)


def _barriers(limits: ProcessLimits, writable_fd: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """The barriers in the order in which they can be raised: the filter last, since it refuses to raise more."""
    yield "ends_with_parent", lambda: _end_with_parent(limits.parent)
    yield "no_new_privileges", lambda: _prctl(_SET_NO_NEW_PRIVILEGES, 1)
    yield "not_traceable", lambda: _prctl(_SET_DUMPABLE, 0)
    yield "landlock", _close_files_and_network
    yield "limit_memory", lambda: _limit("AS", limits.memory_bytes)
    yield "limit_cpu", lambda: _limit("CPU", limits.cpu_s)
    yield "limit_core", lambda: _limit("CORE", 0)
    yield "limit_file_size", lambda: _limit("FSIZE", 0)
    yield "limit_processes", lambda: _limit("NPROC", 0)
    yield "limit_open_files", lambda: _limit("NOFILE", 0)
    yield "syscall_filter", lambda: _filter(writable_fd)


def _limit(name: str, value: int) -> None:
    if resource is None:
        raise OSError("this system has no resource limits")
    which = getattr(resource, f"RLIMIT_{name}")
    _, hard = resource.getrlimit(which)
    # An administrator's lower limit stays.
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _prctl(option: int, value: int) -> None:
    _linux_only()
    zero = ctypes.c_ulong(0)
    if ctypes.CDLL(None, use_errno=True).prctl(option, ctypes.c_ulong(value), zero, zero, zero):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _linux_only() -> None:
    if sys.platform != "linux":
        raise OSError("Linux has it, this system has not")


def _end_with_parent(parent: int | None) -> None:
    _prctl(_SET_DEATH_SIGNAL, signal.SIGKILL.value)
    # The parent may have ended before the kernel was told.
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def _close_files_and_network() -> None:
    """Landlock with no rule at all: every right it knows is taken away."""
    _linux_only()
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint(_ASK_VERSION))
    if version < 1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    rights = struct.pack(
        "=QQQ",
        (1 << _FILE_RIGHTS.get(version, _FILE_RIGHTS_SINCE_5)) - 1,
        _NETWORK_RIGHTS if version >= _NETWORK_SINCE else 0,
        _SCOPES if version >= _SCOPES_SINCE else 0,
    )
    # Older kernels take a longer structure when what they do not know is zero.
    fd = libc.syscall(ctypes.c_long(_CREATE_RULESET), rights, ctypes.c_size_t(len(rights)), ctypes.c_uint(0))
    if fd < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    try:
        if libc.syscall(ctypes.c_long(_RESTRICT_SELF), ctypes.c_int(fd), ctypes.c_uint(0)):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    finally:
        with contextlib.suppress(OSError):
            os.close(fd)


def _filter(writable_fd: int) -> None:
    _linux_only()
    install_filter(writable_fd)
