"""What `verify` found, as data. Imports nothing heavy."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite, isnan
from typing import Any

TOLERANCES = {"float32": 1e-5, "float16": 1e-2, "bfloat16": 5e-2}
"""What two targets may differ by, relative to a value's largest magnitude, unless said."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two targets' values of one blob: the largest difference, absolute and relative to the
    largest magnitude that PyTorch gave.
    """

    name: str
    shape: tuple[int, ...]
    absolute: float
    relative: float

    def to_json(self) -> dict[str, Any]:
        """As part of what `netspec verify --format json` prints."""
        return {
            "name": self.name,
            "shape": list(self.shape),
            "absolute": _finite(self.absolute),
            "relative": _finite(self.relative),
        }


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared and what differed; `ok` if nothing did.

    `tolerance` is relative, `absolute_tolerance` lets small values differ by more. `invalid` is
    what onnx's checker said of the file, None if it passed; `runner` is what ran it, and `refused`
    what targets said that couldn't run the network. `layers` are the values of all layers in the
    order of the spec, if they were asked for; then they must agree too.
    """

    name: str
    tolerance: float
    absolute_tolerance: float
    outputs: tuple[Difference, ...]
    shapes_checked: int
    wrong_shapes: tuple[str, ...]
    parameters_checked: int
    wrong_parameters: tuple[str, ...]
    invalid: str | None = None
    runner: str = "ONNX Runtime"
    refused: tuple[str, ...] = ()
    layers: tuple[Difference, ...] = ()

    @property
    def ok(self) -> bool:
        wrong = self.wrong_shapes or self.wrong_parameters or self.invalid or self.refused
        return not wrong and all(map(self.agrees, (*self.outputs, *self.layers)))

    def agrees(self, difference: Difference) -> bool:
        """Whether a difference is within a tolerance; one that is no number isn't."""
        return (
            difference.relative <= self.tolerance or difference.absolute <= self.absolute_tolerance
        )

    @property
    def first_difference(self) -> Difference | None:
        """The first layer, in the order of the spec, that is out of tolerance."""
        return next((each for each in self.layers if not self.agrees(each)), None)

    @property
    def largest_layer(self) -> Difference | None:
        """The layer with the largest relative difference."""
        return _largest(self.layers)

    def to_json(self) -> dict[str, Any]:
        """The object that `netspec verify --format json` prints."""
        first, largest = self.first_difference, self.largest_layer
        return {
            "name": self.name,
            "ok": self.ok,
            "targets": ["torch", "onnx"],
            "tolerance": self.tolerance,
            "absolute_tolerance": self.absolute_tolerance,
            "outputs": [each.to_json() for each in self.outputs],
            "shapes": {"checked": self.shapes_checked, "wrong": list(self.wrong_shapes)},
            "parameters": {
                "checked": self.parameters_checked,
                "wrong": list(self.wrong_parameters),
            },
            "onnx_checker": self.invalid,
            "refused": list(self.refused),
            "layers": len(self.layers),
            "first_difference": first.to_json() if first is not None else None,
            "largest_layer_difference": largest.to_json() if largest is not None else None,
        }


def _finite(number: float) -> float | None:
    """A number as JSON has it: null where it's none or infinite."""
    return number if isfinite(number) else None


def _largest(differences: Iterable[Difference]) -> Difference | None:
    return max(differences, key=lambda each: (isnan(each.relative), each.relative), default=None)
