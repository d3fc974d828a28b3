"""What `torch.save` writes, in its archive or the pickles of its first years: tensors alone."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from zipfile import ZIP_STORED

from netspec.extras import require
from netspec.lower.weights.entries import NoStateDict, StateDicts, first_sentence, state_dicts
from netspec.lower.weights.refusal import no_weights, refusing, without_warnings
from netspec.lower.weights.zips import opened

TORCH_PICKLE = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19"
"""How a file begins that isn't an archive: PyTorch's magic number, pickled."""

_SAVE = "save `model.state_dict()`"

_OTHERS = "it holds other objects than tensors"
_DAMAGED = "it is damaged, or `torch.save` didn't write it"
_ENCRYPTED = 1

_FOREIGN = re.compile(r"GLOBAL ([\w.]+)|allowlisted")
"""How PyTorch says that a file holds other objects, and mostly of which class."""

_PICKLE = "data.pkl"

_ALLOCATION = b"bytearray\n"
"""The one name in a pickle by which PyTorch's reader would fill as much memory as is asked for."""

_PIECE = 1 << 20


def is_torch_zip(path: Path) -> bool:
    """Whether an archive is one of `torch.save`; SpecError (`weights-format`) for a broken one."""
    with opened(path) as archive:
        return any(_is_named(each, _PICKLE) for each in archive.namelist())


def read_torch_zip(path: Path) -> StateDicts:
    """The tensors of an archive. They stay in the file, mapped into memory, till they are read.

    Raises as `read_torch` does.
    """
    with opened(path) as archive:
        if any(_is_named(each, "constants.pkl") for each in archive.namelist()):
            raise no_weights(path, "it holds a TorchScript module", _SAVE)
        for member in archive.infolist():
            # PyTorch doesn't compress, and what is compressed could grow without end.
            if member.compress_type != ZIP_STORED or member.flag_bits & _ENCRYPTED:
                raise no_weights(path, _DAMAGED)
            if _is_named(member.filename, _PICKLE):
                with refusing(path), archive.open(member) as file:
                    foreign = _asks_for_memory(file)
                if foreign:
                    raise no_weights(path, _OTHERS, _SAVE)
    return _read(path, mapped=True)


def read_torch(path: Path) -> StateDicts:
    """The tensors of a file of the older kind; SpecError: `weights-format`, `missing-extra` without
    torch.
    """
    with path.open("rb") as file:
        if _asks_for_memory(file):
            raise no_weights(path, _OTHERS, _SAVE)
    return _read(path, mapped=False)


def _read(path: Path, *, mapped: bool) -> StateDicts:
    require("torch", "torch")
    import torch

    try:
        with without_warnings(), _named_plainly(path) as name:
            held = torch.load(name, map_location="cpu", weights_only=True, mmap=mapped)
    except Exception as error:  # whatever a broken file brings PyTorch's readers to
        reason, help = _reason(error)
        raise no_weights(path, reason, help) from error
    if not isinstance(held, Mapping):
        raise no_weights(path, "it holds no state dict", _SAVE)
    try:
        return state_dicts(held)
    except NoStateDict as error:
        raise no_weights(path, str(error), _SAVE) from error


@contextmanager
def _named_plainly(path: Path) -> Iterator[Path]:
    """A name of the file by which PyTorch doesn't take it for a file of safetensors."""
    if path.suffix != ".safetensors":
        yield path
        return
    with TemporaryDirectory(prefix="netspec-") as folder:
        link = Path(folder) / "weights"
        link.symlink_to(path.absolute())
        yield link


def _reason(error: Exception) -> tuple[str, str | None]:
    """Why PyTorch can't read a file, in fewer words than its own, and what to do."""
    foreign = _FOREIGN.search(str(error))
    if foreign is not None:
        return _OTHERS + (f": `{foreign[1]}`" if foreign[1] else ""), _SAVE
    if isinstance(error, OSError | MemoryError):
        return first_sentence(error), None
    return _DAMAGED, None


def _is_named(member: str, name: str) -> bool:
    return member.rpartition("/")[2] == name


def _asks_for_memory(file: IO[bytes]) -> bool:
    """Whether a pickle names what only memory is asked for with."""
    kept = b""
    while piece := file.read(_PIECE):
        if _ALLOCATION in kept + piece:
            return True
        kept = piece[-len(_ALLOCATION) :]
    return False
