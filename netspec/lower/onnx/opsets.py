"""The versions of ONNX's operators and the element types that can be asked for. Imports nothing,
so that the command line can say them.
"""

OLDEST_OPSET = 13
"""Axes of ReduceSum and Squeeze, and Softmax along one axis, have been what they are since."""

NEWEST_OPSET = 28
"""The newest that both the onnx package (1.23) and ONNX Runtime (1.32) support."""

DEFAULT_OPSETS = {"float32": 20, "float16": 20, "bfloat16": 22}
"""What a file is of unless said, for each element type: before 22 bfloat16 isn't convolved."""


def opset_for(opset: int | None, dtype: str) -> int:
    """The opset asked for, or for None the default of the element type.

    ValueError for one that isn't written. Whether its operators take the element type is told
    layer by layer (`schemas`).
    """
    if dtype not in DEFAULT_OPSETS:
        raise ValueError(f"{dtype} is none of {', '.join(DEFAULT_OPSETS)}")
    if opset is None:
        return DEFAULT_OPSETS[dtype]
    if not OLDEST_OPSET <= opset <= NEWEST_OPSET:
        raise ValueError(f"opset {opset} is not between {OLDEST_OPSET} and {NEWEST_OPSET}")
    return opset
