"""Files of weights: `.safetensors`, `.npz` and PyTorch's `.pt` are read, `.safetensors` written."""

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from netspec.diagnostics import Diagnostic, SpecError
from netspec.extras import require
from netspec.graph import Graph
from netspec.lower.ahead import ahead
from netspec.lower.fillers import Array
from netspec.lower.values import Stored, raw


@dataclass(frozen=True, slots=True)
class Entry:
    """A tensor: its shape is known before its values are read. `stored` is where they lie."""

    shape: tuple[int, ...]
    read: Callable[[], Array]
    stored: Stored | None = None


Entries: TypeAlias = dict[str, Entry]


def entry(name: str, tensor: Any) -> Entry:
    """An array, or what NumPy makes one of, or a PyTorch tensor.

    SpecError (`weights-format`), perhaps not before it is read, where it holds no array's values.
    """
    with _saying_which(name):
        return Entry(tuple(np.shape(tensor)), partial(_to_array, name, tensor))


def read_weights(path: Path) -> Entries:
    """The tensors of a file, whose suffix says what it is.

    Raises SpecError: `cannot-read`, `weights-format`, `missing-extra` (a `.pt` without torch).
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        kinds = ", ".join(_READERS)
        message = f"can't tell what weights `{path}` holds: its suffix is none of {kinds}"
        raise SpecError([Diagnostic("weights-format", message)])
    try:
        # Opened first: each library has an exception of its own for a file that isn't there.
        with path.open("rb"):
            return reader(path)
    except OSError as error:
        message = f"can't read `{path}`: {error.strerror or error}"
        raise SpecError([Diagnostic("cannot-read", message)]) from error


def write_safetensors(graph: Graph, weights: Mapping[str, Array], file: BinaryIO) -> None:
    """Write every parameter and buffer of the graph that the weights have, one in memory at a time.

    Given weights may lack what the TRAIN phase alone has. A parameter that shares another's values
    is written under its own name too: the format knows no references, and
    `load_state_dict(strict=True)` asks for every name. The same weights give the same bytes.
    """
    # The widest elements first, as the safetensors library sorts: then each tensor is aligned.
    held = [parameter for parameter in graph.parameters if parameter.name in weights]
    parameters = sorted(held, key=lambda parameter: -_STORED[parameter.dtype][1])
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for parameter in parameters:
        name, size = _STORED[parameter.dtype]
        start, end = end, end + parameter.elements * size
        header[parameter.name] = {
            "dtype": name,
            "shape": parameter.shape,
            "data_offsets": (start, end),
        }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    sizes = [parameter.elements * _STORED[parameter.dtype][1] for parameter in parameters]
    makers = [partial(weights.__getitem__, parameter.name) for parameter in parameters]
    for values in ahead(zip(sizes, makers, strict=True)):
        file.write(raw(values))
        del values  # before the next ones are made


_STORED = {"float32": ("F32", 4), "int64": ("I64", 8)}
"""What safetensors calls an element type, and its bytes."""

_ELEMENT_TYPES = {
    "F64": "float64",
    "F32": "float32",
    "F16": "float16",
    "BF16": "bfloat16",
    "I64": "int64",
    "I32": "int32",
    "I16": "int16",
    "I8": "int8",
    "U64": "uint64",
    "U32": "uint32",
    "U16": "uint16",
    "U8": "uint8",
    "BOOL": "bool",
}
"""The element types of safetensors that NumPy has, or ml_dtypes adds to it."""


def _to_array(name: str, tensor: Any) -> Array:
    with _saying_which(name):
        if not hasattr(tensor, "detach"):
            return np.asarray(tensor)
        # A PyTorch tensor. NumPy knows neither gradients nor the narrow types.
        tensor = tensor.detach().cpu()
        narrow = tensor.is_floating_point() and tensor.element_size() < 4
        return np.asarray((tensor.float() if narrow else tensor).numpy())


@contextmanager
def _saying_which(name: str) -> Iterator[None]:
    """Name the entry of which NumPy and PyTorch say that it is no array: a list of unequal rows,
    a tensor without values, a sparse one.
    """
    try:
        yield
    except (TypeError, ValueError, RuntimeError) as error:
        message = f"the weights' `{name}` can't be read: {_first_sentence(error)}"
        raise SpecError([Diagnostic("weights-format", message)]) from error


def _read_safetensors(path: Path) -> Entries:
    from safetensors import SafetensorError, safe_open

    try:
        # The library checks the header, every size and offset in it. Tensors aren't read through
        # it: it maps the file, and each page once read would count as this process's memory.
        with safe_open(path, framework="numpy"):
            pass
    except SafetensorError as error:
        raise _unreadable(path, error) from error
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    return {
        name: _stored_entry(path, name, described, 8 + length) for name, described in header.items()
    }


def _stored_entry(path: Path, name: str, described: Any, data: int) -> Entry:
    shape = tuple(described["shape"])
    kind = _ELEMENT_TYPES.get(described["dtype"])
    if kind is None:
        return Entry(shape, partial(_refuse, path, name, described["dtype"]))
    start, end = described["data_offsets"]
    stored = Stored(path, data + start, end - start, kind)
    return Entry(shape, partial(stored.array, shape), stored)


def _refuse(path: Path, name: str, kind: str) -> Array:
    message = f"`{name}` in `{path}` holds {kind}, which can't be read"
    raise SpecError([Diagnostic("weights-format", message)])


def _read_npz(path: Path) -> Entries:
    try:
        with _without_warnings(), path.open("rb") as file:  # NumPy leaves a file open otherwise
            arrays = dict(np.load(file, allow_pickle=False))
    # NumPy, zipfile and zlib trust the file: there is no end to what a broken one makes them raise.
    except Exception as error:
        raise _unreadable(path, error) from error
    return {name: entry(name, array) for name, array in arrays.items()}


def _read_torch(path: Path) -> Entries:
    require("torch", "torch")
    import torch

    try:
        with _without_warnings():
            tensors = torch.load(path, map_location="cpu", weights_only=True)
    # As with NumPy: PyTorch's readers raise whatever a broken file brings them to.
    except Exception as error:
        reason, help = _torch_reason(path, error)
        raise _no_weights(path, reason, help) from error
    if isinstance(tensors, Mapping) and isinstance(tensors.get("state_dict"), Mapping):
        tensors = tensors["state_dict"]  # as training scripts save it, beside the optimizer's
    if not isinstance(tensors, Mapping) or not all(map(torch.is_tensor, tensors.values())):
        raise _no_weights(path, "it holds no state dict", _SAVE)
    return {name: entry(name, tensor) for name, tensor in tensors.items()}


_SAVE = "save `model.state_dict()`"

_FOREIGN = {
    "TorchScript": "it holds a TorchScript module",
    "GLOBAL": "it holds other objects than tensors",
    "allowlisted": "it holds other objects than tensors",
}
"""What files hold that are PyTorch's but no weights, by a word of what PyTorch says of them."""


