"""Numbers that know their term: what a layer computes with them knows its term too.

They are Python's own numbers to whoever takes them for that. Whatever decides by one, compares it
or asks for its digits, is written down in a log: for another value it could have gone otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from netspec.expressions.syntax import Call, Comparison, Index, List, Literal, Unary, children
from netspec.lower.torch.terms.arithmetic import simplified
from netspec.lower.torch.terms.terms import Term, constant, is_open

MAX_PARTS = 48
"""A term of more parts is no longer one that a person would write; its number is a mere number."""

Result = TypeVar("Result")


@dataclass(slots=True)
class Log:
    """What has been decided by open numbers, as terms in whose values it lies.

    The decision of the number `flipped` is taken the other way, to see what hangs on it. `named`
    are the tables that have a name in the code but can't be changed, by their symbols, `loops` the
    counts of repeats that are loops there, by their places.
    """

    decided: list[Term] = field(default_factory=list)
    flipped: int = -1
    named: Mapping[str, Term] = field(default_factory=dict)
    loops: dict[int, Term] = field(default_factory=dict)

    def decide(self, term: Term, outcome: bool) -> bool:
        """Note a decision, and take it."""
        self.decided.append(term)
        return outcome is not (len(self.decided) - 1 == self.flipped)

    def fix(self, term: Term) -> None:
        """Note that a value must be what it is."""
        self.decided.append(term)

    def trial(
        self,
        compute: Callable[[], Result],
        seen: Callable[[Result], object],
        refusal: type[Exception],
    ) -> Result:
        """The result, with those decisions alone noted on which something hangs.

        Nothing hangs on one that, taken the other way, gives what is seen to be the same, or is
        refused, as the spec would be.
        """
        start = len(self.decided)
        result = compute()
        found = self.decided[start:]
        kept = []
        for number, term in enumerate(found):
            del self.decided[start:]
            self.flipped = start + number
            try:
                same = seen(compute()) == seen(result)
            except refusal:
                same = True
            except Exception:
                same = False
            finally:
                self.flipped = -1
            kept += [] if same else [term]
        self.decided[start:] = kept
        return result


class Open:
    """What open numbers of all kinds have in common; `parts` counts those of the term."""

    term: Term
    log: Log
    parts: int

    def _with(self, value: Any, term: Term) -> Any:
        return opened(value, term, self.log)

    def _fixed(self) -> Any:
        """The mere number, whoever asks for it."""
        self.log.fix(self.term)
        return plain(self)

    def _compare(self, other: object, operator: str, outcome: Callable[[Any, Any], bool]) -> Any:
        if isinstance(other, bool) or not isinstance(other, int | float):
            return NotImplemented
        result = outcome(plain(self), plain(other))
        theirs = term_of(other)
        if self.term == theirs:
            return result
        return self.log.decide(Comparison(0, 0, (operator,), (self.term, theirs)), result)

    def __eq__(self, other: object) -> Any:
        return self._compare(other, "==", lambda a, b: a == b)

    def __ne__(self, other: object) -> Any:
        return self._compare(other, "!=", lambda a, b: a != b)

    def __lt__(self, other: object) -> Any:
        return self._compare(other, "<", lambda a, b: a < b)

    def __le__(self, other: object) -> Any:
        return self._compare(other, "<=", lambda a, b: a <= b)

    def __gt__(self, other: object) -> Any:
        return self._compare(other, ">", lambda a, b: a > b)

    def __ge__(self, other: object) -> Any:
        return self._compare(other, ">=", lambda a, b: a >= b)

    def __hash__(self) -> int:
        return hash(plain(self))

    def __bool__(self) -> bool:
        value = plain(self)
        return self.log.decide(Comparison(0, 0, ("!=",), (self.term, constant(0))), bool(value))

    def _computed(self, operator: str, compute: Callable[[Any, Any], Any], *operands: Any) -> Any:
        if any(isinstance(each, bool) or not isinstance(each, int | float) for each in operands):
            return NotImplemented
        left, right = operands
        value = compute(plain(left), plain(right))
        return self._with(value, simplified(operator, term_of(left), term_of(right)))

    def __add__(self, other: Any) -> Any:
        return self._computed("+", lambda a, b: a + b, self, other)

    def __radd__(self, other: Any) -> Any:
        return self._computed("+", lambda a, b: a + b, other, self)

    def __sub__(self, other: Any) -> Any:
        return self._computed("-", lambda a, b: a - b, self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._computed("-", lambda a, b: a - b, other, self)

    def __mul__(self, other: Any) -> Any:
        return self._computed("*", lambda a, b: a * b, self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._computed("*", lambda a, b: a * b, other, self)

    def __floordiv__(self, other: Any) -> Any:
        return self._computed("//", lambda a, b: a // b, self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._computed("//", lambda a, b: a // b, other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._computed("/", lambda a, b: a / b, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._computed("/", lambda a, b: a / b, other, self)

    def __mod__(self, other: Any) -> Any:
        return self._computed("%", lambda a, b: a % b, self, other)

    def __rmod__(self, other: Any) -> Any:
        return self._computed("%", lambda a, b: a % b, other, self)

    def __neg__(self) -> Any:
        return self._with(-plain(self), Unary(0, 0, "-", self.term))

    def __abs__(self) -> Any:
        return self._with(abs(plain(self)), Call(0, 0, "abs", (self.term,)))

    def __pow__(self, other: Any, modulo: Any = None) -> Any:
        return self._fixed() ** other

    def __rpow__(self, other: Any, modulo: Any = None) -> Any:
        return other ** self._fixed()

    def __divmod__(self, other: Any) -> Any:
        return divmod(self._fixed(), other)

    def __rdivmod__(self, other: Any) -> Any:
        return divmod(other, self._fixed())

    def __int__(self) -> int:
        return int(self._fixed())

    def __float__(self) -> float:
        return float(self._fixed())

    def __index__(self) -> int:
        return int(self._fixed())

    def __round__(self, digits: Any = None) -> Any:
        return round(self._fixed(), digits)

    def __ceil__(self) -> int:
        return int(-(-self._fixed() // 1))

    def __floor__(self) -> int:
        return int(self._fixed() // 1)

    def __trunc__(self) -> int:
        return int(self._fixed())

    def __repr__(self) -> str:
        return repr(self._fixed())

    def __str__(self) -> str:
        return str(self._fixed())

    def __format__(self, spec: str) -> str:
        return format(self._fixed(), spec)

    def __reduce__(self) -> Any:
        return type(self._fixed()), (plain(self),)


class OpenInt(Open, int):
    """An open integer."""


class OpenFloat(Open, float):
    """An open float."""


class OpenBool(Open, int):
    """An open boolean, which Python's can't be derived from."""

    def __bool__(self) -> bool:
        return self.log.decide(self.term, bool(plain(self)))

    def _compare(self, other: object, operator: str, outcome: Callable[[Any, Any], bool]) -> Any:
        if isinstance(other, OpenBool):
            other = plain(other)
        if not isinstance(other, bool):
            return NotImplemented
        return self.log.decide(self.term, outcome(plain(self), other))

    __hash__ = Open.__hash__


class OpenStr(Open, str):
    """An open word."""

    def __bool__(self) -> bool:
        return bool(self._fixed())

    def _compare(self, other: object, operator: str, outcome: Callable[[Any, Any], bool]) -> Any:
        if not isinstance(other, str):
            return NotImplemented
        result = outcome(plain(self), plain(other))
        theirs = term_of(other)
        if self.term == theirs:
            return result
        return self.log.decide(Comparison(0, 0, (operator,), (self.term, theirs)), result)

    __hash__ = Open.__hash__


class OpenTuple(tuple[Any, ...]):
    """A list of numbers that is a term as a whole."""

    term: Term
    log: Log


def whole(value: Any, term: Term, log: Log) -> Any:
    """A value of a term, be it a number or a list of them."""
    if not isinstance(value, list | tuple):
        return opened(value, term, log)
    made = OpenTuple(value)
    made.term, made.log = term, log
    return made if is_open(term) else _tuple(value)


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list | tuple) else value


def opened(value: Any, term: Term, log: Log) -> Any:
    """A value of a term; the value itself where the term reads no name, or can't go with it."""
    if not is_open(term):
        return value
    parts = _parts(term)
    kinds: dict[type, type[Open]] = {
        int: OpenInt,
        float: OpenFloat,
        bool: OpenBool,
        str: OpenStr,
    }
    kind = kinds.get(type(value))
    if kind is None or parts > MAX_PARTS:
        log.fix(term)
        return value
    made = kind.__new__(kind, value)  # type: ignore[call-arg]
    made.term, made.log, made.parts = term, log, parts
    return made


