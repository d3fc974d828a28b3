"""Scopes: where names are looked up, and what stands before an entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from netspec.diagnostics import Span
from netspec.diagnostics.suggest import nearest
from netspec.elaborate.tree import Tree
from netspec.elaborate.values import Binding, BindingView
from netspec.expressions import ExpressionError
from netspec.graph import Blob, Phase


@dataclass(slots=True, eq=False)
class Frame:
    """What all entries of one list share and change: its names, its numbers, what came last.

    `later` are the names that the list gives further down, for a better message.
    """

    tree: Tree
    input: Binding | None
    names: dict[str, Binding] = field(default_factory=dict)
    previous: tuple[Blob, ...] = ()
    count: int = 0
    later: frozenset[str] = frozenset()

    @property
    def path(self) -> str:
        return self.tree.path

    @property
    def module(self) -> str:
        return self.tree.module


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A frame as one entry sees it, with the values and scopes around.

    `values` are args, vars or an index; `parent` is the scope around an open one, None for a
    block and for the network; `owner` names whose values they are, for the record of what is
    read. `chain` says which blocks led here, innermost first. `reusing` is true within a reuse,
    whose layers have the parameters of others.
    """

    frame: Frame
    values: Mapping[str, Any]
    parent: "Scope | None" = None
    owner: str | None = None
    phase: Phase | None = None
    chain: tuple[str, ...] = ()
    allow: frozenset[str] = frozenset()
    depth: int = 0
    reusing: bool = False

    def inner(self, values: Mapping[str, Any], **changes: Any) -> "Scope":
        """The same frame with values added, as an instance of a repeat sees it."""
        return replace(self, values=values, parent=self, owner=None, **changes)

    def outward(self) -> "list[Scope]":
        """This scope and those around it, innermost first."""
        found = [self]
        while (parent := found[-1].parent) is not None:
            found.append(parent)
        return found

    def value(self, name: str, record: "set[tuple[str, str]]") -> Any:
        """What an expression sees under a name; ExpressionError where there is none.

        `record` is told of args and vars that are read.
        """
        if name == "input":
            return BindingView("input", self.input(None))
        for scope in self.outward():
            if name in scope.values:
                if scope.owner is not None:
                    record.add((scope.owner, name))
                return scope.values[name]
            if name in scope.frame.names:
                return BindingView(name, scope.frame.names[name])
        raise ExpressionError(
            "unknown-name", f"nothing here is called `{name}`", help=self.hint(name)
        )

    def input(self, span: Span | None) -> Binding:
        """The scope's only input; ExpressionError where it declares several by name."""
        binding = self.frame.input
        if binding is None:
            names = ", ".join(f"`{name}`" for name in self.frame.names)
            raise ExpressionError(
                "unknown-name", "this scope has several inputs", help=f"it reads {names}"
            )
        return binding

    def resolve(self, path: str) -> tuple[Blob, ...]:
        """The blobs that a bottom's path stands for; ExpressionError where there are none."""
        first, *rest = path.split(".")
        if first == "input":
            binding = self.input(None)
        elif first == "previous":
            binding = Binding(self.frame.previous)
        else:
            binding = self.binding(first)
        for number, part in enumerate(rest):
            walked = ".".join([first, *rest[:number]])
            if part == "*" and binding.container and number == len(rest) - 1:
                assert binding.members is not None
                return tuple(b for each in binding.members.values() for b in each.blobs)
            binding = _member(walked, binding, part)
        return binding.blobs

    def binding(self, name: str) -> Binding:
        """What the first part of a path stands for, sought from here outwards."""
        for scope in self.outward():
            if name in scope.frame.names:
                return scope.frame.names[name]
        if any(name in scope.frame.later for scope in self.outward()):
            raise ExpressionError(
                "unknown-name",
                f"`{name}` stands further down; a layer reads only what stands before it",
            )
        raise ExpressionError("unknown-name", f"no layer is called `{name}`", help=self.hint(name))

    def find(self, path: str) -> Binding:
        """The binding at a path, as a reuse names it."""
        first, *rest = path.split(".")
        binding = self.binding(first)
        for number, part in enumerate(rest):
            binding = _member(".".join([first, *rest[:number]]), binding, part)
        return binding

    def hint(self, name: str) -> str | None:
        """Help for a name that isn't seen."""
        names: list[str] = ["input", "previous"]
        for scope in self.outward():
            names += [*scope.values, *scope.frame.names]
        near = nearest(name, names)
        return f"did you mean `{near}`?" if near else None

    def values_around(self) -> set[str]:
        """The names of all args, vars and indices that are seen from here."""
        return {name for scope in self.outward() for name in scope.values}


def _member(walked: str, binding: Binding, part: str) -> Binding:
    if binding.members is None:
        help = "`.*` stands for all instances of a repeat" if part == "*" else None
        message = f"`{walked}` is a layer, which has no names within"
        raise ExpressionError("unknown-name", message, help=help)
    if part not in binding.members:
        near = nearest(part, binding.members)
        message = f"`{walked}` has no `{part}`"
        if part == "*":
            message = f"`{walked}` is no repeat; `.*` stands for all instances of one"
        help = f"did you mean `{walked}.{near}`?" if near else None
        raise ExpressionError("unknown-name", message, help=help)
    return binding.members[part]
