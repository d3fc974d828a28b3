"""The args of a block: what differs between the runs that it stands for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from netspec.importers.caffe.tidy.items import REQUIRED, Item
from netspec.language.keys import RESERVED_KEYS
from netspec.language.names import value_problem


@dataclass
class Arg:
    """An arg: the fields that hold it, by the member's number, and its value for each run."""

    name: str
    places: list[tuple[int, str]]
    values: list[Any]
    default: Any


def columns(runs: Sequence[Sequence[Item]]) -> dict[tuple[str, str], list[tuple[int, str]]]:
    """The fields that differ between runs; those that are alike in all of them together."""
    found: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for number, first in enumerate(runs[0]):
        # In the order of the layer's own fields, whichever of the runs says them.
        said = {key for run in runs for key in run[number].fields}
        for key in first.defaults:
            if key not in said:
                continue
            values = [value_of(run[number], key) for run in runs]
            if any(each != values[0] for each in values[1:]):
                # As many groups as channels are one number, not two.
                sort = "num_output" if key == "group" else key
                found.setdefault((sort, repr(values)), []).append((number, key))
    return found


def value_of(item: Item, key: str) -> Any:
    """A field's value, said or not."""
    return item.fields[key] if key in item.fields else item.defaults[key]


def args_of(runs: Sequence[Sequence[Item]], members: Sequence[str]) -> list[Arg]:
    """The args for runs whose layers are called so in the block."""
    groups = list(columns(runs).values())
    fields = Counter(places[0][1] for places in groups)
    firsts = dict(reversed([places[0] for places in groups]))
    made: list[Arg] = []
    for places in groups:
        number, key = places[0]
        name = key
        if fields[key] > 1:
            member = members[number].replace(".", "_").replace("-", "_")
            name = member if firsts[number] == key else f"{member}_{key}"
        values = [value_of(run[number], key) for run in runs]
        made.append(Arg(_free(name, [arg.name for arg in made]), places, values, _default(values)))
    return sorted(made, key=lambda arg: arg.default != REQUIRED)


def _default(values: Sequence[Any]) -> Any:
    """What most runs have."""
    counts = Counter(map(repr, values))
    text, count = counts.most_common(1)[0]
    if 2 * count < len(values) or count == 1:
        return REQUIRED
    return next(value for value in values if repr(value) == text)


def _free(name: str, taken: Sequence[str]) -> str:
    """A name that an arg can have."""
    while name in taken or name in RESERVED_KEYS or value_problem(name, "") is not None:
        name += "_"
    return name
