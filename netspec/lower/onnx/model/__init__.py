"""The file: a graph's nodes with their weights, in memory or written piece by piece."""

from netspec.lower.onnx.model.file import save as save
from netspec.lower.onnx.model.file import to_model as to_model
from netspec.lower.onnx.model.file import write as write
