"""What a spec's comments say of the file that it was made from."""

from collections.abc import Iterator

from netspec.counted import counted
from netspec.importers.caffe.importing import Imported
from netspec.importers.caffe.wiring import LeftOut
from netspec.listed import listed
from netspec.printable import printable

MAX_LISTED = 12


def head_of(imported: Imported) -> list[str]:
    """The comments at the head of a spec."""
    return [printable(" ".join(each.split())) for each in _head(imported)]


def _head(imported: Imported) -> Iterator[str]:
    network = imported.network
    yield f"Made by `netspec import` from {network.place.source.name.rpartition('/')[2]}."
    if network.called and network.called != network.name:
        yield f"Caffe calls the network `{network.called}`."
    for sentence in network.notes.said:
        yield f"{sentence[:1].upper()}{sentence[1:]}."
    colours = [each.name for each in network.inputs if imported.shapes[each.name][1:2] == [3]]
    if colours:
        named = listed([f"`{name}`" for name in colours])
        yield f"Caffe's tools read images as blue, green, red: so are the channels of {named}."
    if not imported.batch:
        yield "The batch is the file's own: some layer needs to know it."
    dropped = [f"{what} ({n})" if n > 1 else what for what, n in network.notes.dropped.items()]
    if dropped:
        yield f"Dropped, as a spec has no such thing: {', '.join(dropped)}."
    yield from _left_out(network.left_out)


def _left_out(layers: list[LeftOut]) -> Iterator[str]:
    """What the network lacks, and how to have more of it."""
    first = [each for each in layers if each.why]
    behind = [each.layer.name.value for each in layers if not each.why]
    for each in first:
        layer, place = each.layer, each.layer.name.place
        type = f"{layer.type.value}, " if layer.type.value else ""
        yield f"Left out: `{layer.name.value}` ({type}line {place.line}): {each.why}."
        if each.inputs:
            named = listed([f"`{name}`" for name in each.inputs])
            yield f"What it gives, {named}, is an input here."
    if behind:
        shown = listed([f"`{name}`" for name in behind[:MAX_LISTED]])
        more = len(behind) - MAX_LISTED
        others = f" and {counted(more, 'layer')} more" if more > 0 else ""
        yield (
            f"Left out with it, as they read that: {shown}{others}. Given the shape of what it "
            "gives (`--input NAME=SHAPE`), that is an input, and they stay."
        )
