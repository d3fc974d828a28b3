"""The text of a spec for an imported network."""

from typing import Any

from netspec.importers.caffe.document import input_value, name_of
from netspec.importers.caffe.importing import Imported
from netspec.importers.caffe.tidy.items import Item, items_of
from netspec.importers.caffe.tidy.writing import written
from netspec.source.page import page


def spec_text(imported: Imported, *, flat: bool = False) -> str:
    """The spec; `flat` without blocks and repeats."""
    network = imported.network
    items = items_of(network.entries)
    inputs = {each.name: input_value(each, imported.shapes[each.name]) for each in network.inputs}
    outputs = [name_of(blob) for blob in network.outputs]
    document: dict[str, Any] = {"netspec": 1, "name": network.name}
    document["inputs"] = inputs
    document["layers"] = written(items, list(inputs))
    if not _implied(outputs, items):
        document["outputs"] = outputs
    return page(document)


def _implied(outputs: list[str], items: list[Item]) -> bool:
    """Whether the last layer gives just what the network does."""
    last = items[-1] if items else None
    if last is None or last.phase is not None:
        return False
    return outputs == [last.top(number) for number in range(last.tops)]
