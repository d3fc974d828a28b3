"""That a scope applied again is what it was: a module has its layers and its wiring once."""

from collections.abc import Iterator

from netspec.elaborate.context import Context
from netspec.elaborate.scope import Site
from netspec.elaborate.tree import Tree, Unmade
from netspec.graph import Node
from netspec.language.values import PlacedError
from netspec.layers import Layer
from netspec.layers.told import told

HELP = "what depends on the size of its bottom can't be applied again: write it a second time"


def check_same(context: Context, site: Site, again: Tree) -> None:
    """Refuse a reused scope whose layers, or what they read of one another, differ on this bottom.

    PlacedError (`bad-reuse`). What follows from another mistake isn't looked at.
    """
    original = _at(context.frames[0].tree, again.module)
    if original is None or context.diagnostics.has_errors:
        return
    nodes, others = list(_nodes(again)), list(_nodes(original))
    if [node.module for node in nodes] != [node.module for node in others]:
        raise _differs(context, site, again.module)
    pairs = list(zip(nodes, others, strict=True))
    tops = [each for node, other in pairs for each in zip(node.tops, other.tops, strict=True)]
    names = {mine.name: theirs.name for mine, theirs in tops}
    known = set(names.values())
    for node, other in pairs:
        reads = [names.get(blob.name) for blob in node.bottoms]
        wanted = [blob.name if blob.name in known else None for blob in other.bottoms]
        if _differ(node, other) or reads != wanted:
            raise _differs(context, site, node.module)


def _differ(one: Node, other: Node) -> bool:
    """Whether two layers, or how they tell sizes of those that they read, differ."""
    layers = one.layer, other.layer
    if not all(isinstance(layer, Layer) and layer.symbolic_fields for layer in layers):
        return one.layer != other.layer
    found = []
    for node, layer in ((one, layers[0]), (other, layers[1])):
        assert isinstance(layer, Layer)
        read = told(layer, [blob.type for blob in node.bottoms])
        found.append((layer.model_copy(update=dict.fromkeys(layer.symbolic_fields)), read))
    return found[0] != found[1]


def _differs(context: Context, site: Site, path: str) -> PlacedError:
    message = f"on this bottom `{path}` would be another"
    return context.error("bad-reuse", message, site.at("reuse"), site.scope, help=HELP)


def _at(tree: Tree, path: str) -> Tree | None:
    found: Tree | Unmade | Node | None = tree
    for part in path.split("."):
        found = found.members.get(part) if isinstance(found, Tree) else None
    return found if isinstance(found, Tree) else None


def _nodes(tree: Tree) -> Iterator[Node]:
    for member in tree.members.values():
        if isinstance(member, Tree):
            yield from _nodes(member)
        elif isinstance(member, Node):  # in a document that applies scopes again, all are made
            yield member
