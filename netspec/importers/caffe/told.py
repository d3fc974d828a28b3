"""A value for a spec, and where the prototxt says it."""

from dataclasses import dataclass
from typing import Any

from netspec.source import Mapping, Scalar, Sequence, Value
from netspec.source.values import Place


@dataclass(frozen=True, slots=True)
class Told:
    """A plain value, where its key stands, and where it does itself."""

    value: Any
    key: Place
    place: Place

    def but(self, value: Any) -> "Told":
        """Another value that the same place says."""
        return Told(value, self.key, self.place)


def as_value(value: Any, place: Place) -> Value:
    """A plain value as the language reads it, all of it at one place."""
    if isinstance(value, list):
        sequence = Sequence(place.source, place.line, place.column)
        _end(sequence, place)
        sequence.items = [as_value(each, place) for each in value]
        return sequence
    if isinstance(value, dict):
        mapping = Mapping(place.source, place.line, place.column)
        _end(mapping, place)
        for name, each in value.items():
            put(mapping, name, each, place, place)
        return mapping
    return Scalar(
        value,
        isinstance(value, str),
        place.source,
        place.line,
        place.column,
        place.end_line,
        place.end_column,
        str(value),
    )


def put(mapping: Mapping, name: str, value: Any, key: Place, place: Place) -> None:
    """Add a field to a mapping."""
    scalar = as_value(name, key)
    assert isinstance(scalar, Scalar)
    mapping.keys[name] = scalar
    mapping.items[name] = as_value(value, place)


def _end(value: Sequence | Mapping, place: Place) -> None:
    value.end_line, value.end_column = place.end_line, place.end_column
