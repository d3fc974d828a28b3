"""The steps of a recurrent layer: the first as an instance of a block, a repeat for the others."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from netspec.importers.caffe.parts import Member
from netspec.importers.caffe.tidy.args import Arg, args_of
from netspec.importers.caffe.tidy.blocks import Block, fields_of
from netspec.importers.caffe.tidy.items import Item, Ref, name_in
from netspec.importers.caffe.tidy.runs import kind_of

Moved = dict[Ref, Ref]
"""What the instances give, by what their layers do."""


def with_steps(
    items: Sequence[Item], results: Sequence[Ref]
) -> tuple[list[Item], list[Ref], list[Block]]:
    """The items with instances of blocks for steps, what the results are then, and the blocks."""
    made: list[Item] = []
    firsts: dict[str, list[tuple[Item, list[Item]]]] = {}
    moved: Moved = {}
    for layers in _runs(items):
        member = layers[0].member
        if member is None:
            made.append(_joined(layers[0], moved))
            continue
        item = _first(member, layers) if member.step == 0 else _others(member, layers, made[-1])
        item.bottoms = [moved.get(ref, ref) for ref in item.bottoms]
        moved |= _given(member, layers, item)
        made.append(item)
        if member.step == 0:
            firsts.setdefault(repr([member.cell, *map(kind_of, layers)]), []).append((item, layers))
    blocks: list[Block] = []
    for alike in firsts.values():
        blocks.append(_block(alike, [block.name for block in blocks]))
    return made, [moved.get(ref, ref) for ref in results], blocks


def _runs(items: Sequence[Item]) -> Iterator[list[Item]]:
    """The items, each by itself but for a first step's and all others' of a layer."""
    for _, run in groupby(enumerate(items), key=lambda each: _run_of(*each)):
        yield [item for _, item in run]


def _run_of(number: int, item: Item) -> Any:
    if item.member is None:
        return number
    return "step", item.member.step > 0


def _first(member: Member, layers: Sequence[Item]) -> Item:
    """The instance of a block that a first step is."""
    cell = member.cell
    scope = layers[0].name.rpartition(".")[0]
    read = {
        name: ref
        for layer in layers
        if layer.member is not None
        for name, ref in zip(layer.member.reads, layer.bottoms, strict=True)
    }
    item = Item(cell.name, scope, {}, [read[name] for name in cell.inputs])
    item.phase = layers[0].phase
    item.inner = [(layer.member.name, layer) for layer in layers if layer.member is not None]
    item.given = _names(scope, cell.outputs)
    return item


def _others(member: Member, layers: Sequence[Item], first: Item) -> Item:
    """The repeat that all other steps are: each reads the one before."""
    cell = member.cell
    scope = layers[0].name.rpartition(".")[0].rpartition(".")[0]
    steps = len(layers) // len(first.inner)
    own = first.bottoms[:2]
    item = Item(cell.name, scope, {"repeat": steps}, [*own, (first, 0)], reuse=first)
    item.phase = first.phase
    numbered = [name_in(ref).rpartition(".")[0] for ref in own]
    item.reads = [*(f"{name}.$(i + 1)" for name in numbered), "previous"]
    item.inner = [(layer.name[len(scope) + 1 :], layer) for layer in layers]
    item.given = [name for step in range(steps) for name in _names(f"{scope}.{step}", cell.outputs)]
    item.each = len(cell.outputs)
    return item


def _names(instance: str, outputs: Sequence[str]) -> list[str]:
    """What the tops of an instance are called."""
    return [instance] if len(outputs) == 1 else [f"{instance}.{name}" for name in outputs]


def _given(member: Member, layers: Sequence[Item], item: Item) -> Moved:
    """The tops of an item for one step or several, by those of their layers."""
    outputs = member.cell.outputs
    found: Moved = {}
    for layer in layers:
        if layer.member is not None and layer.member.name in outputs:
            step = layer.member.step - member.step
            number = step * len(outputs) + outputs.index(layer.member.name)
            found[layer, 0] = item, number
    return found


def _joined(item: Item, moved: Moved) -> Item:
    """An item that reads what instances give; of all of a repeat one after the other by `.*`."""
    item.bottoms = [moved.get(ref, ref) for ref in item.bottoms]
    repeats = [made for made, _ in item.bottoms if isinstance(made, Item) and made.each]
    repeat = repeats[0] if repeats else None
    if repeat is None:
        return item
    every = [(repeat, number) for number in range(0, len(repeat.given), repeat.each)]
    if item.bottoms[1:] == every:
        rest = repeat.given[0].removeprefix(f"{repeat.name}.0")
        item.reads = [name_in(item.bottoms[0]), f"{repeat.name}.*{rest}"]
    return item


def _block(alike: Sequence[tuple[Item, list[Item]]], taken: Sequence[str]) -> Block:
    """The block of first steps, whose args are what differs between them."""
    first, layers = alike[0]
    assert layers[0].member is not None
    cell = layers[0].member.cell
    members = [name for name, _ in first.inner]
    args = args_of([layers for _, layers in alike], members)
    name, number = cell.name, 1
    while name in taken:
        number += 1
        name = f"{cell.name}_{number}"
    for run, (instance, _) in enumerate(alike):
        instance.type = name
        instance.args = {arg.name: arg.default for arg in args}
        instance.fields = {a.name: a.values[run] for a in args if a.values[run] != a.default}
    return Block(name, args, _body(layers, args), cell.inputs, cell.outputs)


def _body(layers: Sequence[Item], args: Sequence[Arg]) -> list[Item]:
    """The entries of a block, made of a first step."""
    made: dict[Item, Item] = {}
    for number, layer in enumerate(layers):
        assert layer.member is not None
        reads = zip(layer.member.reads, layer.bottoms, strict=True)
        made[layer] = Item(
            type=layer.type,
            name=layer.member.name,
            fields=fields_of(layer, number, args),
            bottoms=[
                (made[item], top) if isinstance(item, Item) and item in made else (name, 0)
                for name, (item, top) in reads
            ],
            top_names=[name.rpartition(".")[2] for name in layer.top_names],
            param=layer.param,
        )
    return list(made.values())
