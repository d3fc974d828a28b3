"""What isn't trained, said once: a kind of layers, a scope, a layer, a single weight."""

from collections.abc import Iterator
from itertools import accumulate

from netspec.graph import Graph, Node
from netspec.lower.torch.classes.initialization import holders
from netspec.lower.torch.code import Block, Do, Expr, Name, Statement, call, method
from netspec.lower.torch.python.layout import quoted
from netspec.lower.torch.structure.forms import Forms

FEW = 2
"""Layers of a kind that are named rather than sought."""


def frozen(graph: Graph, forms: Forms) -> Iterator[Statement]:
    """A scope of which nothing is trained is frozen as a whole; of what is left a kind of layers
    that never are by a loop.
    """
    targets = _targets(graph)
    for kind, paths in _kinds(graph, forms).items():
        named = [path for path in paths if path in targets]
        if len(named) > FEW:
            targets = {path: each for path, each in targets.items() if path not in named}
            test = call("isinstance", Name("module"), Name(kind))
            inner = Block("if", test, (_freeze(Name("module")),))
            yield Block("for", Name("module in self.modules()"), (inner,))
    for path, is_module in targets.items():
        getter = "self.get_submodule" if is_module else "self.get_parameter"
        direct = is_module and path.isidentifier()
        yield _freeze(Name(f"self.{path}") if direct else call(getter, Name(quoted(path))))


def _freeze(value: Expr) -> Statement:
    return Do(method(value, "requires_grad_", Name("False")))


def _targets(graph: Graph) -> dict[str, bool]:
    """The paths of what is frozen, each as high as can be, and whether a module stands there."""
    weights = [parameter for parameter in graph.parameters if not parameter.buffer]
    trained = {path for each in weights if each.trainable for path in _above(each.name)}
    found: dict[str, bool] = {}
    for each in weights:
        if not each.trainable and not each.shared:
            whole = next((path for path in _above(each.name) if path not in trained), None)
            found[whole or each.name] = whole is not None
    return found


def _above(name: str) -> list[str]:
    """The paths of the modules that hold a weight, the outermost first."""
    return list(accumulate(name.split(".")[:-1], "{}.{}".format))


def _kinds(graph: Graph, forms: Forms) -> dict[str, list[str]]:
    """The classes of layers of which none is trained, no other being one of them, with paths."""
    found: dict[str, list[str]] = {}
    trained: set[str] = set()
    lowered = {node.path: forms.lowered(node) for node in graph.nodes}
    entries = list(holders(graph.nodes, lowered))
    for node, entry, kind in entries:
        found.setdefault(kind, []).append(node.path)
        if entry.module is None or _is_trained(node):
            trained.add(kind)
    texts = [entry.text for _, entry, _ in entries]
    return {
        kind: paths
        for kind, paths in found.items()
        if kind not in trained and not any(f"({kind})" in text for text in texts)
    }


def _is_trained(node: Node) -> bool:
    return any(each.trainable for each in node.parameters if not each.buffer)
