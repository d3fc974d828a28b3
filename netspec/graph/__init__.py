"""The typed, immutable graph. Knows neither YAML nor any back end."""

from netspec.graph.ir import Graph as Graph
from netspec.graph.nodes import Blob as Blob
from netspec.graph.nodes import Node as Node
from netspec.graph.nodes import Operator as Operator
from netspec.graph.nodes import Parameter as Parameter
from netspec.graph.nodes import Phase as Phase
from netspec.graph.sizes import Size as Size
from netspec.graph.sizes import SymbolicSize as SymbolicSize
from netspec.graph.tree import Scope as Scope
from netspec.graph.types import Shape as Shape
from netspec.graph.types import TensorType as TensorType
from netspec.graph.work import Kind as Kind
from netspec.graph.work import Work as Work
