"""Names for the layers of a block and for its instances, from those of the runs' layers.

What the names of one layer have in common in all runs is its name in the block; in what they
differ, `2a` and `2b` of `res2a_branch1` and `res2b_branch1`, tells the instances apart.
"""

import re
from collections.abc import Sequence, Set
from itertools import takewhile
from typing import TypeVar

from netspec.importers.caffe.names import part
from netspec.importers.caffe.tidy.items import Item
from netspec.layers import CATALOGUE

Parts = TypeVar("Parts", str, list[str])

_EDGES = "._-"
_DIGITS = "0123456789"
_WORD = re.compile(r"^[A-Za-z0-9]+")


def called(runs: Sequence[Sequence[Item]], taken: Set[str]) -> tuple[list[str], list[str]]:
    """The names of a block's layers, and of its instances; these are none of `taken`."""
    scoped = _scoped(runs, taken)
    if scoped is not None:
        return scoped
    instances = _instances(runs, taken)
    members: list[str] = []
    for layers in zip(*runs, strict=True):
        members.append(_unique(_member(layers, instances), members))
    return members, instances


def _instances(runs: Sequence[Sequence[Item]], taken: Set[str]) -> list[str]:
    """Names for the instances: what those of a stage's blocks begin with, else the beginnings of
    their layers' names up to where they differ.
    """
    if all(layer.inner for layer in runs[0]):
        stages = [stem([layer.name for layer in run]).replace(".", "_") for run in runs]
        found = [part(each, "block") for each in stages]
        if len(set(found)) == len(found) and taken.isdisjoint(found):
            return found
    for layers in zip(*runs, strict=True):
        names = [layer.name for layer in layers]
        after = common(names)[1]
        found = [part(name[: len(name) - len(after)], "block") for name in names]
        if len(set(found)) == len(found) and taken.isdisjoint(found):
            return found
    made: list[str] = []
    for run in runs:
        name = run[0].name.replace(".", "_")
        made.append(_unique(f"{name}_block", [*taken, *made]))
    return made


def _member(layers: Sequence[Item], instances: Sequence[str]) -> str:
    """What a layer is called in the block: what its names have beside the instances', or in
    common.
    """
    names = [layer.name for layer in layers]
    if all(map(str.startswith, names, instances)):
        rests = {name[len(each) :] for name, each in zip(names, instances, strict=True)}
        if len(rests) == 1:
            return part(rests.pop().replace(".", "_"), layers[0].type)
    return part(_joined(*common(names)), layers[0].type)


def _scoped(runs: Sequence[Sequence[Item]], taken: Set[str]) -> tuple[list[str], list[str]] | None:
    """The names where each run is a scope already, and its layers are called alike."""
    instances = []
    rests = []
    for run in runs:
        path = ".".join(beginning([item.name.split(".")[:-1] for item in run]))
        if not path:
            return None
        instances.append(path)
        rests.append([item.name[len(path) + 1 :] for item in run])
    within = tuple(f"{path}." for path in instances)
    alone = not any(name in instances or name.startswith(within) for name in taken)
    distinct = len(set(instances)) == len(instances)
    if distinct and alone and all(rest == rests[0] for rest in rests[1:]):
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
