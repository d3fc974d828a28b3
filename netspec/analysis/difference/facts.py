"""What makes one network another, as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from netspec.analysis.columns.column import Value, plain
from netspec.graph import Graph, Node, Shape, Size, SymbolicSize
from netspec.printable import encodable
from netspec.quick import frozen

Both: TypeAlias = "tuple[Any, Any]"
"""What something is in the first network, and in the second."""

COSTS = ("params", "macs", "flops", "activations")
"""The figures of a layer that are compared."""


@frozen
class Change:
    """A layer that is in both networks under one name or two, and is not the same: as it is
    `before`, in the first, and `after`, in the second.

    `fields` are those that differ, by name, and `type`, `phase`, `bottom`, `lr_mult` and
    `decay_mult`. What a layer reads is the same where that only bears another name, or where layers
    have come or gone between. Where no field differs, it gives or holds something else because of
    what stands before it.
    """

    before: Node
    after: Node
    fields: Mapping[str, Both]

    @property
    def path(self) -> str:
        """Its path in the second network."""
        return self.after.path

    @property
    def top(self) -> tuple[tuple[Shape, ...], tuple[Shape, ...]] | None:
        """The shapes that it gives, where they differ."""
        before, after = self.before.top, self.after.top
        return None if before == after else (before, after)

    @property
    def costs(self) -> dict[str, tuple[Size, Size]]:
        """The figures that differ."""
        found = {name: (getattr(self.before, name), getattr(self.after, name)) for name in COSTS}
        return {name: (a, b) for name, (a, b) in found.items() if a != b}

    def to_json(self) -> dict[str, Any]:
        """What differs, by name: both values of each."""
        made: dict[str, Any] = {
            "path": self.path,
            "fields": {name: [to_plain(a), to_plain(b)] for name, (a, b) in self.fields.items()},
        }
        if self.top is not None:
            made["top"] = [[shape.to_json() for shape in each] for each in self.top]
        for name, both in self.costs.items():
            made[name] = [plain(each) for each in both]
        return made


@frozen
class Move:
    """A layer that bears another name in the second network: as it is `before`, in the first, and
    `after`.
    """

    before: Node
    after: Node

    def to_json(self) -> dict[str, str]:
        """Its paths, `from` and `to`."""
        return {"from": self.before.path, "to": self.after.path}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What makes the network `b` of the network `a`; what they are called, unless by their names.

    `totals` are the figures of both, in the TEST phase; `inputs` and `outputs` the shapes of those
    that differ, None for one that isn't there.
    """

    a: Graph
    b: Graph
    name_a: str
    name_b: str
    added: tuple[Node, ...]
    removed: tuple[Node, ...]
    changed: tuple[Change, ...]
    moved: tuple[Move, ...]
    inputs: Mapping[str, Both] = field(default_factory=dict)
    outputs: Mapping[str, Both] = field(default_factory=dict)
    totals: Mapping[str, tuple[Value, Value]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether the networks differ."""
        parts = (self.added, self.removed, self.changed, self.moved, self.inputs, self.outputs)
        return any(parts)

    def to_json(self) -> dict[str, Any]:
        """The object that `netspec diff --format json` prints."""
        return {
            "a": encodable(self.name_a),
            "b": encodable(self.name_b),
            "inputs": {name: [*map(_shape, both)] for name, both in self.inputs.items()},
            "outputs": {name: [*map(_shape, both)] for name, both in self.outputs.items()},
            "added": [node.path for node in self.added],
            "removed": [node.path for node in self.removed],
            "moved": [each.to_json() for each in self.moved],
            "changed": [each.to_json() for each in self.changed],
            "totals": {name: [plain(a), plain(b)] for name, (a, b) in self.totals.items()},
        }


def _shape(shape: Shape | None) -> list[int | str] | None:
    return None if shape is None else shape.to_json()


def to_plain(value: object) -> Any:
    """The value of a field as JSON has it."""
    if value is None or isinstance(value, bool | int | float | str):
        return str.__str__(value) if isinstance(value, str) else value
    if isinstance(value, SymbolicSize):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): to_plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list | frozenset | set):
        return [to_plain(each) for each in value]
    return {name: to_plain(each) for name, each in said(value)}


def said(model: Any) -> Iterator[tuple[str, object]]:
    """The fields of a model that differ from what they are where nothing is said."""
    for name, each in type(model).model_fields.items():
        value = getattr(model, name)
        if each.is_required() or value != each.get_default(call_default_factory=True):
            yield name, value
