"""The tree of scopes, from which readable source is written: who holds which layer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any

from netspec.graph.frozen import Frozen
from netspec.graph.nodes import Blob, Node, Parameter, Phase
from netspec.quick import frozen

if TYPE_CHECKING:
    from netspec.graph.written import Formulas, Written


@frozen
class Scope:
    """A block instance, a group, a repeat or the whole network: names within a name.

    `block` is the name of the block that it is an instance of, None for a group; `args` the
    block's arguments, evaluated. `repeat` is true for the scope that holds the instances of a
    repeat (`layer1` of `layer1.0`, `layer1.1`, …). `reused` as for a node. `written` is what its
    entry says, `defaults` what the block says of its args; `absent` are entries that aren't there,
    with the field that leaves them out, and scopes in which nothing stands.

    `input_names` are what a block calls its inputs, `output_names` what the scope around, or else
    the scope itself, calls the outputs; both in order, empty where nobody has said it.

    Members are in the order of a state_dict: those of `state_order` first, even before others that
    run earlier.
    """

    path: str
    members: "tuple[Node | Scope, ...]"
    inputs: tuple[Blob, ...]
    outputs: tuple[Blob, ...]
    block: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    repeat: bool = False
    phase: Phase | None = None
    module: str = ""
    doc: str | None = None
    written: "Written | None" = field(default=None, compare=False, repr=False)
    defaults: "Formulas" = field(default_factory=dict, compare=False, repr=False)
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    absent: tuple["Written | Scope", ...] = field(default=(), compare=False, repr=False)
    state_order: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "args", Frozen(self.args))

    def __hash__(self) -> int:
        return hash((self.path, self.module))

    @property
    def name(self) -> str:
        """The last part of the path; empty for the network."""
        return self.path.rpartition(".")[2]

    @property
    def reused(self) -> bool:
        return self.module != self.path

    def rank(self, name: str) -> int:
        """The place of a member in `state_order`; all that it doesn't name come behind."""
        order = self.state_order
        return order.index(name) if name in order else len(order)


def scopes(scope: Scope) -> Iterator[Scope]:
    """A scope and those within it."""
    yield scope
    for member in scope.members:
        if isinstance(member, Scope):
            yield from scopes(member)


def leaves(scope: Scope) -> Iterator[Node]:
    """The layers of a scope and of those within it, in the order of the tree."""
    for member in scope.members:
        if isinstance(member, Scope):
            yield from leaves(member)
        else:
            yield member


def ends(member: Scope | Node) -> tuple[tuple[Blob, ...], tuple[Blob, ...]]:
    """What a member reads and gives."""
    if isinstance(member, Scope):
        return member.inputs, member.outputs
    return member.bottoms, member.tops


def beginnings(path: str) -> Iterator[str]:
    """A path and those of the scopes around it, innermost first; the outermost scope has none."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def parameters(root: Scope) -> dict[str, Parameter]:
    """What the layers hold, by name, in the order of a PyTorch state_dict.

    A layer applied again holds what its module does; it alone does so where that one is gone.
    """
    found = {each.name: each for each in _own(root)}
    for node in leaves(root):
        for each in node.parameters:
            found.setdefault(each.name, each)
    return found


def _own(scope: Scope) -> Iterator[Parameter]:
    own = [member for member in scope.members if not member.reused]
    own.sort(key=_rank)
    for member in own:
        if isinstance(member, Scope):
            yield from _own(member)
        else:
            yield from member.parameters


def _rank(member: Node | Scope) -> int:
    """What a module holds itself comes before what its modules hold, its buffers behind."""
    if not (isinstance(member, Node) and member.is_parameter):
        return 2
    return int(member.parameters[0].buffer)


def regrown(
    root: Scope,
    nodes: Sequence[Node],
    blobs: Mapping[str, Blob],
    inputs: tuple[Blob, ...],
    results: tuple[Blob, ...],
) -> Scope:
    """The tree with these layers instead of its own, each in the scope that its path names.

    `blobs` are those that stand for the tree's blobs, by the names of these. A scope that the tree
    lacks is a group; one in which nothing stands is left out.
    """
    regrowth = Regrowth({scope.path: scope for scope in scopes(root)}, blobs, nodes, results)
    return replace(regrowth.scope("", nodes), inputs=inputs, outputs=results)


@dataclass
class Regrowth:
    """Makes the scopes that hold layers, from those of another tree, by path.

    With `needed` a scope gives no more than what something beyond it reads.
    """

    scopes: Mapping[str, Scope]
    blobs: Mapping[str, Blob]
    nodes: Sequence[Node]
    results: Sequence[Blob]
    needed: bool = False

    def scope(self, path: str, nodes: Sequence[Node]) -> Scope:
        """The scope of a path, which holds these layers."""
        depth = len(path) + 1 if path else 0
        groups: dict[str, list[Node]] = {}
        for node in nodes:
            end = node.path.find(".", depth)
            groups.setdefault(node.path[: end if end > 0 else None], []).append(node)
        members = [
            group[0] if group[0].path == name else self.scope(name, group)
            for name, group in groups.items()
        ]
        old = self.scopes.get(path) or Scope(path, (), (), (), module=path)
        members.sort(key=lambda member: old.rank(member.name))
        inputs = self._there(old.inputs, old.input_names)
        outputs = self._outputs(old, path, nodes)
        return replace(
            old,
            path=path,
            members=tuple(members),
            inputs=tuple([blob for blob, _ in inputs]),
            outputs=tuple([blob for blob, _ in outputs]),
            input_names=tuple([name for _, name in inputs if name]),
            output_names=tuple([name for _, name in outputs if name]),
        )

    def _there(self, blobs: Sequence[Blob], names: Sequence[str]) -> list[tuple[Blob, str]]:
        """Those of the blobs that are there, each with its name, if they have any."""
        named = zip(blobs, names or repeat(""), strict=False)
        return [(self.blobs[blob.name], name) for blob, name in named if blob.name in self.blobs]

    def _outputs(self, old: Scope, path: str, nodes: Sequence[Node]) -> list[tuple[Blob, str]]:
        """What the scope gave, as far as it is there; if nothing is, what is read beyond it."""
        given = self._there(old.outputs, old.output_names)
        if not old.outputs or (given and not self.needed):
            return given
        made = {blob.name: blob for node in nodes for blob in node.tops}
        unread = {name for name in made if not self._leaves(name, path)}
        given = [(blob, name) for blob, name in given if blob.name not in unread]
        return given or [(blob, "") for name, blob in made.items() if name not in unread]

    @cached_property
    def _readers(self) -> Mapping[str, Sequence[str]]:
        """The paths of the layers that read a blob; the network, which gives it, has none."""
        found = {blob.name: [""] for blob in self.results}
        for node in self.nodes:
            for blob in node.bottoms:
                found.setdefault(blob.name, []).append(node.path)
        return found

    def _leaves(self, blob: str, path: str) -> bool:
        return any(not reader.startswith(f"{path}.") for reader in self._readers.get(blob, ()))
