"""The safetensors format: read without mapping it into memory, and written.

A header in JSON names each tensor's type, shape and byte range; the values follow it.
See github.com/huggingface/safetensors, "Format".
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from netspec.graph import Graph, Parameter
from netspec.lower.ahead import ahead
from netspec.lower.values import Array, Stored, raw
from netspec.lower.weights.entries import Entries, Entry, StateDicts
from netspec.lower.weights.refusal import no_weights, refusing
from netspec.room import require_room

MAX_HEADER = 1 << 25
"""The bytes of the longest header that is read: some 300,000 tensors. Each costs a thousand."""

_METADATA = "__metadata__"

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


def looks_like_safetensors(head: bytes) -> bool:
    """Whether a file that begins so has a header behind its length."""
    return head[8:9] == b"{" and head[6:8] == b"\0\0"


def read_safetensors(path: Path) -> StateDicts:
    """The tensors of a file; SpecError (`weights-format`) where the library finds a fault in it."""
    from safetensors import safe_open

    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
    if length > MAX_HEADER:
        raise no_weights(path, f"its header has {length} bytes, of which {MAX_HEADER} are read")
    # The library checks the header, every size and offset in it. Tensors aren't read through it:
    # it maps the file, and each page once read would count as this process's memory.
    with refusing(path), safe_open(path, framework="numpy"):
        pass
    with path.open("rb") as file:
        file.seek(8)
        header = json.loads(file.read(length))
    metadata = header.pop(_METADATA, {})
    entries = {
        name: _entry(path, name, described, 8 + length) for name, described in header.items()
    }
    return {"": _aliases(entries, metadata) | entries}


def _entry(path: Path, name: str, described: Any, data: int) -> Entry:
    shape = tuple(described["shape"])
    kind = _ELEMENT_TYPES.get(described["dtype"])
    if kind is None:
        return Entry(shape, described["dtype"], partial(_refuse, path, name, described["dtype"]))
    start, end = described["data_offsets"]
    stored = Stored(path, data + start, end - start, kind)
    return Entry(shape, kind, partial(stored.array, shape), stored)


def _refuse(path: Path, name: str, kind: str) -> Array:
    raise no_weights(path, f"`{name}` holds {kind}")


def _aliases(entries: Entries, metadata: Mapping[str, str]) -> Entries:
    """What `safetensors.torch.save_model` left out as another name of an entry, and noted."""
    return {
        name: Entry(held.shape, held.dtype, held.read, held.stored, alias=True)
        for name, kept in metadata.items()
        if (held := entries.get(kept)) is not None
    }


def write_safetensors(graph: Graph, weights: Mapping[str, Array], file: BinaryIO) -> None:
    """Write every parameter and buffer of the graph that the weights have, one in memory at a time.

    Given weights may lack what the TRAIN phase alone has. Of parameters that share their values
    one is written and the others noted beside it, as `safetensors.torch.save_model` does, so that
    its `load_model` reads the file. The same weights give the same bytes. SpecError
    (`cannot-write`), and nothing written, where the disk has no room for it.
    """
    held = [parameter for parameter in graph.parameters if parameter.name in weights]
    kept = _kept(held)
    # The widest elements first, as the safetensors library sorts: then each tensor is aligned.
    parameters = sorted(
        (parameter for parameter in held if kept[parameter.name] == parameter.name),
        key=lambda parameter: -_STORED[parameter.dtype][1],
    )
    header = _header(parameters, {name: other for name, other in kept.items() if name != other})
    sizes = [parameter.elements * _STORED[parameter.dtype][1] for parameter in parameters]
    require_room(file, len(header) + sum(sizes))
    file.write(header)
    makers = [partial(weights.__getitem__, parameter.name) for parameter in parameters]
    for values in ahead(zip(sizes, makers, strict=True)):
        file.write(raw(values))
        del values  # before the next ones are made


def _kept(parameters: list[Parameter]) -> dict[str, str]:
    """For each parameter the one under whose name its values are written: of those that share
    them the first by the alphabet, as the library has it.
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for parameter in parameters:
        groups[parameter.owner].append(parameter.name)
    return {parameter.name: min(groups[parameter.owner]) for parameter in parameters}


def _header(parameters: list[Parameter], left_out: Mapping[str, str]) -> bytes:
    header: dict[str, Any] = {_METADATA: {**left_out, "format": "pt"}}
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
    return len(text).to_bytes(8, "little") + text
