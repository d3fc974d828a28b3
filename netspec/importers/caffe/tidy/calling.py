"""Names for the layers of a block and for its instances, from those of the runs' layers.

What the names of one layer have in common in all runs is its name in the block; in what they
differ, `2a` and `2b` of `res2a_branch1` and `res2b_branch1`, tells the instances apart.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import TypeVar

from netspec.importers.caffe.names import part, scopes
from netspec.importers.caffe.tidy.items import Item
from netspec.layers import CATALOGUE

Parts = TypeVar("Parts", str, list[str])

_EDGES = "._-"
_DIGITS = "0123456789"
_WORD = re.compile(r"^[A-Za-z0-9]+")


class Taken:
    """Names that others have, and the scopes that those stand in."""

    def __init__(self, names: Iterable[str]) -> None:
        self._counts: Counter[str] = Counter()
        self.add(names)

    def __contains__(self, name: str) -> bool:
        return self._counts[name] > 0

    def add(self, names: Iterable[str]) -> None:
        for name in names:
            self._counts.update((name, *scopes(name)))

    def remove(self, names: Iterable[str]) -> None:
        for name in names:
            self._counts.subtract((name, *scopes(name)))


def called(runs: Sequence[Sequence[Item]], taken: Taken) -> tuple[list[str], list[str]]:
    """The names of a block's layers, and of its instances; these are none of `taken`."""
    scoped = _scoped(runs, taken)
    if scoped is not None:
        return scoped
    instances, beginnings = _instances(runs, taken)
    members: list[str] = []
    for layers in zip(*runs, strict=True):
        members.append(_unique(_member(layers, beginnings), members))
    return members, instances


def _instances(runs: Sequence[Sequence[Item]], taken: Taken) -> tuple[list[str], list[str]]:
    """Names for the instances, and what their layers' names may begin with: the same, but that
    `_block` stands behind the names where others have them.
    """
    for end in ("", "_block"):
        for beginnings in _beginnings(runs):
            found = [part(each, "block") for each in beginnings]
            names = [each + end for each in found]
            if _are_free(names, taken):
                return names, found
    made: list[str] = []
    for run in runs:
        name = f"{run[0].name.replace('.', '_')}_block"
        while name in taken:
            name += "_"
        made.append(_unique(name, made))
    return made, made


def _beginnings(runs: Sequence[Sequence[Item]]) -> Iterator[list[str]]:
    """What a stage's blocks begin with, then the beginnings of layers' names up to where they
    differ.
    """
    if all(layer.inner for layer in runs[0]):
        yield [stem([layer.name for layer in run]).replace(".", "_") for run in runs]
    for layers in zip(*runs, strict=True):
        names = [layer.name for layer in layers]
        after = common(names)[1]
        yield [name[: len(name) - len(after)] for name in names]


def _are_free(names: Sequence[str], taken: Taken) -> bool:
    return len(set(names)) == len(names) and not any(name in taken for name in names)


def _member(layers: Sequence[Item], beginnings: Sequence[str]) -> str:
    """What a layer is called in the block: what its names have behind these, or in common."""
    names = [layer.name for layer in layers]
    if all(map(str.startswith, names, beginnings)):
        rests = {name[len(each) :] for name, each in zip(names, beginnings, strict=True)}
        if len(rests) == 1:
            return part(rests.pop().replace(".", "_"), layers[0].type)
    return part(_joined(*common(names)), layers[0].type)


def _scoped(runs: Sequence[Sequence[Item]], taken: Taken) -> tuple[list[str], list[str]] | None:
    """The names where each run is a scope already, and its layers are called alike."""
    instances = []
    rests = []
    for run in runs:
        path = ".".join(beginning([item.name.split(".")[:-1] for item in run]))
        if not path:
            return None
        instances.append(path)
        rests.append([item.name[len(path) + 1 :] for item in run])
    if _are_free(instances, taken) and all(rest == rests[0] for rest in rests[1:]):
        return rests[0], instances
    return None


def beginning(names: Sequence[Parts]) -> Parts:
    """What all begin with."""
    alike = takewhile(lambda each: len(set(each)) == 1, zip(*names, strict=False))
    return names[0][: sum(1 for _ in alike)]


def common(names: Sequence[str]) -> tuple[str, str]:
    """What names begin with alike, but for what a number begins, and end with, in whole words."""
    before = beginning(names)
    after = beginning([name[len(before) :][::-1] for name in names])[::-1]
    if any(name[len(before) :][:1].isalnum() for name in names):
        before = before.rstrip(_DIGITS)
    return before, _WORD.sub("", after)


def stem(names: Sequence[str]) -> str:
    """What names begin with alike, no number of it cut in two."""
    before = beginning(names)
    if any(name[len(before) :][:1].isdigit() for name in names):
        before = before.rstrip(_DIGITS)
    return before.rstrip(_EDGES)


def _joined(before: str, after: str) -> str:
    """Both parts as one name."""
    one, other = before.strip(_EDGES), after.strip(_EDGES)
    glued = not before.endswith(tuple(_EDGES)) and not after.startswith(tuple(_EDGES))
    if not one or not other or glued:
        return (one + other).replace(".", "_")
    return f"{one}_{other}".replace(".", "_")


def block_name(instances: Sequence[str], taken: Sequence[str]) -> str:
    """A name for a block: what its instances' begin with."""
    start = re.sub(r"[\d._-]+$", "", beginning([each.rpartition(".")[2] for each in instances]))
    name = part(start.replace("-", "_"), "block") if start else "block"
    return _unique(f"{name}_" if name in CATALOGUE else name, taken)


def _unique(name: str, taken: Sequence[str]) -> str:
    made, number = name, 1
    while made in taken:
        number += 1
        made = f"{name}_{number}"
    return made
