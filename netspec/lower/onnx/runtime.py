"""What the onnx package and the ONNX Runtime at hand know: either may be older than this."""

from functools import cache

import onnx
from onnx import defs, helper

from netspec.diagnostics import Diagnostic, SpecError
from netspec.lower.onnx.opsets import NEWEST_OPSET, OLDEST_OPSET


def newest_known() -> int:
    """The newest opset that the onnx package knows."""
    return defs.onnx_opset_version()


@cache
def newest_runnable() -> int:
    """The newest opset that ONNX Runtime loads, of those that can be written; it has no way to say
    so itself.
    """
    for opset in range(min(NEWEST_OPSET, newest_known()), OLDEST_OPSET, -1):
        if _loads(opset):
            return opset
    return OLDEST_OPSET


def require_opset(opset: int) -> None:
    """SpecError (`missing-extra`) where the onnx package is older than the opset."""
    _require("onnx", onnx.__version__, "knows", newest_known(), opset)


def require_runnable(opset: int) -> None:
    """SpecError (`missing-extra`) where ONNX Runtime, or the onnx package, is older than that."""
    import onnxruntime

    require_opset(opset)
    _require("onnxruntime", onnxruntime.__version__, "runs", newest_runnable(), opset)


def _require(package: str, version: str, does: str, newest: int, opset: int) -> None:
    if opset > newest:
        message = f"{package} {version} {does} opsets up to {newest}; this needs {opset}"
        help = f"ask for an older opset, or `pip install --upgrade {package}`"
        raise SpecError([Diagnostic("missing-extra", message, help=help)])


def _loads(opset: int) -> bool:
    """Whether ONNX Runtime takes a model of the opset."""
    import onnxruntime

    values = [helper.make_tensor_value_info(each, onnx.TensorProto.FLOAT, [1]) for each in "xy"]
    body = helper.make_graph([helper.make_node("Relu", "x", "y")], "probe", values[:1], values[1:])
    operators = [helper.make_opsetid("", opset)]
    version = helper.find_min_ir_version_for(operators)
    model = helper.make_model(body, opset_imports=operators, ir_version=version)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception:  # its exceptions have no base of their own
        return False
    return True
