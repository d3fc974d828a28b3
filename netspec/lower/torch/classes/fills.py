"""Parameters to fill, each by itself and by the kind of module that holds it."""

from dataclasses import dataclass

from netspec.graph import Parameter
from netspec.lower.torch.code import Block, Call, Do, Name, Statement
from netspec.lower.torch.layers.fillers import initializer
from netspec.lower.torch.python.layout import flat, quoted

PLAIN = frozenset(("weight", "bias"))
"""What most modules call what they hold."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A parameter to fill: `kind` is its module's class, `suffix` the attribute there.

    `done` says that the module itself fills it so, `optional` that it may be None there, so that a
    type checker wants it tested, `alone` that others of the class may not have it, so that a type
    checker doesn't know the attribute.
    """

    parameter: Parameter
    path: str
    kind: str
    done: bool = False
    optional: bool = False
    alone: bool = False

    @property
    def suffix(self) -> str:
        return self.parameter.name.removeprefix(self.path).removeprefix(".")

    @property
    def getter(self) -> str:
        """The method by which a module finds the tensor."""
        return "get_buffer" if self.parameter.buffer else "get_parameter"

    def code(self, tensor: str) -> Call:
        return initializer(self.parameter.filler, self.parameter.shape)(tensor)

    @property
    def rule(self) -> str:
        """The same text for what is filled the same way."""
        return flat(self.code("_"))

    @property
    def way(self) -> str:
        """The same text for what comes to be filled the same way: by the module itself, or so."""
        return "" if self.done else self.rule


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for the suffixes of a kind of module; `resets` if it first fills itself.

    `sure` if each module of the kind has all of these, and a type checker knows; `may_lack`
    if a module without a bias has None for it.
    """

    kind: str
    fills: tuple[Fill, ...]
    sure: bool
    resets: bool
    may_lack: bool

    @property
    def written(self) -> tuple[Fill, ...]:
        """What the module doesn't fill so itself."""
        return tuple(fill for fill in self.fills if not fill.done)

    @property
    def settled(self) -> set[str]:
        """The suffixes of what it does fill so itself."""
        return {fill.suffix for fill in self.fills if fill.done}

    def agrees(self, other: "Rule") -> bool:
        """Whether one body fills both kinds; a bias that isn't there does no harm.

        One that a kind fills itself is there.
        """
        mine = {fill.suffix: fill.rule for fill in self.written}
        others = {fill.suffix: fill.rule for fill in other.written}
        both = mine | others == others | mine
        same = self.resets == other.resets
        own = not (self.settled & others.keys() or other.settled & mine.keys())
        spare = {"bias"} if self.may_lack and other.may_lack else set()
        return same and both and own and mine.keys() ^ others.keys() <= spare


def fill_statement(fill: Fill, holder: str, sure: bool) -> Statement:
    """The statement that fills a tensor of the holder, under an `if` where that may be None; `sure`
    says that its bias isn't.
    """
    tensor = f"{holder}.{fill.suffix}" if fill.suffix else holder
    if fill.alone:
        tensor = f"{holder}.{fill.getter}({quoted(fill.suffix)})"
    statement = Do(fill.code(tensor))
    if (fill.optional and fill.suffix not in PLAIN) or (fill.suffix == "bias" and not sure):
        return Block("if", Name(f"{tensor} is not None"), (statement,))
    return statement