def _parts(term: Term) -> int:
    return 1 + sum(map(_parts, children(term)))


def is_plain(value: object) -> bool:
    """Whether no part of a value is open."""
    if isinstance(value, OpenTuple):
        return False
    if isinstance(value, tuple):
        return all(map(is_plain, value))
    return not isinstance(value, Open)


def plain(value: Any) -> Any:
    """The mere number."""
    match value:
        case OpenBool():
            return int.__int__(value) != 0
        case OpenInt():
            return int.__int__(value)
        case OpenFloat():
            return float.__float__(value)
        case OpenStr():
            return str.__str__(value)
        case tuple():
            return tuple(map(plain, value))
    return value


def term_of(value: Any) -> Term:
    """The term of a value, a constant where it isn't open."""
    match value:
        case Open():
            return value.term
        case OpenTuple():
            return value.term
        case tuple() | list():
            return _whole(tuple(map(term_of, value)))
    return constant(value)


def itemized(value: Any) -> Term:
    """The term of a value, that of a list item by item: it may hold less than what its items are
    items of.
    """
    if isinstance(value, tuple | list) and not isinstance(value, OpenTuple):
        return List(0, 0, tuple(map(itemized, value)))
    return term_of(value)


def _whole(items: tuple[Term, ...]) -> Term:
    """The list of these items: a name's, if they may be all that it holds, in order."""
    first = items[0] if items else None
    if isinstance(first, Index):
        every = tuple(Index(0, 0, first.value, Literal(0, 0, at)) for at in range(len(items)))
        if items == every:
            return first.value
    return List(0, 0, items)
