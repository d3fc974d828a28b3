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


@contextmanager
def requiring_memory(what: str) -> Iterator[None]:
    """SpecError (`too-large`) where there isn't the memory for what is made within."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        # PyTorch has no error of its own for it.
        if isinstance(error, RuntimeError) and PYTORCH_ALLOCATOR not in str(error):
            raise
        raise SpecError([Diagnostic("too-large", f"there is no memory for {what}")]) from error


def in_units(size: int) -> str:
    """A number of bytes as a person reads it.

    >>> in_units(2**42), in_units(1536), in_units(12)
    ('4.0 TiB', '1.5 KiB', '12 bytes')
    """
    power = min((max(size, 1).bit_length() - 1) // 10, len(_UNITS) - 1)
    return f"{size / 1024**power:.1f} {_UNITS[power]}" if power else counted(size, "byte")
