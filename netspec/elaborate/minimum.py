"""A lower bound on a network's layers, so that a tower of blocks is refused before it is built.

A block is counted once for each set of args, not once for each use. What depends on shapes counts
as absent, and so does what is left when the counting itself takes too long.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from netspec.elaborate.fields import KnownTypes
from netspec.elaborate.rows import plain_row
from netspec.expressions import EvaluatedValue
from netspec.language.document import REQUIRED, Block, Entry, own_fields
from netspec.language.values import Field, PlacedError

MAX_VISITS = 20_000
MAX_DEPTH = 64
_ABSENT = object()


class _Unknown(Exception):
    """A value depends on shapes, or on a mistake."""


@dataclass
class Counter:
    """Counts layers of a document."""

    types: KnownTypes
    variables: Mapping[str, Any]
    known: dict[tuple[str, str], int] = field(default_factory=dict)
    visits: int = 0

    def count(self, entries: tuple[Entry, ...], values: Mapping[str, Any], depth: int = 0) -> int:
        """How many layers a list of entries gives at least."""
        if depth > MAX_DEPTH:
            return 0
        return sum(self._entry(entry, values, depth) for entry in entries)

    def _entry(self, entry: Entry, values: Mapping[str, Any], depth: int) -> int:
        if not entry.repeats:
            return self._instance(entry, entry.fields, values, depth)
        if entry.instances is not None:
            overlays = list(entry.instances)
        else:
            assert entry.repeat is not None
            times = self._value(entry.repeat, values)
            if isinstance(times, list):
                return self._rows(entry, times, values, depth)
            if type(times) is not int or times <= 0:
                return 0
            if not entry.first and entry.index not in entry.reads:
                return times * self._instance(entry, entry.fields, values, depth)
            overlays = [{}] * min(times, MAX_VISITS)
        if overlays and entry.first:
            overlays[0] = {**overlays[0], **entry.first}
        return sum(
            self._instance(
                entry, {**entry.fields, **overlay}, {**values, entry.index: number}, depth
            )
            for number, overlay in enumerate(overlays)
        )

    def _rows(self, entry: Entry, found: list[Any], values: Mapping[str, Any], depth: int) -> int:
        count = 0
        for number, each in enumerate(found[:MAX_VISITS]):
            if entry.columns and not (isinstance(each, list) and len(each) == len(entry.columns)):
                continue
            row = plain_row(entry, each)
            first = entry.first if number == 0 else {}
            fields = {**entry.fields, **row.fields, **first}
            inner = {**values, entry.index: number, **row.values}
            count += self._instance(entry, fields, inner, depth)
        return count

    def _instance(
        self, entry: Entry, fields: Mapping[str, Field], values: Mapping[str, Any], depth: int
    ) -> int:
        self.visits += 1
        if self.visits > MAX_VISITS:
            return 0
        if "when" in fields and self._value(fields["when"], values) is not True:
            return 0
        if entry.body is not None:
            return self.count(entry.body, values, depth + 1)
        if "type" not in fields:
            return 0
        kind = self._value(fields["type"], values)
        found = self.types.find(kind) if isinstance(kind, str) else None
        if isinstance(found, Block):
            return self._block(found, own_fields(dict(fields)), values, depth)
        return int(found is not None)

    def _block(
        self, block: Block, given: Mapping[str, Field], values: Mapping[str, Any], depth: int
    ) -> int:
        args = dict(self.variables) if not block.library else {}
        for name, default in block.args.items():
            if name in given:
                args[name] = self._value(given[name], values)
            elif default.compiled != REQUIRED:
                args[name] = self._value(default, args)
        key = (block.name, repr([args.get(name) for name in block.args]))
        if key not in self.known:
            # A block that contains itself with the same args adds nothing certain.
            self.known[key] = 0
            self.known[key] = self.count(block.layers, args, depth + 1)
        return self.known[key]

    def _value(self, each: Field, values: Mapping[str, Any]) -> EvaluatedValue:
        try:
            return each.evaluate(_Values(values))
        except (_Unknown, PlacedError):
            return _ABSENT


class _Values:
    """What is known without shapes."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def value(self, name: str) -> EvaluatedValue:
        value = self.values.get(name, _ABSENT)
        if value is _ABSENT or not isinstance(value, bool | int | float | str | list | dict):
            raise _Unknown
        return value

    def spend(self, steps: int) -> None:
        if steps > 1_000:
            raise _Unknown
