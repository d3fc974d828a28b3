"""The entries of a network with runs that do the same as instances of blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from netspec.importers.caffe.tidy.args import Arg, args_of
from netspec.importers.caffe.tidy.calling import Taken, block_name, called
from netspec.importers.caffe.tidy.items import Item, Ref
from netspec.importers.caffe.tidy.runs import Run, chosen

MAX_DEPTH = 3
"""How many blocks stand within each other."""


@dataclass
class Block:
    """A block of a spec: its args and its layers; its inputs and outputs where it has several."""

    name: str
    args: list[Arg]
    items: list[Item]
    inputs: Sequence[str] = ("input",)
    outputs: Sequence[str] = ()


def with_blocks(
    items: Sequence[Item], results: Sequence[Ref], inputs: Sequence[str], known: Sequence[Block]
) -> tuple[list[Item], list[Ref], list[Block]]:
    """The items with instances for runs, what the results are then, and the blocks, each behind
    those that it holds; first those that are known already.
    """
    blocks: list[Block] = list(known)
    made, given = list(items), list(results)
    for _ in range(MAX_DEPTH):
        runs = chosen(made, given)
        if not runs:
            break
        made, given = _round(made, given, runs, blocks, set(inputs))
    return made, given, blocks


def _round(
    items: list[Item],
    results: list[Ref],
    runs: Sequence[Run],
    blocks: list[Block],
    inputs: set[str],
) -> tuple[list[Item], list[Ref]]:
    """The items with instances for the runs, whose blocks join `blocks`."""
    instances: dict[int, Item] = {}
    ends: dict[Item, Item] = {}
    length: dict[int, int] = {}
    taken = Taken({item.name for item in items} | inputs)
    for run in runs:
        parts = [items[start : start + run.length] for start in run.starts]
        taken.remove(item.name for each in parts for item in each)
        members, outers = called(parts, taken)
        taken.add(outers)
        name = block_name(outers, [block.name for block in blocks])
        args = args_of(parts, members)
        blocks.append(Block(name, args, _body(parts[0], members, args)))
        for number, (start, outer, each) in enumerate(zip(run.starts, outers, parts, strict=True)):
            fields = {a.name: a.values[number] for a in args if a.values[number] != a.default}
            instance = Item(name, outer, fields, [_outside(each)])
            instance.inner = list(zip(members, each, strict=True))
            instance.args = {arg.name: arg.default for arg in args}
            instances[start], length[start] = instance, run.length
            ends[each[-1]] = instance
    made: list[Item] = []
    place = 0
    while place < len(items):
        made.append(instances.get(place, items[place]))
        place += length.get(place, 1)
    for item in made:
        item.bottoms = [_moved(ref, ends) for ref in item.bottoms]
    return made, [_moved(ref, ends) for ref in results]


def _moved(ref: Ref, ends: dict[Item, Item]) -> Ref:
    item, number = ref
    return (ends.get(item, item), number) if isinstance(item, Item) else ref


def _outside(run: Sequence[Item]) -> Ref:
    """The one blob that a run reads from outside."""
    inside = set(run)
    return next(ref for item in run for ref in item.bottoms if ref[0] not in inside)


def _body(run: Sequence[Item], members: Sequence[str], args: Sequence[Arg]) -> list[Item]:
    """The entries of a block, made of one of its runs."""
    made: dict[Item, Item] = {}
    for number, (item, name) in enumerate(zip(run, members, strict=True)):
        made[item] = Item(
            type=item.type,
            name=name,
            fields=fields_of(item, number, args),
            bottoms=[
                (made[ref], n) if isinstance(ref, Item) and ref in made else ("input", 0)
                for ref, n in item.bottoms
            ],
            top_names=_tops(item, name),
            param=item.param,
            inner=item.inner,
            args=item.args,
        )
    return list(made.values())


def fields_of(item: Item, number: int, args: Sequence[Arg]) -> dict[str, Any]:
    """The fields of a block's layer, some of which are args."""
    fields: dict[str, Any] = dict(item.fields)
    for arg in args:
        for place, key in arg.places:
            if place == number:
                fields[key] = f"${arg.name}"
    return {key: fields[key] for key in item.defaults if key in fields}


def _tops(item: Item, name: str) -> list[str]:
    """Names within a block for several tops."""
    return [f"{name}_{number}" if number else name for number in range(len(item.top_names))]
