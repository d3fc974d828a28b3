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
        raise _misplaced(weights, f"{where} outside of the model's folder `{folder}`", COPY)
    location = real.relative_to(home).as_posix()
    reason = _wrong_name(location)
    if reason is None and real.stat().st_nlink > 1:
        reason = "the file has several names (hard links), and ONNX allows one"
    if reason is not None:
        raise _misplaced(weights, reason, COPY)
    return location


def location_beside(data: Path) -> str:
    """The place of a file, yet to be written, as a model beside it names it; SpecError
    (`weights-place`) where it wouldn't be one that ONNX reads.

    Hard links need no look: what is written is a new file, which has no other name.
    """
    reason = _wrong_name(data.name)
    if reason is None and data.is_symlink():
        reason = "a link bears that name, and ONNX follows none"
    if reason is not None:
        raise _misplaced(data, reason, "give the model another name")
    return data.name


def refer(tensor: onnx.TensorProto, location: str, offset: int, length: int) -> None:
    """Make the tensor's values a byte range of the file at the location."""
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))


COPY = (
    "write the model beside the weights, or leave out `--reference-weights`: they are then copied "
    "into it"
)
"""What to do where weights can't be referred to."""


def _wrong_name(location: str) -> str | None:
    """What is wrong with the name, if anything is."""
    if ".." in location:
        return "ONNX allows no `..` in the name, wherever it stands"
    try:
        location.encode()
    except UnicodeEncodeError:
        return "ONNX knows names of UTF-8 text alone"
    return None


def _misplaced(path: Path, reason: str, help: str) -> SpecError:
    shown = os.fsencode(path).decode(errors="backslashreplace")
    message = f"an ONNX file can't refer to `{shown}`: {reason}"
    return SpecError([Diagnostic("weights-place", message, help=help)])
