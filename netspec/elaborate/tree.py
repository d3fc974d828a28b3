"""The scope tree while it grows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from netspec.graph import Blob, Node, Phase, Scope


@dataclass(slots=True, eq=False)
class Tree:
    """A scope whose members are still being added."""

    path: str
    module: str
    members: "dict[str, Tree | Node]" = field(default_factory=dict)
    inputs: tuple[Blob, ...] = ()
    outputs: tuple[Blob, ...] = ()
    block: str | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    repeat: bool = False
    phase: Phase | None = None
    doc: str | None = None

    def container(self, name: str, repeat: bool) -> "Tree":
        """The member that holds instances, made when it is first asked for."""
        member = self.members.get(name)
        if not isinstance(member, Tree):
            member = Tree(join(self.path, name), join(self.module, name), repeat=repeat)
            self.members[name] = member
        return member

    def freeze(self) -> Scope:
        """The finished scope."""
        members = tuple(
            member.freeze() if isinstance(member, Tree) else member
            for member in self.members.values()
        )
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
        )


def ends(member: Scope | Node) -> tuple[tuple[Blob, ...], tuple[Blob, ...]]:
    """What a member reads and gives."""
    if isinstance(member, Scope):
        return member.inputs, member.outputs
    return member.bottoms, member.tops


def join(path: str, name: str) -> str:
    """A path one part longer."""
    return f"{path}.{name}" if path else name
