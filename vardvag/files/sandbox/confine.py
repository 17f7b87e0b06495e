"""Takes every right from the process that opens untrusted bytes: limits, namespaces, system calls.

Called by the worker after its libraries are loaded and before the first untrusted byte is read. Needs nothing
installed. bubblewrap around it (run.py) adds an empty file system and its own network; where that is missing
the system-call filter still refuses every socket, file and program.
"""

import ctypes
import errno
import os
import resource
import struct
import sys

# name: (x86_64, aarch64). What decoding needs and nothing else; all other calls answer EPERM.
_ALLOWED = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "exit": (60, 93),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sysinfo": (99, 179),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "set_robust_list": (273, 99),
    "getrandom": (318, 278),
    "rseq": (334, 293),
}
_MAP = {"mmap": (9, 222), "mprotect": (10, 226)}  # never executable
_CLONE = (56, 220)  # threads only, and none where the format does without: they take numbers from all
_CLONE3 = (435, 435)  # its flags lie in memory where a filter cannot look: "not there", so libc uses clone
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 32
_CLONE_THREAD, _PROT_EXEC = 0x10000, 0x4
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SIGKILL = 1, 22, 38, 9
_NEW_NAMESPACES = 0x10000000 | 0x40000000 | 0x08000000 | 0x00020000  # user, network, IPC, mounts


def limit(*, memory: int, cpu: int) -> None:
    """Bytes of address space, seconds of CPU; no new file may get a byte, no core is dumped."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS refuses to limit address space
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)


def leave_network() -> bool:
    """A network of its own, without interfaces. Best effort: some hosts allow no user namespaces."""
    return sys.platform == "linux" and bool(ctypes.CDLL(None).unshare(_NEW_NAMESPACES) == 0)


def filter_possible() -> bool:
    return sys.platform == "linux" and os.uname().machine in _ARCHITECTURES


def filter_calls(*, threads: bool) -> None:
    """Raises OSError where the kernel takes no filter: then nothing may be opened."""
    program = b"".join(struct.pack("HBBI", *line) for line in _program(threads))
    lines = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_void_p))

    what = Program(len(program) // 8, ctypes.cast(lines, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero) or libc.prctl(
        _PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(what), zero, zero
    ):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _program(threads: bool) -> list[tuple[int, int, int, int]]:
    """Classic BPF: (code, jump if true, jump if false, value)."""
    column, architecture = _ARCHITECTURES[os.uname().machine]
    allow, refuse = (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE | errno.EPERM)
    lines = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    for numbers in _ALLOWED.values():
        lines += [(_EQUAL, 0, 1, numbers[column]), allow]
    for numbers in _MAP.values():
        lines += [(_EQUAL, 0, 4, numbers[column]), (_LOAD, 0, 0, _THIRD_ARGUMENT)]
        lines += [(_ANY_BIT, 0, 1, _PROT_EXEC), refuse, allow]
    if threads:
        lines += [(_EQUAL, 0, 4, _CLONE[column]), (_LOAD, 0, 0, _FIRST_ARGUMENT)]
        lines += [(_ANY_BIT, 0, 1, _CLONE_THREAD), allow, refuse]
    lines += [(_EQUAL, 0, 1, _CLONE3[column]), (_RETURN, 0, 0, _REFUSE | errno.ENOSYS)]
    return [*lines, refuse]
