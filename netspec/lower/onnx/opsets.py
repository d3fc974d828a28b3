"""The versions of ONNX's operators and the element types that can be asked for."""

OLDEST_OPSET = 13
"""Axes of ReduceSum and Squeeze, and Softmax along one axis, have been what they are since."""

NEWEST_OPSET = 26
"""The newest that both the onnx package (1.23) and ONNX Runtime (1.31) support."""

DEFAULT_OPSET = 20

FIRST_OPSETS = {"float32": OLDEST_OPSET, "float16": OLDEST_OPSET, "bfloat16": 22}
"""What a network can compute with, and since when: convolutions of bfloat16 came with 22."""


def require_opset(opset: int) -> None:
    """ValueError unless the opset is one that netspec writes."""
    if not OLDEST_OPSET <= opset <= NEWEST_OPSET:
        raise ValueError(f"opset {opset} is not between {OLDEST_OPSET} and {NEWEST_OPSET}")


def opset_for(opset: int | None, dtype: str) -> int:
    """The opset asked for, or for None the default of the element type.

    ValueError for one that isn't written, or that can't compute with the type.
    """
    if dtype not in FIRST_OPSETS:
        raise ValueError(f"{dtype} is none of {', '.join(FIRST_OPSETS)}")
    first = FIRST_OPSETS[dtype]
    if opset is None:
        return max(DEFAULT_OPSET, first)
    require_opset(opset)
    if opset < first:
        raise ValueError(f"opset {opset} has no convolution of {dtype}: it came with opset {first}")
    return opset
