"""Scopes: where names are looked up, and what stands before an entry."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from netspec.diagnostics.suggest import nearest
from netspec.elaborate.tree import Tree
from netspec.elaborate.values import Binding, BindingView
from netspec.expressions import ExpressionError
from netspec.graph import Blob, Phase
from netspec.graph.written import Control
from netspec.language.document import Entry


@dataclass(slots=True, eq=False)
class Frame:
    """What all entries of one list share and change: its names, its numbers, what came last.

    `inputs` are the names of what it reads, empty for an only input that is called `input`;
    `later` are names that the list gives further down, for a better message.
    """

    tree: Tree
    input: Binding
    names: dict[str, Binding] = field(default_factory=dict)
    previous: tuple[Blob, ...] = ()
    inputs: tuple[str, ...] = ()
    later: frozenset[str] = frozenset()
    count: int = 0


@dataclass(slots=True, eq=False)
class Use:
    """A use of a block: a link in the chain that led to a place."""

    block: str
    path: str
    entry: Entry

    def __str__(self) -> str:
        path = self.path if len(self.path) <= 80 else f"{self.path[:38]}…{self.path[-38:]}"
        return f"in block {self.block}, used as {path} at {self.entry.node.span}"


@dataclass(slots=True, eq=False)
class Scope:
    """A frame as one entry sees it, with the values and scopes around. It isn't changed.

    `values` are args, vars or an index; `parent` is the scope around an open one, None for the
    outermost; `owner` names whose values they are, for the record of what is read. `chain` says
    which blocks led here, innermost first; `depth` how many scopes. `reusing` is true within a
    reuse, whose layers have the parameters of others. `turns` are the numbers of the instances of
    repeated groups around that open no scope. `controls` are the repeats and conditions around in
    the same block.
    """

    frame: Frame
    values: Mapping[str, Any]
    parent: "Scope | None" = None
    owner: str | None = None
    phase: Phase | None = None
    chain: tuple[Use, ...] = ()
    allow: frozenset[str] = frozenset()
    depth: int = 0
    reusing: bool = False
    turns: tuple[int, ...] = ()
    controls: tuple[Control, ...] = ()

    def within(
        self,
        values: Mapping[str, Any] | None = None,
        *,
        allow: frozenset[str] = frozenset(),
        deeper: int = 0,
        turns: tuple[int, ...] = (),
        controls: tuple[Control, ...] = (),
    ) -> "Scope":
        """The same list of entries, with more values or more that is allowed."""
        return Scope(
            self.frame,
            values or {},
            self,
            None,
            self.phase,
            self.chain,
            self.allow | allow if allow else self.allow,
            self.depth + deeper,
            self.reusing,
            self.turns + turns if turns else self.turns,
            self.controls + controls if controls else self.controls,
        )

    def outward(self) -> "Iterator[Scope]":
        """This scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def value(self, name: str, record: "set[tuple[str, str]]") -> Any:
        """What an expression sees under a name; ExpressionError where there is none.

        `record` is told of args and vars that are read.
        """
        if name == "input":
            return BindingView(name, self.input())
        if name == "previous":
            return BindingView(name, Binding(self.frame.previous))
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                if scope.owner is not None:
                    record.add((scope.owner, name))
                return scope.values[name]
            if name in scope.frame.names:
                return BindingView(name, scope.frame.names[name])
            scope = scope.parent
        self._check_later(name)
        message = f"nothing here is called `{name}`"
        raise ExpressionError("unknown-name", message, help=self._hint(name))

    def input(self) -> Binding:
        """The scope's only input; ExpressionError where it declares several by name."""
        names = self.frame.inputs
        if len(names) > 1:
            listed = ", ".join(f"`{name}`" for name in names)
            message = "this scope has several inputs, which have names of their own"
            raise ExpressionError("unknown-name", message, help=f"it reads {listed}")
        return self.frame.input

    def resolve(self, path: str) -> tuple[Blob, ...]:
        """The blobs that a bottom's path stands for; ExpressionError where there are none."""
        *parts, last = path.split(".")
        if last == "*" and parts:
            binding = self.find(".".join(parts))
            if binding.poisoned:
                return binding.blobs
            if binding.chained:
                raise ExpressionError(
                    "chained-branches",
                    f"the instances of `{'.'.join(parts)}` read one another, each the one before; "
                    "`.*` is for branches",
                    help="in the repeat, `bottom: input` makes branches, `bottom: previous` says "
                    "that a chain is meant",
                )
            if binding.container:
                members = (binding.members or {}).values()
                return tuple(blob for each in members if not each.absent for blob in each.blobs)
            message = f"`{'.'.join(parts)}` is no repeat; `.*` stands for all instances of one"
            raise ExpressionError("unknown-name", message)
        binding = self.find(path)
        if not binding.blobs:
            what = "isn't there, nor is what it would read" if binding.absent else "gives nothing"
            raise ExpressionError("unknown-name", f"`{path}` {what}")
        return binding.blobs

    def find(self, path: str) -> Binding:
        """What a path stands for: its first part is sought from here outwards, and decides."""
        first, *rest = path.split(".")
        if first == "input":
            binding = self.input()
        elif first == "previous":
            binding = Binding(self.frame.previous)
        else:
            binding = self._binding(first)
        walked = first
        for part in rest:
            if binding.poisoned:
                break
            binding = _member(walked, binding, part)
            walked = f"{walked}.{part}"
        return binding

    def _binding(self, name: str) -> Binding:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.frame.names:
                return scope.frame.names[name]
            scope = scope.parent
        self._check_later(name)
        message, help = f"no layer is called `{name}`", self._hint(name)
        if self.sees_value(name):
            message, help = f"`{name}` is a value, not a layer", f"its value is `${name}`"
        raise ExpressionError("unknown-name", message, help=help)

    def _check_later(self, name: str) -> None:
        if any(name in scope.frame.later for scope in self.outward()):
            raise ExpressionError(
                "unknown-name",
                f"`{name}` stands further down; a layer reads only what stands before it",
            )

    def _hint(self, name: str) -> str | None:
        """Help for a name that isn't seen."""
        names: list[str] = []
        for scope in self.outward():
            names += [*scope.values, *scope.frame.names]
        near = nearest(name, [*names, "input", "previous"])
        return f"did you mean `{near}`?" if near else None

    def sees_value(self, name: str) -> bool:
        """Whether an arg, a var or an index of that name is seen from here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return True
            scope = scope.parent
        return False


def _member(walked: str, binding: Binding, part: str) -> Binding:
    if binding.absent:
        message = f"`{walked}` isn't there, because its `when` is false or its `repeat` 0"
        raise ExpressionError("unknown-name", message)
    if binding.members is None:
        if part in binding.numbers:
            number = int(part)
            return Binding(binding.blobs[number : number + 1], place=binding.place)
        message = f"`{walked}` is a layer, which has no names within"
        raise ExpressionError("unknown-name", message)
    if part not in binding.members:
        near = nearest(part, binding.members)
        help = f"did you mean `{walked}.{near}`?" if near else None
        raise ExpressionError("unknown-name", f"`{walked}` has no `{part}`", help=help)
    return binding.members[part]
