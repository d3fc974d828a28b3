"""The part of the input that a layer's places depend on."""

from collections.abc import Mapping
from math import inf, prod

from netspec.analysis.columns.column import Column, Unit, Value
from netspec.analysis.columns.figures import Figures, Place
from netspec.analysis.receptive import ReceptiveField, receptive_fields
from netspec.graph import Blob


def _fields(figures: Figures) -> Mapping[str, ReceptiveField]:
    return receptive_fields(figures.graph)


def _field(figures: Figures, place: Place) -> Value:
    """The field of the first blob that it gives; None where that depends on no input."""
    if place.input is not None:
        blobs: tuple[Blob, ...] = (place.input,)
    else:
        blobs = place.nodes[0].tops if place.scope is None else place.scope.outputs
    return figures.once(_fields).get(blobs[0].name) if blobs else None


def _elements(value: Value) -> float:
    """How many elements of the input it spans."""
    assert isinstance(value, ReceptiveField)
    return prod(inf if size is None else size for size in value.size)


COLUMNS = (
    Column(
        name="receptive_field",
        heading="field",
        about="the size of its receptive field in the input",
        of=_field,
        unit=Unit.TEXT,
        order=_elements,
    ),
)
