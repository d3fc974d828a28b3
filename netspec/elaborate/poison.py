"""What stands where a mistake has been reported, so that nothing more is said of it."""

from netspec.graph import Blob, Shape, TensorType

UNKNOWN = TensorType(Shape(()), "unknown")
"""The type of what a mistaken layer would give: nothing more is said about it."""

FAILED = object()
"""The value of a var or an arg whose mistake has been reported."""


class Poisoned(Exception):
    """A value depends on something that has already been reported."""


def is_unknown(blob: Blob) -> bool:
    return blob.type is UNKNOWN
