"""What a row is: its name, its type, what it reads and gives."""

from netspec.analysis.columns.column import Column, Unit
from netspec.analysis.columns.figures import Figures, Place
from netspec.graph import Blob, Shape


def _name(figures: Figures, place: Place) -> str:
    return place.path


def _type(figures: Figures, place: Place) -> str:
    scope = place.scope
    if scope is not None:
        return scope.block or ("repeat" if scope.repeat else "group")
    return "Input" if place.input is not None else place.nodes[0].type


def _bottom(figures: Figures, place: Place) -> tuple[str, ...]:
    if place.input is not None:
        return ()
    blobs = place.nodes[0].bottoms if place.scope is None else place.scope.inputs
    return tuple([blob.name for blob in blobs])


def _top(figures: Figures, place: Place) -> tuple[Shape, ...]:
    if place.input is not None:
        blobs: tuple[Blob, ...] = (place.input,)
    else:
        blobs = place.nodes[0].tops if place.scope is None else place.scope.outputs
    return tuple([figures.shape(blob.shape) for blob in blobs])


COLUMNS = (
    Column(name="name", heading="layer", about="the path", of=_name, unit=Unit.TEXT),
    Column(name="type", heading="type", about="the type", of=_type, unit=Unit.TEXT),
    Column(name="bottom", heading="bottom", about="what it reads", of=_bottom, unit=Unit.TEXT),
    Column(name="top", heading="output shape", about="what it gives", of=_top, unit=Unit.TEXT),
)
