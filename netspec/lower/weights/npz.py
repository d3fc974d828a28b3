"""NumPy's `.npz`: an archive of arrays, of which only the headers are read at first."""

from functools import partial
from math import prod
from pathlib import Path
from typing import IO
from zipfile import ZipFile, ZipInfo

import numpy as np

from netspec.lower.values import Array
from netspec.lower.weights.entries import Entry, StateDicts, whole_type
from netspec.lower.weights.refusal import no_weights, refusing
from netspec.lower.weights.zips import opened

_SUFFIX = ".npy"


def read_npz(path: Path) -> StateDicts:
    """The arrays of a file, each looked at now and read when it is asked for.

    SpecError (`weights-format`) where it holds anything else, or less than it announces.
    """
    archive = opened(path)
    entries: dict[str, Entry] = {}
    for member in archive.infolist():
        if not member.filename.endswith(_SUFFIX):
            raise no_weights(path, f"it is a zip file with `{member.filename}`, which is no array")
        with refusing(path):
            entries[member.filename.removesuffix(_SUFFIX)] = _entry(path, archive, member)
    return {"": entries}


def _entry(path: Path, archive: ZipFile, member: ZipInfo) -> Entry:
    with archive.open(member) as file:
        shape, dtype = _described(file)
        size = file.tell() + prod(shape) * dtype.itemsize
    if dtype.hasobject:
        raise no_weights(path, f"`{member.filename}` holds other objects than numbers")
    if size != member.file_size:
        raise no_weights(path, f"`{member.filename}` has {member.file_size} bytes, not {size}")
    kind = whole_type(dtype)
    return Entry(shape, kind.name, partial(_values, path, archive, member))


def _described(file: IO[bytes]) -> "tuple[tuple[int, ...], np.dtype[np.generic]]":
    """The shape and type that an array's header announces. (Its third version is of structures
    with names that aren't ASCII.)
    """
    version = np.lib.format.read_magic(file)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in read:
        raise ValueError(f"an array of version {version[0]}.{version[1]}")
    shape, _, dtype = read[version](file)
    return shape, dtype


def _values(path: Path, archive: ZipFile, member: ZipInfo) -> Array:
    with refusing(path), archive.open(member) as file:
        array: Array = np.lib.format.read_array(file, allow_pickle=False)
    return array.view(whole_type(array.dtype))
