"""Files whose bytes go to the disk while more of them are being made."""

import io
import os
from typing import BinaryIO, cast

STEP = 1 << 23
"""Bytes after which the system is told to begin with them."""


def eager_file(descriptor: int) -> BinaryIO:
    """A buffered file to write to; closing it closes the descriptor.

    `fsync` at the end waits for what isn't on the disk yet: of a large file that is most of it,
    unless the system has been told to begin (Linux).
    """
    return cast(BinaryIO, io.BufferedWriter(_Eager(descriptor, "wb")))


class _Eager(io.FileIO):
    def __init__(self, descriptor: int, mode: str) -> None:
        super().__init__(descriptor, mode)
        self._told = self._written = 0

    def write(self, data: "bytes | bytearray | memoryview", /) -> int | None:  # type: ignore[override]
        count = super().write(data)
        self._written += count or 0
        if self._written - self._told >= STEP and hasattr(os, "posix_fadvise"):
            # The advice is that the pages aren't needed soon; those that are dirty it first writes.
            length = self._written - self._told
            os.posix_fadvise(self.fileno(), self._told, length, os.POSIX_FADV_DONTNEED)
            self._told = self._written
        return count
