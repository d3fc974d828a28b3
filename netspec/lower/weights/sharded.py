"""Weights in several files, with an index in JSON that says which tensor lies in which."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from netspec.diagnostics import Diagnostic, SpecError
from netspec.lower.weights.entries import Entries, StateDicts
from netspec.lower.weights.refusal import no_weights

_INDEX = "*.index.json"
_MAP = "weight_map"

MAX_INDEX = 1 << 25
"""The bytes of the longest index that is read: some 300,000 names."""


def looks_like_index(head: bytes) -> bool:
    """Whether a file that begins so is JSON."""
    return head.lstrip().startswith(b"{") and b"\0" not in head


def index_in(folder: Path) -> Path:
    """The one index that a folder holds; SpecError (`cannot-read`) for any other folder."""
    found = sorted(folder.glob(_INDEX))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(f"`{each.name}`" for each in found)
        reason, help = f"it is a folder with several indexes: {names}", "name one of them"
    else:
        reason, help = f"it is a folder without an index (`{_INDEX}`)", "name a file in it"
    raise SpecError([Diagnostic("cannot-read", f"can't read `{folder}`: {reason}", help=help)])


def shards_of(index: Path) -> tuple[Path, ...]:
    """The files that an index names; SpecError (`weights-format`) where it names others than
    files that lie beside it.
    """
    names = sorted(set(_weight_map(index).values()))
    for name in names:
        if not _is_beside(index, name):
            raise no_weights(index, f"`{name}` is no file that lies beside it")
    return tuple(index.parent / name for name in names)


def read_sharded(index: Path, read: Callable[[Path], StateDicts]) -> StateDicts:
    """The tensors of an index's shards, each read by `read` as a file of its own.

    SpecError (`weights-format`) where the two disagree.
    """
    shards = {path.name: _entries(path, read(path)) for path in shards_of(index)}
    places = _weight_map(index)
    entries: Entries = {}
    for name, shard in places.items():
        if name not in shards[shard]:
            raise no_weights(index, f"`{name}` isn't in `{shard}`, where the index has it")
        entries[name] = shards[shard][name]
    for shard, held in shards.items():
        for name in held.keys() - places.keys():
            if name in entries:
                raise no_weights(index, f"`{name}` is in several shards (one is `{shard}`)")
            entries[name] = held[name]
    return {"": entries}


def _entries(path: Path, held: StateDicts) -> Entries:
    """What a shard holds, which is one state dict and no checkpoint."""
    if held.keys() != {""}:
        raise no_weights(path, "it is a checkpoint, and no part of a state dict")
    return held[""]


def _weight_map(index: Path) -> Mapping[str, str]:
    size = index.stat().st_size
    if size > MAX_INDEX:
        raise no_weights(index, f"it has {size} bytes; an index has at most {MAX_INDEX}")
    try:
        held = json.loads(index.read_bytes(), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise no_weights(index, f"it is no index in JSON ({error})") from error
    places = held.get(_MAP)
    if not isinstance(places, dict) or not all(isinstance(each, str) for each in places.values()):
        raise no_weights(index, f"it has no `{_MAP}` from names to files")
    return places


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands in it twice")
    return made


def _is_beside(index: Path, name: str) -> bool:
    """Whether a name is that of a file in the index's folder, or, where the index is a link, in
    the folder that it leads to: so the caches of model hubs keep both.
    """
    if not name or name != os.path.basename(name) or name in (".", "..") or "\0" in name:
        return False
    try:
        real = os.path.realpath(index.parent / name)
    except UnicodeEncodeError:  # half of a character, which JSON can escape
        return False
    homes = {os.path.realpath(index.parent), os.path.dirname(os.path.realpath(index))}
    return os.path.dirname(real) in homes
