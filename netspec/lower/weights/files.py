"""Files of weights, whatever they are called: their first bytes say what they are."""

import os
import stat
from pathlib import Path

from netspec.diagnostics import Diagnostic, SpecError
from netspec.lower.weights.entries import StateDicts
from netspec.lower.weights.npz import read_npz
from netspec.lower.weights.refusal import no_weights
from netspec.lower.weights.safetensors_file import looks_like_safetensors, read_safetensors
from netspec.lower.weights.sharded import index_in, looks_like_index, read_sharded, shards_of
from netspec.lower.weights.torch_file import TORCH_PICKLE, is_torch_zip, read_torch, read_torch_zip

_HEAD = 512
"""The bytes at a file's beginning that tell what it is."""

_FOREIGN = (
    (b"\x93NUMPY", "it holds one array without a name", "save it with `numpy.savez`"),
    (b"\x89HDF", "it is an HDF5 file, as Keras writes them", None),
    (b"\x1f\x8b", "it is compressed", "unpack it first"),
    (b"version https://git-lfs", "it is a pointer of Git LFS", "fetch it with `git lfs pull`"),
    (b"<", "it is a web page or another text", "download it again"),
    (b"\x80", "it is a pickle that `torch.save` didn't write", "save `model.state_dict()`"),
)
"""What else people have: how it begins, what it is, and what to do."""


def read_weights(path: Path) -> StateDicts:
    """The state dicts that a file holds, or the shards of an index, which may be named by its
    folder. Their tensors are read when they are asked for.

    Raises SpecError: `cannot-read`, `weights-format`, `missing-extra` (PyTorch's without torch).
    """
    try:
        path = index_in(path) if path.is_dir() else path
        if looks_like_index(_head(path)):
            return read_sharded(path, _read_file)
        return _read_file(path)
    except OSError as error:
        message = f"can't read `{error.filename or path}`: {error.strerror or error}"
        raise SpecError([Diagnostic("cannot-read", message)]) from error


def files_of(path: Path) -> tuple[Path, ...]:
    """The files that weights at a path are read from, as far as that can be told."""
    try:
        path = index_in(path) if path.is_dir() else path
        sharded = looks_like_index(_head(path))
        return (path, *(shards_of(path) if sharded else ()))
    except (OSError, SpecError):
        return (path,)  # whoever reads it says so


def _read_file(path: Path) -> StateDicts:
    """The state dicts of a file that isn't an index."""
    head = _head(path)
    if looks_like_safetensors(head):
        return read_safetensors(path)
    if head.startswith(b"PK"):
        return (read_torch_zip if is_torch_zip(path) else read_npz)(path)
    if head.startswith(TORCH_PICKLE):
        return read_torch(path)
    if head[257:262] == b"ustar":
        raise no_weights(path, "it is a tar archive", "unpack it first")
    for start, reason, help in _FOREIGN:
        if head.startswith(start):
            raise no_weights(path, reason, help)
    if not head:
        raise no_weights(path, "it is empty")
    known = "safetensors, `torch.save` or `numpy.savez`"
    raise no_weights(path, f"it is damaged, or not written by {known}")


def _head(path: Path) -> bytes:
    """The first bytes of a regular file; others might never end."""
    try:
        mode = os.stat(path).st_mode
    except ValueError:  # a name that no file can have, as with a zero byte
        raise OSError("it is no path") from None
    if not stat.S_ISREG(mode):
        raise OSError("it is no regular file")
    with path.open("rb") as file:
        return file.read(_HEAD)
