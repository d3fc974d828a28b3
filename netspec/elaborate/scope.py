"""What stands where: names and what they stand for, scopes, and the sites of instances.

These hold one another; what is done with them stands in `lookup` and `bind`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from netspec.diagnostics import Note
from netspec.elaborate.poison import is_unknown
from netspec.elaborate.tree import Tree, join
from netspec.graph import Blob, Phase
from netspec.graph.written import Control
from netspec.language.document import Block, Entry
from netspec.language.values import Field
from netspec.layers import Layer
from netspec.source.values import Place


@dataclass(slots=True, eq=False)
class Instance:
    """What a name was given to, as a reuse needs it to apply it again.

    It has its layer, or its block and the block's arguments; neither for a group.
    """

    site: "Site"
    layer: Layer | None = None
    block: Block | None = None
    args: Mapping[str, Any] | None = None


class Unmade(Protocol):
    """What says what the names within it stand for when someone asks."""

    def names(self) -> "dict[str, Binding]": ...


@dataclass(slots=True, eq=False)
class Binding:
    """What a name stands for: its blobs in order, and the names within it.

    `held` is None for a layer; for a group, a block or a repeat it maps the names inside, or will.
    `container` is true for what only holds instances: a repeat, or the first part of dotted
    names. `absent` is true for an entry that `when` has left out, whose name another may bear;
    `chained` for a repeat whose instances read one another because nothing says otherwise.
    """

    blobs: tuple[Blob, ...]
    held: "dict[str, Binding] | Unmade | None" = None
    container: bool = False
    instance: Instance | None = None
    place: Place | None = None
    absent: bool = False
    chained: bool = False

    @property
    def members(self) -> "dict[str, Binding] | None":
        """The names inside; None for a layer."""
        if self.held is not None and not isinstance(self.held, dict):
            self.held = self.held.names()
        return self.held

    @property
    def numbers(self) -> tuple[str, ...]:
        """What a layer's several tops are called within it, where it names none of them."""
        instance = self.instance
        if instance is None or instance.layer is None or instance.site.tops or len(self.blobs) < 2:
            return ()
        return tuple(map(str, range(len(self.blobs))))

    @property
    def poisoned(self) -> bool:
        """Whether it is what a mistaken entry would have given."""
        return self.held is None and bool(self.blobs) and is_unknown(self.blobs[0])


@dataclass(slots=True, eq=False)
class Frame:
    """What all entries of one list share and change: its names, its numbers, what came last.

    `inputs` are the names of what it reads, empty for an only input that is called `input`;
    `later` are names that the list gives further down, for a better message. `doubt` is an entry
    right before that isn't there, and whose name stands for something else than what came last.
    """

    tree: Tree
    input: Binding
    names: dict[str, Binding] = field(default_factory=dict)
    previous: tuple[Blob, ...] = ()
    inputs: tuple[str, ...] = ()
    later: frozenset[str] = frozenset()
    count: int = 0
    doubt: "Site | None" = None


@dataclass(slots=True, eq=False)
class Use:
    """A use of a block: a link in the chain that led to a place."""

    block: str
    path: str
    entry: Entry

    def __str__(self) -> str:
        path = self.path if len(self.path) <= 80 else f"{self.path[:38]}…{self.path[-38:]}"
        return f"in block {self.block}, used as {path} at {self.entry.node.span}"

    @property
    def note(self) -> Note:
        """What a diagnostic says of it."""
        return Note(str(self), self.entry.node.span)


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

    def hides(self, name: str) -> bool:
        """Whether a turn of a repeat has a value of that name here, which a layer would hide."""
        scope: Scope | None = self
        while scope is not None:
            if scope.owner is None and name in scope.values:
                return True
            scope = scope.parent
        return False

    def sees_value(self, name: str) -> bool:
        """Whether an arg, a var or an index of that name is seen from here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return True
            scope = scope.parent
        return False


@dataclass(slots=True, eq=False)
class Meant:
    """What an entry's type and the fields of that come to: a layer, or a block with its args, these
    as text too. `scope` and `fields` are those of an entry that means the same in each turn of its
    repeat, `work` is what it took to find that.
    """

    layer: Layer | None = None
    block: Block | None = None
    args: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    scope: Scope | None = None
    fields: Mapping[str, Field] | None = None
    work: int = 0


@dataclass(slots=True, eq=False)
class Site:
    """Where an instance goes. It isn't changed.

    `number` counts within the entry's own repeat. `names` is where its name will be bound and
    `tree` where its member will stand: the scope's, or those of the repeat or the dotted name
    that holds it; `containers` are the bindings of the latter, which stand for their last
    instance. `path` names the site, `module` its parameters: another layer's within a reuse.
    `tops` are names of the list that the entry stands in, `top_names` where each will be bound.
    """

    entry: Entry
    fields: Mapping[str, Field]
    scope: Scope
    number: int
    name: str
    names: dict[str, Binding]
    tree: Tree
    containers: tuple[Binding, ...]
    path: str
    module: str
    tops: tuple[str, ...]
    top_names: tuple[dict[str, Binding], ...] = ()

    @property
    def phase(self) -> Phase | None:
        return self.scope.phase

    def at(self, name: str) -> Place:
        """The place of a field, or of the entry where it doesn't have it."""
        field = self.fields.get(name)
        return field.node if field is not None else self.entry.place

    def blob_path(self, top: str) -> str:
        """The name of a blob that the site gives as one of its tops."""
        return join(self.scope.frame.tree.path, top)

    @property
    def own_top(self) -> int | None:
        """The number of the top that bears the site's own name, if one does."""
        if not self.tops:
            return None
        paths = map(self.blob_path, self.tops)
        return next((number for number, path in enumerate(paths) if path == self.path), None)
