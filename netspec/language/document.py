"""A document: what a spec's text says, checked for form, with every value's place."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from netspec.diagnostics import SourceText, Span
from netspec.language.keys import ENTRY_KEYS
from netspec.language.values import Field
from netspec.source import Mapping, Scalar, Value
from netspec.source.values import Place

REQUIRED = "required"
"""What stands for the default of an arg that has none."""
_COMMON = frozenset((*ENTRY_KEYS, "layers", "reuse"))


@dataclass(frozen=True, eq=False, kw_only=True)
class Entry:
    """An entry of a list of layers.

    `fields` are all its keys but `layers`, `first` and `repeat`; `instances` are the fields of
    each instance where `repeat` writes them out. Otherwise `repeat` is the count, or the rows that
    the instances are of, whose cells `columns` name. `body` are a group's own entries. `bad` says
    that it holds a mistake of form, which has been reported.
    """

    node: Mapping
    fields: dict[str, Field]
    body: "tuple[Entry, ...] | None" = None
    repeat: Field | None = None
    instances: tuple[dict[str, Field], ...] | None = None
    columns: tuple[str, ...] = ()
    first: dict[str, Field] = field(default_factory=dict)
    index: str = "i"
    scope: bool = True
    allow: frozenset[str] = frozenset()
    doc: str | None = None
    bad: bool = False

    @cached_property
    def place(self) -> Place:
        """The place to blame for the entry as a whole: its type or, if need be, another key.

        What a merge key has brought in from elsewhere in the text is no such place.
        """
        for name in ("type", "reuse", "name"):
            if name in self.fields and self._holds(self.fields[name].node):
                return self.fields[name].node
        own = (key for key in self.node.keys.values() if self._holds(key))
        return next(own, self.node)

    def _holds(self, place: Place) -> bool:
        node = self.node
        start, end = (node.line, node.column), (node.end_line, node.end_column)
        return place.source is node.source and start <= (place.line, place.column) <= end

    @cached_property
    def span(self) -> Span:
        return self.place.span

    @cached_property
    def repeats(self) -> bool:
        return self.repeat is not None or self.instances is not None

    @cached_property
    def own(self) -> dict[str, Field]:
        """The fields that belong to the entry's type, not to every entry."""
        return own_fields(self.fields)

    @cached_property
    def varied(self) -> frozenset[str]:
        """The fields that some instance of a repeat has of its own."""
        return frozenset(self.first).union(*(self.instances or ()))

    @cached_property
    def reads(self) -> frozenset[str]:
        """The names that expressions in it read, those of its own entries included."""
        names = frozenset().union(*(each.names for each in self._all_fields()))
        return names.union(*(entry.reads for entry in self.body or ()))

    def _all_fields(self) -> Iterator[Field]:
        for fields in (self.fields, self.first, *(self.instances or ())):
            yield from fields.values()
        if self.repeat is not None:
            yield self.repeat


def own_fields(fields: dict[str, Field]) -> dict[str, Field]:
    """The fields that belong to an entry's type, not to every entry."""
    return {name: value for name, value in fields.items() if name not in _COMMON}


@dataclass(frozen=True, slots=True, eq=False)
class Requirement:
    """A condition of a spec or a block, and the sentence to say where it doesn't hold."""

    node: Mapping
    that: Field
    say: Field

    @property
    def names(self) -> frozenset[str]:
        """The names that it reads."""
        return self.that.names | self.say.names


@dataclass(frozen=True, eq=False, kw_only=True)
class Block:
    """A layer type that a document defines; `library` if another file brought it in.

    `names` are those of its layers as far as they hold no expression; `bad` says that it holds a
    mistake of form beside those of its layers, which has been reported.
    """

    name: str
    key: Scalar
    node: Mapping
    args: dict[str, Field]
    layers: tuple[Entry, ...]
    inputs: tuple[str, ...] | None
    outputs: Field | None
    state_order: Field | None
    requirements: tuple[Requirement, ...]
    allow: frozenset[str]
    doc: str | None
    library: bool = False
    bad: bool = False

    @cached_property
    def names(self) -> frozenset[str]:
        return static_names(self.layers)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The names that expressions in it read."""
        fields = (*self.args.values(), *([self.outputs] if self.outputs is not None else ()))
        names = frozenset().union(*(each.names for each in (*fields, *self.requirements)))
        return names.union(*(entry.reads for entry in self.layers))


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """An input of the network, its shape not yet evaluated."""

    name: str
    key: Scalar
    shape: Field
    dtype: str
    phase: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a network says about itself."""

    doc: str | None = None
    source: str | None = None
    task: str | None = None
    year: int | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Variant:
    """A variant: what it says about itself, of About's fields, the vars that it overrides, and
    what it expects, which is read where it's asked for.
    """

    key: Scalar
    about: dict[str, Any]
    vars: dict[str, Field]
    expect: Value | None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Document:
    """A spec as its text says it.

    `files` are all texts that it was read from, its own first; `complete` says that no file which
    it uses is missing among them. What it expects is read where it's asked for.
    """

    name: str
    source_text: SourceText
    about: About
    inputs: dict[str, Input]
    vars: dict[str, Field]
    variants: dict[str, Variant]
    blocks: dict[str, Block]
    layers: tuple[Entry, ...]
    outputs: Field | None
    state_order: Field | None
    requirements: tuple[Requirement, ...]
    expect: Value | None
    allow: frozenset[str]
    files: tuple[SourceText, ...]
    top: Mapping
    complete: bool

    def about_of(self, variant: str | None) -> About:
        """What a variant says about itself, and where it says nothing, the spec."""
        said = {} if variant is None else self.variants[variant].about
        return replace(self.about, **said)


def static_names(entries: tuple[Entry, ...]) -> frozenset[str]:
    """The names of entries and of their instances, as far as they hold no expression."""
    fields = (each for entry in entries for each in _fields_of_instances(entry))
    named = (each["name"].compiled for each in fields if "name" in each)
    return frozenset(name for name in named if isinstance(name, str))


def _fields_of_instances(entry: Entry) -> list[dict[str, Field]]:
    """What the text knows of each instance: those of a repeat that writes them out may each have
    a name, and then the entry's own is nobody's.
    """
    if not entry.instances:
        return [entry.fields, entry.first]
    each = [{**entry.fields, **instance} for instance in entry.instances]
    each[0] = {**each[0], **entry.first}
    return each
