"""The scope tree while it grows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from netspec.graph import Blob, Node, Phase, Scope
from netspec.graph.tree import ends
from netspec.graph.written import Formulas, Written


class Unmade(Protocol):
    """A finished scope whose layers are made when someone asks for them."""

    def freeze(self) -> Scope: ...
    def holds_layers(self) -> bool: ...


@dataclass(slots=True, eq=False)
class Tree:
    """A scope whose members are still being added."""

    path: str
    module: str
    members: "dict[str, Tree | Unmade | Node]" = field(default_factory=dict)
    inputs: tuple[Blob, ...] = ()
    outputs: tuple[Blob, ...] = ()
    block: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    repeat: bool = False
    phase: Phase | None = None
    doc: str | None = None
    depth: int = 0
    written: Written | None = None
    defaults: Formulas = field(default_factory=dict)
    input_names: tuple[str, ...] = ()
    output_names: tuple[str, ...] = ()
    absent: list[Written] = field(default_factory=list)
    state_order: tuple[str, ...] = ()
    frozen: Scope | None = None
    around: "Tree | None" = field(default=None, repr=False)
    filled: bool = False

    def put(self, name: str, member: "Tree | Unmade | Node") -> None:
        """Add a member, or put it in the place of another."""
        self.members[name] = member
        if isinstance(member, Tree):
            member.around = self
        if isinstance(member, Node) or member.holds_layers():
            self._fill()

    def _fill(self) -> None:
        """Note a layer, here and in all scopes around, so that none goes through what it holds."""
        tree: Tree | None = self
        while tree is not None and not tree.filled:
            tree.filled, tree = True, tree.around

    def container(self, name: str) -> "Tree":
        """The member that dotted names put layers into, made when it is first asked for.

        Its place is that of its first layer: one that isn't there takes none.
        """
        member = self.members.get(name)
        if not isinstance(member, Tree):
            path, module = join(self.path, name), join(self.module, name)
            member = Tree(path, module, phase=self.phase, depth=self.depth + 1)
            self.put(name, member)
        elif not member.holds_layers():
            self.members[name] = self.members.pop(name)
        return member

    def freeze(self) -> Scope:
        """The finished scope; scopes in which nothing stands are left out."""
        if self.frozen is None:
            self.frozen = self._freeze()
        return self.frozen

    def _freeze(self) -> Scope:
        members = tuple(
            [
                member if isinstance(member, Node) else member.freeze()
                for member in self.members.values()
                if isinstance(member, Node) or member.holds_layers()
            ]
        )
        trees = [member for member in self.members.values() if not isinstance(member, Node)]
        empty = [tree.freeze() for tree in trees if not tree.holds_layers()]
        inputs, outputs, phase = self.inputs, self.outputs, self.phase
        if self.repeat and members:
            inputs, outputs = ends(members[0])[0], ends(members[-1])[1]
            phases = {member.phase for member in members}
            phase = phases.pop() if len(phases) == 1 else None
        return Scope(
            self.path,
            members,
            inputs,
            outputs,
            self.block,
            self.args,
            self.repeat,
            phase,
            self.module,
            self.doc,
            self.written,
            self.defaults,
            self.input_names,
            self.output_names,
            (*self.absent, *empty),
            self.state_order,
        )

    def holds_layers(self) -> bool:
        return self.filled


def relative(path: str, scope: str) -> str:
    """A path as it is called in a scope; one that leads out of it as it is."""
    return path.removeprefix(f"{scope}.") if scope else path


def join(path: str, name: str) -> str:
    """A path one part longer."""
    return f"{path}.{name}" if path else name
