"""What holds of every graph, however it came about: of what `elaborate` gives and of every pass.

A view of one phase, and what passes make of it, may lack a layer of which another applies the
parameters again, and what owns the values of shared parameters.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from netspec.graph.ir import Graph
from netspec.graph.nodes import Blob, Node, Phase
from netspec.graph.tree import Scope, leaves, scopes


def faults(graph: Graph) -> list[str]:
    """What is wrong with a graph, a line each; nothing of one that is whole."""
    return [line for rule in _RULES for line in rule(graph)]


def _paths(graph: Graph) -> Iterator[str]:
    """Nodes are the leaves of the tree, each in the scope that its path names."""
    held = {node.path: node for node in leaves(graph.root)}
    for node in graph.nodes:
        if held.get(node.path) != node:
            yield f"the tree doesn't hold the layer `{node.path}` as the list does"
    listed = {node.path for node in graph.nodes}
    yield from (f"the list lacks the layer `{path}`" for path in held if path not in listed)
    members = [(scope, member) for scope in scopes(graph.root) for member in scope.members]
    yield from _twice("path", (member.path for _, member in members))
    yield from _twice("layer", (node.path for node in graph.nodes))
    for scope, member in members:
        if member.path != f"{scope.path}.{member.name}".removeprefix("."):
            yield f"`{member.path}` stands in the scope `{scope.path}`"
        if isinstance(member, Scope) and not member.members:
            yield f"nothing stands in the scope `{member.path}`"


def _modules(graph: Graph) -> Iterator[str]:
    """A layer or scope applied again has the parameters of one that is there."""
    members = {each.path: each for scope in scopes(graph.root) for each in scope.members}
    for member in members.values():
        first = members.get(member.module)
        if first is None and graph.view is None:
            yield f"`{member.path}` applies `{member.module}`, which isn't there"
        if first is not None and (type(first) is not type(member) or first.reused):
            yield f"`{member.path}` applies `{member.module}`, which holds nothing"


def _blobs(graph: Graph) -> Iterator[str]:
    """A blob is made once, before it is read, and is the same wherever it stands."""
    tops = [blob for node in graph.nodes for blob in node.tops]
    yield from _twice("blob", (blob.name for blob in (*graph.inputs, *tops)))
    known = {blob.name: blob for blob in graph.inputs}
    for node in graph.nodes:
        yield from _unknown(f"`{node.path}` reads", node.bottoms, known)
        known |= {blob.name: blob for blob in node.tops}
    yield from _unknown("the network gives", graph.results, known)
    yield from _twice("result", (blob.name for blob in graph.results))
    for scope in scopes(graph.root):
        yield from _unknown(f"the scope `{scope.path}` reads", scope.inputs, known)
        yield from _unknown(f"the scope `{scope.path}` gives", scope.outputs, known)
        if len(scope.input_names) not in (0, len(scope.inputs)):
            yield f"the scope `{scope.path}` has other names than inputs"
        if len(scope.output_names) not in (0, len(scope.outputs)):
            yield f"the scope `{scope.path}` has other names than outputs"
    if (graph.root.inputs, graph.root.outputs) != (graph.inputs, graph.results):
        yield "the outermost scope reads or gives something else than the network"


def _unknown(who: str, blobs: Iterable[Blob], known: dict[str, Blob]) -> Iterator[str]:
    for blob in blobs:
        if blob.name not in known:
            yield f"{who} `{blob.name}`, which nothing has made"
        elif known[blob.name] != blob:
            yield f"{who} another `{blob.name}` than was made"


def _phases(graph: Graph) -> Iterator[str]:
    """What is of one phase is read, and held, by what is of that phase alone."""
    for node in graph.nodes:
        yield from _apart(f"what `{node.path}` gives", node.tops, node.phase)
        if any(blob.phase not in (None, node.phase) for blob in node.bottoms):
            yield f"`{node.path}` reads what its phase lacks"
    for scope in scopes(graph.root):
        if scope.phase is not None:
            yield from _apart(f"the scope `{scope.path}`", scope.members, scope.phase)
    if graph.view is not None:
        things = {blob.name: blob.phase for blob in (*graph.inputs, *graph.results)}
        things |= {node.path: node.phase for node in graph.nodes}
        for name, phase in things.items():
            if phase not in (None, graph.view):
                yield f"`{name}` is of another phase than the view"


def _apart(what: str, things: Iterable[Blob | Node | Scope], phase: Phase | None) -> Iterator[str]:
    if any(thing.phase is not phase for thing in things):
        yield f"{what} is of another phase"


def _parameters(graph: Graph) -> Iterator[str]:
    """Parameters are the layers' own, and owners are parameters that own themselves."""
    held = {each.name: each for each in graph.parameters}
    yield from _twice("parameter", (each.name for each in graph.parameters))
    for node in graph.nodes:
        for each in node.parameters:
            if held.get(each.name) != each:
                yield f"the network has another `{each.name}` than `{node.path}`"
            if each.name != node.module and not each.name.startswith(f"{node.module}."):
                yield f"`{node.path}` holds `{each.name}`"
    for each in graph.parameters:
        owner = held.get(each.owner)
        if owner is None and graph.view is None:
            yield f"`{each.name}` has the values of `{each.owner}`, which isn't there"
        alike = owner is None or (owner.shape, owner.dtype) == (each.shape, each.dtype)
        if owner is not None and (owner.shared or not alike):
            yield f"`{each.name}` can't have the values of `{each.owner}`"
    for name, heir in graph.left_out.items():
        if name in held or (heir is not None and heir not in held and graph.view is None):
            yield f"`{name}` is left out, but it or its heir says otherwise"


def _names(graph: Graph) -> Iterator[str]:
    """Losses are blobs of the TRAIN phase, and what bears a user's name is a result."""
    for name in graph.losses:
        maker = graph.makers.get(name)
        if maker is None or maker.phase is not Phase.TRAIN:
            yield f"the loss `{name}` is no blob of the TRAIN phase"
    results = {blob.name for blob in graph.results}
    yield from (f"`{name}` is no result" for name in graph.result_names if name not in results)
    yield from _twice("name of a result", map(graph.result_name, graph.results))


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    return (f"the {what} `{name}` is there twice" for name, n in Counter(names).items() if n > 1)


_RULES: tuple[Callable[[Graph], Iterator[str]], ...] = (
    _paths,
    _modules,
    _blobs,
    _phases,
    _parameters,
    _names,
)
