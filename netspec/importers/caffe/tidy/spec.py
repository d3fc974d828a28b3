"""The text of a spec for an imported network."""

from dataclasses import dataclass, replace
from typing import Any

from netspec.importers.caffe.blobs import Blob, Entry, Input
from netspec.importers.caffe.document import input_value
from netspec.importers.caffe.importing import Imported
from netspec.importers.caffe.tidy.blocks import Block, with_blocks
from netspec.importers.caffe.tidy.comments import head_of
from netspec.importers.caffe.tidy.items import Item, Ref, items_of, name_in
from netspec.importers.caffe.tidy.steps import with_steps
from netspec.importers.caffe.tidy.writing import written
from netspec.source.page import page


@dataclass(frozen=True)
class Spec:
    """A spec's text, and where it has the layers of the flat one: their paths by those there."""

    text: str
    paths: dict[str, str]


def spec_of(imported: Imported, *, flat: bool = False) -> Spec:
    """The spec of an imported network; `flat` without blocks and repeats."""
    network = imported.network
    entries = items_of(network.entries)
    items = list(entries.values())
    inputs = {each.name: input_value(each, imported.shapes[each.name]) for each in network.inputs}
    results: list[Ref] = [_ref(blob, entries) for blob in network.outputs]
    blocks: list[Block] = []
    if not flat:
        items, results, blocks = with_steps(items, results)
        items, results, blocks = with_blocks(items, results, list(inputs), blocks)
    document: dict[str, Any] = {"netspec": 1, "name": network.name, "inputs": inputs}
    if blocks:
        document["blocks"] = {block.name: _block(block) for block in blocks}
    document["layers"] = written(items, list(inputs))
    if not _implied(results, items):
        document["outputs"] = [name_in(ref) for ref in results]
    return Spec(page(document, head_of(imported)), _paths(items))


def _ref(blob: Blob, entries: dict[Entry, Item]) -> Ref:
    if isinstance(blob.maker, Entry):
        return entries[blob.maker], blob.number
    assert isinstance(blob.maker, Input)
    return blob.maker.name, 0


def _block(block: Block) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if len(block.inputs) > 1:
        made["inputs"] = list(block.inputs)
    if block.args:
        made["args"] = {arg.name: arg.default for arg in block.args}
    made["layers"] = written(block.items, block.inputs)
    if len(block.outputs) > 1:
        made["outputs"] = list(block.outputs)
    return made


def _implied(results: list[Ref], items: list[Item]) -> bool:
    """Whether the last layer gives just what the network does."""
    last = items[-1] if items else None
    if last is None or last.phase is not None:
        return False
    return results == [(last, number) for number in range(last.tops)]


def _paths(items: list[Item], start: str = "") -> dict[str, str]:
    found = {}
    for item in items:
        if not item.inner:
            found[item.origin] = start + item.name
        for member, inner in item.inner:
            found.update(_paths([replace(inner, name=member)], f"{start}{item.name}."))
    return found
