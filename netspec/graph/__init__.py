"""The typed, immutable graph. Knows neither YAML nor any back end."""

from netspec.graph.fillers import Filler as Filler
from netspec.graph.ir import Blob as Blob
from netspec.graph.ir import Formula as Formula
from netspec.graph.ir import Graph as Graph
from netspec.graph.ir import Node as Node
from netspec.graph.ir import Operator as Operator
from netspec.graph.ir import Parameter as Parameter
from netspec.graph.ir import Phase as Phase
from netspec.graph.ir import Scope as Scope
from netspec.graph.sizes import Size as Size
from netspec.graph.sizes import SymbolicSize as SymbolicSize
from netspec.graph.types import Shape as Shape
from netspec.graph.types import TensorType as TensorType
