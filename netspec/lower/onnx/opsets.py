"""The versions of ONNX's operators that can be asked for. Imports nothing."""

OLDEST_OPSET = 13
"""Axes of ReduceSum and Squeeze, and Softmax along one axis, have been what they are since."""

NEWEST_OPSET = 26
"""The newest that both the onnx package (1.23) and ONNX Runtime (1.31) support."""

DEFAULT_OPSET = 20


def require_opset(opset: int) -> None:
    """ValueError unless the opset is one that netspec writes."""
    if not OLDEST_OPSET <= opset <= NEWEST_OPSET:
        raise ValueError(f"opset {opset} is not between {OLDEST_OPSET} and {NEWEST_OPSET}")
