"""What is asked of a target that can be run, so that it can be held against PyTorch."""

import re
from collections.abc import Iterable, Mapping
from typing import Protocol

from netspec.lower.values import Array
from netspec.lower.weights import Weights

_CODES = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : (?:Load model from .*? failed:)?")
"""What ONNX Runtime says first: its own code, and a file that isn't the user's."""


class Refused(Exception):
    """A network can't be run; the message says why."""


def refused(runner: str, error: Exception, layer: str | None = None) -> Refused:
    """What is said where a target can't run a network: its own words, and of which layer."""
    lines = str(error).strip().splitlines()
    reason = _CODES.sub("", lines[0]) if lines else ""
    where = f" (in {layer})" if layer is not None else ""
    return Refused(f"{runner} can't run it: {reason or type(error).__name__}{where}")


class Running(Protocol):
    """A network's TEST phase as a target has it; Refused where that can't be run.

    It is first given its weights. `called` and `runner` are what messages call it and what runs
    it, `blobs` the names of all that it can give; results have the names that the user knows.
    """

    @property
    def called(self) -> str: ...

    @property
    def runner(self) -> str: ...

    @property
    def blobs(self) -> frozenset[str]: ...

    def load(self, weights: Weights) -> None:
        """Take the weights, of which there is one for each parameter."""

    def checks(self) -> Mapping[str, str | None]:
        """What else is promised of it, each with what is wrong there, None where nothing is."""

    def outputs(self, inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        """What it gives by name, for a network's inputs."""

    def give_also(self, names: Iterable[str]) -> None:
        """Let it give these of its blobs besides its own outputs."""

    def close(self) -> None:
        """Give back the memory; the next run opens it again."""
