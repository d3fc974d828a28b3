"""What of a network stays as it is."""

from netspec.graph import Graph
from netspec.lower.weights.patterns import any_of
from netspec.recipes import Recipe


def frozen_owners(graph: Graph, recipe: Recipe) -> set[str]:
    """The parameters that are frozen, by the first of those that share their values: of these one
    that matches is enough.
    """
    return {each.owner for each in graph.parameters if any_of(recipe.freeze, each.name)}