def _torch_reason(path: Path, error: Exception) -> tuple[str, str | None]:
    """Why PyTorch can't read a file, in fewer words than its own, and what to do."""
    text = str(error)
    for word, reason in _FOREIGN.items():
        if word in text:
            return reason, _SAVE
    if not path.stat().st_size:
        return "it is empty", None
    if isinstance(error, OSError | MemoryError):
        return _first_sentence(error), None
    return "it is damaged, or `torch.save` didn't write it", None


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Libraries warn of what they then raise, or of files older than they are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _first_sentence(error: Exception) -> str:
    """What an exception says, without advice on a library's own functions."""
    told = error.strerror if isinstance(error, OSError) else None
    text = told or str(error).partition("\n")[0].partition(". ")[0].rstrip(".")
    return text or type(error).__name__


def _unreadable(path: Path, error: Exception) -> SpecError:
    return _no_weights(path, _first_sentence(error))


def _no_weights(path: Path, reason: str, help: str | None = None) -> SpecError:
    message = f"can't read weights from `{path}`: {reason}"
    return SpecError([Diagnostic("weights-format", message, help=help)])


_READERS: dict[str, Callable[[Path], Entries]] = {
    ".safetensors": _read_safetensors,
    ".npz": _read_npz,
    ".pt": _read_torch,
    ".pth": _read_torch,
}
