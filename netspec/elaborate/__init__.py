"""From a document to a graph: scopes, vars, blocks, repeats, phases; shapes as it goes."""

from netspec.elaborate.network import Overrides as Overrides
from netspec.elaborate.network import Program as Program
