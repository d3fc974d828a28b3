"""What the author wrote for a layer or a scope: the expressions that its numbers come from.

A graph holds numbers; this says of each where it came from, so that code made of the graph can
keep `4 * planes` where the spec says it.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from netspec.quick import frozen

if TYPE_CHECKING:
    from netspec.expressions.syntax import Expression

ITEM = "item"
"""What expressions call a row that has no columns."""

Formulas: TypeAlias = "Mapping[str, Expression | None]"
"""Expressions by the names of fields, args or vars; None for what is no value of an expression."""


@frozen
class Condition:
    """A `when` that is true; `asked` are the names of blobs by what it calls them."""

    formula: "Expression"
    asked: Mapping[str, str] = field(default_factory=dict, hash=False)


@frozen
class Turn:
    """The turn of a repeat in which something stands.

    `place` is that of the repeat, `index` what expressions call the turn's `number`, `count` what
    says how many there are; None where they are listed one by one. `asked` is as in a condition.
    `rows` are what it goes through, if it does: each is an `item`, or has a cell for each of the
    `columns`, `item.k` for what a mapping has under a name.
    """

    place: int
    index: str
    number: int
    count: "Expression | None" = field(default=None, hash=False)
    asked: Mapping[str, str] = field(default_factory=dict, hash=False)
    rows: "Expression | None" = field(default=None, hash=False)
    columns: tuple[str, ...] = ()

    @property
    def values(self) -> "dict[str, Expression]":
        """What expressions call the turn's row and its cells, as they are of the rows."""
        from netspec.expressions.syntax import Index, Literal, Name

        if self.rows is None:
            return {}
        row = Index(0, 0, self.rows, Name(0, 0, self.index))
        if not self.columns:
            return {ITEM: row}
        return {name: Index(0, 0, row, Literal(0, 0, at)) for at, name in enumerate(self.columns)}

    @property
    def names(self) -> set[str]:
        """The names of the values that the turn has of its own."""
        return {self.index, *(name.partition(".")[0] for name in self.values)}


Control: TypeAlias = Condition | Turn


@frozen
class Written:
    """An entry as it stands in the spec.

    `place` numbers it in the order of the text. `fields` are those of its type, or what a use of a
    block gives for args; those of a repeat's container and of a group are empty. `fixed` are the
    expressions that say what it is: its type, its names, what it reads. `name` are the
    parts of a name that expressions have a part in. `controls` are the repeats and conditions under
    which it stands in its block, outermost first. `asked` are the names
    of blobs whose sizes its fields read, by what these call them.
    """

    place: int
    fields: Formulas
    fixed: "tuple[Expression, ...]" = ()
    name: "tuple[str | Expression, ...]" = ()
    controls: tuple[Control, ...] = ()
    asked: Mapping[str, str] = field(default_factory=dict)
