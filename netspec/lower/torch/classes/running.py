"""A size that grows from member to member: a variable that is set anew where it changes.

Behind some blocks that widen what they're given its expression would be longer than anybody reads;
each of its stages is an operation on the one before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from netspec.expressions.syntax import Name, children, names
from netspec.lower.torch.classes.columns import Extra
from netspec.lower.torch.classes.merging import Column, Merged
from netspec.lower.torch.code import Literal
from netspec.lower.torch.terms.symbols import is_bound
from netspec.lower.torch.terms.terms import Term, holds, replaced

RUNNING = "~"
"""The symbol of the variable."""

LONG = 12
"""A term of more parts isn't written in one piece."""

STEP = 5
"""So many parts make a line of their own."""

Given = Term | Extra | Literal


@dataclass(slots=True)
class Running:
    """What stands in the places of a class's columns, and what the variable is set to before each
    member, one value after the other.
    """

    given: list[Given]
    before: dict[str, list[Term]] = field(default_factory=dict)


def running(
    members: Sequence[Merged], columns: Sequence[Column], given: Sequence[Given]
) -> Running:
    """The sizes with a variable for those that grow; as they are where none is long."""
    terms = [
        each
        for column, each in zip(columns, given, strict=True)
        if column.member and not isinstance(each, Extra | Literal)
    ]
    longest = max(terms, key=parts, default=None)
    if longest is None or parts(longest) <= LONG or any(map(is_bound, names(longest))):
        return Running(list(given))
    found = Running([])
    always = {each.name for each in members if each.condition is None}
    asking: set[str] = set()
    current: Term | None = None
    for column, each in zip(columns, given, strict=True):
        if isinstance(each, Extra | Literal) or not column.member:
            found.given.append(each)
            continue
        grows = holds(longest, each) and (current is None or holds(each, current))
        # A member that asks for the variable has one value of it.
        if grows and each != current and parts(each) >= STEP and column.member in always - asking:
            found.before[column.member] = list(_stages(each, current))
            current = each
        term = _relative(each, current)
        if term != each:
            asking.add(column.member)
        found.given.append(term)
    return found


def parts(term: Term) -> int:
    """How many parts a term has."""
    return 1 + sum(map(parts, children(term)))


def _stages(term: Term, current: Term | None) -> Iterator[Term]:
    """The values that lead to a term, each in terms of the one before."""
    spine = [term]
    while spine[-1] != current and children(spine[-1]):
        inner = children(spine[-1])
        holding = [each for each in inner if current is not None and holds(each, current)]
        spine.append(max(holding or inner, key=parts))
    for each in reversed(spine):
        local = _relative(each, current)
        if each is term or parts(local) >= STEP:
            yield local
            current = each


def _relative(term: Term, current: Term | None) -> Term:
    """A term in which the variable stands for the value that it has."""
    return term if current is None else replaced(term, current, Name(0, 0, RUNNING))
