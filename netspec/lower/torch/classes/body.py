"""What one scope asks of a class: the members of its constructor, the steps of its `forward`."""

from dataclasses import dataclass, field
from typing import TypeAlias

from netspec.graph import Scope
from netspec.graph.written import Control, Turn
from netspec.lower.torch.code import Brackets, Expr
from netspec.lower.torch.regions.region import controls_of
from netspec.lower.torch.structure.forms import Form
from netspec.lower.torch.structure.steps import Step
from netspec.lower.torch.structure.wiring import Member
from netspec.lower.torch.terms.symbols import Turns
from netspec.lower.torch.terms.terms import Term

SEQUENTIAL = "nn.Sequential"
"""The kind of what holds a chain of modules."""
LIST = "nn.ModuleList"
"""The kind of what holds modules that are called one by one, or in a loop."""
COUNT = "count"
"""The field of the literals that say how often something is repeated."""

Key: TypeAlias = tuple[int, ...]
"""Where something stands: the turns of repeats, and the place in the text."""


@dataclass(frozen=True, slots=True)
class Held:
    """A member: the attribute and what constructs it. It's there where all conditions hold; None
    says that these can't be told. `controls` are the repeats and conditions under which it stands;
    an element of a chain `reads` a blob and `gives` one. `label` are the parts of a name that a
    turn's number has a part in. `rank` is its place in the `state_order` of its scope.
    """

    name: str
    value: "Expr | Holder"
    key: Key
    conditions: tuple[Term, ...] | None = ()
    controls: tuple[Control, ...] = ()
    reads: str = ""
    gives: str = ""
    label: tuple[str | Term, ...] = ()
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Loop:
    """The elements of a container that a `for` gives.

    `place` is that of the repeat, `index` what its expressions call the turn. `numbers` are the
    count, and if the elements hand on a size, whose symbol is `carried`, what that is before the
    first, and behind each if they change it: where `changing` holds, if that is a condition. Of the
    rows that it goes through `columns` are what the author calls the cells.
    """

    place: int
    index: str
    carried: str
    numbers: Brackets
    changing: Term | None = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """A container that is written where it's used, or with a loop some elements of one."""

    kind: str
    held: tuple[Held, ...]
    loop: Loop | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A step of `forward` at its place, its blobs as the class knows them."""

    key: Key
    step: Step
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    conditions: tuple[Term, ...] | None = ()
    turns: Turns = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Body:
    """A class without a name, as one scope asks for it.

    `variables` hold the inputs; `has_items` as in `Forms`. `steps` and `results` are those of a
    `forward` of its own; `needs` says of each result what must
    hold for it, `tensors` are the expressions of the parameters that it reads by itself.
    """

    form: Form
    held: tuple[Held, ...]
    has_items: bool = False
    inputs: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    steps: tuple[Placed, ...] = ()
    results: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    tensors: dict[str, str] = field(default_factory=dict)


def key_of(member: Member, depth: int = 0) -> Key:
    """Where a member stands under the controls behind the first `depth`."""
    while member.written is None and isinstance(member, Scope):
        member = member.members[0]
    if member.written is None:
        return ()
    turns = (each for each in member.written.controls[depth:] if isinstance(each, Turn))
    return (*(part for each in turns for part in (each.place, each.number)), member.written.place)


def depth_of(scope: Scope) -> int:
    """How many of the controls of what stands in a scope are those of the scope itself."""
    return len(controls_of(scope)) if scope.block is None else 0
