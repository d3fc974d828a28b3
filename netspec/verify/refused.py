"""What a target says where it can't run a network."""

import re

_CODES = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : (?:Load model from .*? failed:)?")
"""What ONNX Runtime says first: its own code, and a file that isn't the user's."""


class Refused(Exception):
    """A target can't run the network; the message is what it says, and of which layer."""

    def __init__(self, runner: str, error: Exception, layer: str | None = None) -> None:
        lines = str(error).strip().splitlines()
        reason = _CODES.sub("", lines[0]) if lines else ""
        where = f" (in {layer})" if layer is not None else ""
        super().__init__(f"{runner} can't run it: {reason or type(error).__name__}{where}")
