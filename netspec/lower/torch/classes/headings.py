"""What loops go through, and what they call it: numbers, or the rows of a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netspec.expressions.syntax import Call, Index, Literal, Name, names
from netspec.graph.written import ITEM
from netspec.lower.torch.classes.body import Loop
from netspec.lower.torch.classes.merging import Merged
from netspec.lower.torch.classes.parameters import Naming
from netspec.lower.torch.code import literals
from netspec.lower.torch.python.layout import WIDTH
from netspec.lower.torch.python.names import singular
from netspec.lower.torch.terms.numbers import is_plain, term_of
from netspec.lower.torch.terms.symbols import LITERAL, VAR, turn_symbol
from netspec.lower.torch.terms.terms import Term, holds, is_joined, replaced
from netspec.lower.torch.terms.text import python

HANDED_ON = "size"
"""The field of a size that one turn hands on to the next."""

NOTHING = "_"
"""What a variable is called that nothing asks for."""

MARGIN = 12
"""How far a loop in a loop of a constructor is indented."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The variables of a loop, and the table through which it goes; if there's none it goes through
    numbers. `items` are the variables into which its first line takes a `row` apart.
    """

    variables: str
    table: str = ""
    row: str = ""
    items: tuple[str, ...] = ()


class Headings:
    """Finds the headings of the loops of a class.

    `read` are all terms of the class, `fields` what those are given for that stand in calls.
    """

    def __init__(
        self, read: Sequence[Term], fields: Sequence[tuple[Term, str]], naming: Naming
    ) -> None:
        self._read = read
        self._fields = fields
        self._naming = naming

    def of(self, members: Sequence[Merged]) -> Iterator[tuple[int, Heading]]:
        """The headings of all loops, outer ones first, by the places of their repeats."""
        for merged in members:
            if merged.loop is not None:
                loop, naming = merged.loop, self._naming
                if len(loop.numbers.items) > 1 and loop.carried not in naming.codes:
                    naming.codes[loop.carried] = naming.names.unique("width")
                turn = Name(0, 0, turn_symbol(loop.place))
                table = _table(merged)
                if table is None:
                    yield loop.place, Heading(self._number(turn, loop.index))
                else:
                    yield loop.place, self._through(table, turn, loop)
            yield from self.of(merged.inner)

    def _number(self, turn: Name, wish: str) -> str:
        """What the number of a turn is called; a mere underscore if nothing asks for it."""
        code = self._naming.names.unique(wish) if self._reads(turn) else NOTHING
        self._naming.codes[turn.name] = code
        return code

    def _through(self, table: Term, turn: Name, loop: Loop) -> Heading:
        """The heading of a loop that has as many turns as the table has rows."""
        element, rows = Index(0, 0, table, turn), self._naming.value(table)
        wish = loop.index
        if not self._reads(element):
            return Heading(self._number(turn, wish))
        counts = {len(each) if isinstance(each, list | tuple) else 0 for each in rows}
        row = "row" if counts != {0} else self._singular(table, element)
        wishes = []
        if len(counts) == 1 and counts != {0}:
            wishes = self._wishes(element, max(counts), loop.columns)
        counted = any(turn.name in names(replaced(each, element, table)) for each in self._read)
        text = self._naming.text(table)
        if isinstance(table, Name) and table.name.startswith(LITERAL):
            # As many as fit in a line are written where they are gone through.
            there = python(self._naming.tables[table.name])
            text = there if _fits(f"for {wish}, {row} in enumerate({there}):") else text
        if counted:
            text = f"enumerate({text})"
        head = _taken_apart(wishes, wish if counted else "")
        in_head = bool(wishes) and _fits(f"for {head} in {text}:")
        if not in_head and (len(wishes) == 1 or not _fits(f"{', '.join(wishes)} = {row}")):
            wishes = []
        items = tuple(self._name(_item(element, at), each) for at, each in enumerate(wishes))
        if in_head:
            number = self._number(turn, wish) if counted else ""
            return Heading(_taken_apart(items, number), text)
        variables = row = self._name(element, row)
        if counted:
            variables = f"{self._number(turn, wish)}, {variables}"
        return Heading(variables, text, row, items)

    def _reads(self, part: Term) -> bool:
        return any(holds(each, part) for each in self._read)

    def _name(self, element: Term, wish: str) -> str:
        """A variable for an element, or an item of one."""
        if wish == NOTHING:
            return wish
        symbol = Name(0, 0, f"#{len(self._naming.elements)}.{wish}")
        self._naming.elements[element] = symbol
        self._naming.codes[symbol.name] = self._naming.names.unique(wish)
        self._read = [replaced(each, element, symbol) for each in self._read]
        return self._naming.codes[symbol.name]

    def _wishes(self, element: Term, count: int, columns: Sequence[str]) -> list[str]:
        """Names for the items of a row: those of its columns, or after what they're given for; none
        if one has none.
        """
        found: list[str] = []
        rest = self._read
        called = [each.rpartition(".")[2] for each in columns]
        for at, item in enumerate([_item(element, at) for at in range(count)]):
            wish = NOTHING
            if self._reads(item) and called:
                wish = called[at]
            elif self._reads(item):
                fields = [field for term, field in self._fields if holds(term, item)]
                named = [field for field in fields if field not in ("", HANDED_ON, *found)]
                if not named:
                    return []
                wish = named[0]
            found.append(wish)
            rest = [replaced(each, item, Literal(0, 0, 0)) for each in rest]
        return [] if any(holds(each, element) for each in rest) else found

    def _singular(self, table: Term, element: Term) -> str:
        """What a number of a table is called: as the table is, or what it's given for."""
        plural = table.name.removeprefix(VAR) if isinstance(table, Name) else ""
        if plural.startswith(LITERAL):
            return ITEM
        if one := singular(plural):
            return one
        given = (field for term, field in self._fields if term == element)
        return next((field for field in given if field not in ("", HANDED_ON)), "item")


def _item(element: Term, at: int) -> Index:
    return Index(0, 0, element, Literal(0, 0, at))


def _taken_apart(items: Sequence[str], number: str) -> str:
    """The variables of a loop that takes rows apart, and counts them if it needs their number."""
    together = f"{items[0]}," if len(items) == 1 else ", ".join(items)
    if number:
        return f"{number}, ({together})"
    return f"({together})" if len(items) == 1 else together


def _fits(line: str) -> bool:
    return MARGIN + len(line) <= WIDTH


def _table(merged: Merged) -> Term | None:
    """The table that has as many rows as the loop has turns, in all candidates; it may be several,
    one behind the other.
    """
    counts = [next(literals(each)).value for each in merged.values if each is not None]
    match [*{term_of(each) for each in counts if not is_plain(each)}]:
        case [Call(function="len", arguments=(table,))] if is_joined(table):
            return table
    return None
