"""What a row is: its name, its type, what it reads and gives."""

from netspec.analysis.columns.column import Column, Unit
from netspec.analysis.columns.figures import Figures, Place
from netspec.graph import Shape


def _name(figures: Figures, place: Place) -> str:
    return place.path


def _type(figures: Figures, place: Place) -> str:
    scope = place.scope
    if scope is not None:
        return scope.block or ("repeat" if scope.repeat else "group")
    return place.nodes[0].type if place.nodes else "Input"


def _bottom(figures: Figures, place: Place) -> tuple[str, ...]:
    if place.scope is not None:
        return tuple([blob.name for blob in place.scope.inputs])
    return tuple([blob.name for node in place.nodes[:1] for blob in node.bottoms])


def _top(figures: Figures, place: Place) -> tuple[Shape, ...]:
    if place.input is not None:
        shapes: tuple[Shape, ...] = (place.input.shape,)
    elif place.scope is not None:
        shapes = tuple([blob.shape for blob in place.scope.outputs])
    else:
        shapes = place.nodes[0].top
    return shapes


COLUMNS = (
    Column(name="name", heading="layer", about="the path", of=_name, unit=Unit.TEXT),
    Column(name="type", heading="type", about="the type", of=_type, unit=Unit.TEXT),
    Column(name="bottom", heading="bottom", about="what it reads", of=_bottom, unit=Unit.TEXT),
    Column(name="top", heading="output shape", about="what it gives", of=_top, unit=Unit.TEXT),
)
