"""Initializers that point into a file of weights instead of holding them.

ONNX's external data are byte ranges of files, and a `.safetensors` file holds each tensor as just
such a range. The checker and ONNX Runtime read only plain files in or below the model's folder:
a link could lead them to any file of the machine.
"""

import os
from pathlib import Path

import onnx

from netspec.diagnostics import Diagnostic, SpecError


def location_of(weights: Path, folder: Path) -> str:
    """The place of a weights file as a model in the folder names it; SpecError (`weights-place`)
    where it isn't one that ONNX reads.
    """
    real, home = Path(os.path.realpath(weights)), Path(os.path.realpath(folder))
    if not real.is_relative_to(home):
        where = "it is a link to a file" if weights.is_symlink() else "it lies"
        raise _misplaced(weights, f"{where} outside of the model's folder `{folder}`")
    location = real.relative_to(home).as_posix()
    if ".." in location:
        raise _misplaced(weights, "ONNX allows no `..` in the name, wherever it stands")
    if real.stat().st_nlink > 1:
        raise _misplaced(weights, "the file has several names (hard links), and ONNX allows one")
    return location


def refer(tensor: onnx.TensorProto, location: str, offset: int, length: int) -> None:
    """Make the tensor's values a byte range of the file at the location."""
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))


def _misplaced(weights: Path, reason: str) -> SpecError:
    message = f"an ONNX file can't refer to `{weights}`: {reason}"
    help = (
        "write the model beside the weights, or leave out `--reference-weights`: "
        "they are then copied into it"
    )
    return SpecError([Diagnostic("weights-place", message, help=help)])
