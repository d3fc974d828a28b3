"""Whole numbers that stand in floating-point values: indices and labels."""

from netspec.graph import Size
from netspec.lower.onnx.emitter import NotLowerable
from netspec.lower.values import whole_numbers


def require_whole(what: str, dtype: str, count: Size) -> None:
    """NotLowerable unless a floating-point type holds every whole number below the count; of an
    unknown one only float32 is trusted with it.
    """
    if "float" not in dtype:
        return
    limit = whole_numbers(dtype)
    if count <= limit if isinstance(count, int) else dtype == "float32":
        return
    raise NotLowerable(
        f"{what} would stand in {dtype}, which holds whole numbers up to {limit}, but there are "
        f"{count} of them"
    )
