"""Room for results: on the disk, looked at before anything is written, and in memory."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from netspec.counted import counted
from netspec.diagnostics import Diagnostic, SpecError

PYTORCH_ALLOCATOR = "DefaultCPUAllocator"
"""What gives PyTorch memory, as it calls itself where there is none."""
UNASKED = 2**26
"""Bytes that need no look at the memory first."""
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where a container's limit stands."""
_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


def require_room(file: BinaryIO, size: int) -> None:
    """SpecError (`cannot-write`) where so many bytes don't fit the disk that the file lies on.

    What is no file on a disk, or on one that doesn't tell, takes whatever comes.
    """
    try:
        descriptor = file.fileno()
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return
        disk = os.fstatvfs(descriptor)
    except (OSError, AttributeError):  # a file in memory; a system without the call
        return
    free = disk.f_bavail * disk.f_frsize
    if size > free:
        message = f"the result can't be written: {in_units(size)}, where {in_units(free)} are free"
        raise SpecError([Diagnostic("cannot-write", message)])


def free_memory() -> int | None:
    """Bytes of memory that are to be had; None where the system doesn't tell."""
    found = [*filter(None, (_available(), *map(_number_in, _LIMITS)))]
    return min(found, default=None)


def _available() -> int | None:
    """What Linux says that there is, caches that give way included; elsewhere all there is."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            for line in file:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, AttributeError, ValueError):
        return None


def _number_in(path: str) -> int | None:
    """The number that a file holds; None where it isn't there, or says that there is no limit."""
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


@contextmanager
def requiring_memory(what: str, size: int = 0) -> Iterator[None]:
    """SpecError (`too-large`) where there isn't the memory for what is made within.

    Of so many bytes it is told beforehand: systems promise what they don't have, and then end the
    process that uses it.
    """
    missing = SpecError([Diagnostic("too-large", f"there is no memory for {what}")])
    if size > UNASKED and size > (free_memory() or size):
        raise missing
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # PyTorch has no error of its own for it.
        if isinstance(error, RuntimeError) and PYTORCH_ALLOCATOR not in str(error):
            raise
        raise missing from error


def in_units(size: int) -> str:
    """A number of bytes as a person reads it.

    >>> in_units(2**42), in_units(1536), in_units(12)
    ('4.0 TiB', '1.5 KiB', '12 bytes')
    """
    power = min((max(size, 1).bit_length() - 1) // 10, len(_UNITS) - 1)
    return f"{size / 1024**power:.1f} {_UNITS[power]}" if power else counted(size, "byte")
