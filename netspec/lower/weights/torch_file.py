"""What `torch.save` writes, in its archive or the pickles of its first years: tensors alone."""

import mmap
from collections.abc import Mapping, Sequence
from pathlib import Path
from zipfile import ZIP_STORED, ZipInfo

from netspec.extras import require
from netspec.lower.weights.entries import NoStateDict, StateDicts, first_sentence, state_dicts
from netspec.lower.weights.refusal import no_weights, without_warnings
from netspec.lower.weights.zips import members

TORCH_PICKLE = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19"
"""How a file begins that isn't an archive: PyTorch's magic number, pickled."""

_SAVE = "save `model.state_dict()`"

_FOREIGN = {
    "TorchScript": "it holds a TorchScript module",
    "GLOBAL": "it holds other objects than tensors",
    "allowlisted": "it holds other objects than tensors",
}
"""What files hold that are PyTorch's but no weights, by a word of what PyTorch says of them."""

_ALLOCATION = b"bytearray\n"
"""The one name in a pickle by which PyTorch's reader would fill as much memory as is asked for."""


def holds_pickle(archive: Sequence[ZipInfo]) -> bool:
    """Whether an archive is one of `torch.save`."""
    return any(each.filename.rpartition("/")[2] == "data.pkl" for each in archive)


def read_torch_zip(path: Path) -> StateDicts:
    """The tensors of an archive. They stay in the file, mapped into memory, till they are read.

    Raises as `read_torch` does.
    """
    for member in members(path):
        # PyTorch doesn't compress, and what is compressed could grow without end.
        if member.compress_type != ZIP_STORED or member.flag_bits & 1:
            raise no_weights(path, "it is damaged, or `torch.save` didn't write it")
    return read_torch(path, mapped=True)


def read_torch(path: Path, *, mapped: bool = False) -> StateDicts:
    """The tensors of a file; SpecError: `weights-format`, `missing-extra` without torch."""
    require("torch", "torch")
    import torch

    _refuse_allocations(path)
    try:
        with without_warnings():
            held = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except Exception as error:  # whatever a broken file brings PyTorch's readers to
        reason, help = _reason(error)
        raise no_weights(path, reason, help) from error
    if not isinstance(held, Mapping):
        raise no_weights(path, "it holds no state dict", _SAVE)
    try:
        return state_dicts(held)
    except NoStateDict as error:
        raise no_weights(path, str(error), _SAVE) from error


def _reason(error: Exception) -> tuple[str, str | None]:
    """Why PyTorch can't read a file, in fewer words than its own, and what to do."""
    text = str(error)
    for word, reason in _FOREIGN.items():
        if word in text:
            return reason, _SAVE
    if isinstance(error, OSError | MemoryError):
        return first_sentence(error), None
    return "it is damaged, or `torch.save` didn't write it", None


def _refuse_allocations(path: Path) -> None:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        if text.find(_ALLOCATION) >= 0:
            raise no_weights(path, "it holds other objects than tensors", _SAVE)
