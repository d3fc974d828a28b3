"""The tensors of a file, a mapping or a module, known by shape and type before they are read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from netspec.diagnostics import Diagnostic, SpecError
from netspec.lower.values import Array, Stored, element_type

MAX_NESTING = 4
"""How deeply checkpoints nest their state dicts."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A tensor: its shape, and its type as NumPy or PyTorch calls it.

    `stored` is where its values lie in a file as they are; `unreadable` says why they can't be
    read, where that is known beforehand; `alias` is true for another name of an entry, which
    counts only where the network has that name.
    """

    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], Array]
    stored: Stored | None = None
    unreadable: str | None = None
    alias: bool = False


Entries: TypeAlias = dict[str, Entry]


class NoStateDict(Exception):
    """What a mapping holds instead of a network's tensors."""


StateDicts: TypeAlias = dict[str, Entries]
"""The state dicts that a source holds, by where they stand in it: `model.` for the one below the
key `model`, nothing for a source that is one itself.
"""


def state_dicts(mapping: Mapping[Any, Any]) -> StateDicts:
    """What a mapping of arrays or tensors is, or a training script's checkpoint holds.

    Beside the network's tensors such a checkpoint has the optimizer's, numbers and settings: a
    state dict has names for keys and nothing but tensors for values. NoStateDict where there is
    none, SpecError (`weights-format`) for what is no tensor though it looks like one.
    """
    found = dict(_state_dicts(mapping, "", MAX_NESTING))
    if found:
        return found
    if not mapping:
        return {"": {}}
    raise NoStateDict(_stranger(mapping))


def _state_dicts(value: Any, place: str, depth: int) -> Iterator[tuple[str, Entries]]:
    if not isinstance(value, Mapping) or not depth:
        return
    items = [(name, each) for name, each in value.items() if isinstance(name, str)]
    if items and len(items) == len(value) and all(_is_tensor(each) for _, each in items):
        yield place, {name: entry(name, each) for name, each in items}
        return
    for name, each in items:
        yield from _state_dicts(each, f"{place}{name}.", depth - 1)


def _is_tensor(value: Any) -> bool:
    """Whether it is an array or a tensor; lists of numbers are taken for arrays, too."""
    return (hasattr(value, "shape") and hasattr(value, "dtype")) or isinstance(value, list | tuple)


def _stranger(mapping: Mapping[Any, Any]) -> str:
    """What keeps a mapping from being a state dict."""
    tensors = [name for name, value in mapping.items() if _is_tensor(value)]
    for name, value in mapping.items() if tensors else ():
        if not isinstance(name, str):
            return f"the name of an entry is no text but {_cut(repr(name))}"
        if not _is_tensor(value):
            return f"`{_cut(name)}` is no tensor but {type(value).__name__}"
    return "it holds no state dict"


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"


def entry(name: str, tensor: Any) -> Entry:
    """An array, or what NumPy makes one of, or a PyTorch tensor.

    SpecError (`weights-format`), perhaps not before it is read, where it holds no array's values.
    """
    with _saying_which(name):
        if not hasattr(tensor, "detach"):
            return _of_array(np.asarray(tensor))
        dtype = str(tensor.dtype).removeprefix("torch.")
        shape = tuple(tensor.shape)
        return Entry(shape, dtype, partial(_values, name, tensor), unreadable=_reason(tensor))


def _of_array(array: Array) -> Entry:
    array = array.view(whole_type(array.dtype))
    return Entry(array.shape, array.dtype.name, lambda: array)


def _reason(tensor: Any) -> str | None:
    """Why the values of a tensor can't be had, if they can't."""
    layout = str(tensor.layout).removeprefix("torch.")
    if layout != "strided":
        return f"it is sparse ({layout})"
    if tensor.is_meta:
        return "it lies on the meta device, without values"
    if tensor.is_quantized:
        return f"it is quantized ({str(tensor.dtype).removeprefix('torch.')})"
    return None


def whole_type(dtype: "np.dtype[np.generic]") -> "np.dtype[np.generic]":
    """The type that the elements of an array are of.

    NumPy doesn't store the name of a type that isn't its own: bfloat16 comes back as two bytes
    without meaning, and there is no other type of that size that weights are of.
    """
    plain = dtype.kind == "V" and dtype.itemsize == 2 and dtype.names is None
    return element_type("bfloat16") if plain else dtype


def _values(name: str, tensor: Any) -> Array:
    with _saying_which(name):
        # NumPy knows neither gradients nor the narrow types.
        tensor = tensor.detach().cpu()
        narrow = tensor.is_floating_point() and tensor.element_size() < 4
        return np.asarray((tensor.float() if narrow else tensor).numpy(force=True))


@contextmanager
def _saying_which(name: str) -> Iterator[None]:
    """Name the entry of which NumPy and PyTorch say that it is no array: a list of unequal rows,
    a tensor that isn't initialized.
    """
    try:
        yield
    except (TypeError, ValueError, RuntimeError, AttributeError) as error:
        message = f"the weights' `{name}` can't be read: {first_sentence(error)}"
        raise SpecError([Diagnostic("weights-format", message)]) from error


def first_sentence(error: Exception) -> str:
    """What an exception says, without advice on a library's own functions."""
    told = error.strerror if isinstance(error, OSError) else None
    text = told or str(error).partition("\n")[0].partition(". ")[0].rstrip(".")
    return text or type(error).__name__
