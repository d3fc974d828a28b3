"""Zip archives, in which NumPy and PyTorch keep arrays: opened with care."""

import mmap
from pathlib import Path
from zipfile import ZipFile, ZipInfo

from netspec.lower.weights.refusal import no_weights, refusing

MAX_MEMBERS = 200_000
"""The most members of an archive: each costs a thousand bytes of memory to know of."""

_DIRECTORY_ENTRY = b"PK\x01\x02"


def opened(path: Path) -> ZipFile:
    """An archive without two members of one name; it is closed when it is dropped."""
    if _count(path, _DIRECTORY_ENTRY, MAX_MEMBERS) > MAX_MEMBERS:
        raise no_weights(path, f"it has more than {MAX_MEMBERS:,} members")
    with refusing(path):
        archive = ZipFile(path)
    names = archive.namelist()
    twice = next((name for name in names if names.count(name) > 1), None) if _again(names) else None
    if twice is not None:
        raise no_weights(path, f"it holds `{twice}` twice")
    return archive


def members(path: Path) -> list[ZipInfo]:
    """What an archive holds."""
    with opened(path) as archive:
        return archive.infolist()


def _again(names: list[str]) -> bool:
    return len(set(names)) < len(names)


def _count(path: Path, mark: bytes, limit: int) -> int:
    """How often the mark stands in a file, if not more than once above the limit."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        found, start = 0, text.find(mark)
        while start >= 0 and found <= limit:
            found, start = found + 1, text.find(mark, start + 1)
        return found
