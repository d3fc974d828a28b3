"""Graph to ONNX, straight: no torch, no tracing. Importing it imports onnx and NumPy."""

from netspec.lower.onnx.model import save as save
from netspec.lower.onnx.model import to_model as to_model
from netspec.lower.onnx.model import write as write
from netspec.lower.opsets import DEFAULT_OPSETS as DEFAULT_OPSETS
from netspec.lower.opsets import NEWEST_OPSET as NEWEST_OPSET
from netspec.lower.opsets import OLDEST_OPSET as OLDEST_OPSET
from netspec.lower.options import OnnxOptions

Options = OnnxOptions
