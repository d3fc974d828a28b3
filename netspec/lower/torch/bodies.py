"""The body of one scope's class: what it holds and what its `forward` does, in its region's terms."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from netspec.graph import Node, Scope
from netspec.graph.written import Condition, Control, Turn
from netspec.lower.torch.code import Call, Expr, Literal, Repeated, call
from netspec.lower.torch.forms import Form, Forms
from netspec.lower.torch.layout import flat
from netspec.lower.torch.steps import PHASES, Step, Steps
from netspec.lower.torch.translation.numbers import opened, simplified
from netspec.lower.torch.translation.regions import Region, Regions
from netspec.lower.torch.translation.terms import Opaque, Term, constant
from netspec.lower.torch.wiring import Member, Wiring

COUNT = "count"
"""The field of the literals that say how often something is repeated."""

Key: TypeAlias = tuple[int, ...]
"""Where something stands: the turns of repeats, and the place in the text."""


@dataclass(frozen=True, slots=True)
class Held:
    """A member: the attribute and what constructs it. It's there where all conditions hold; None
    says that these can't be told.
    """

    name: str
    value: "Expr | Holder"
    key: Key
    conditions: tuple[Term, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """A container that is written where it's used."""

    kind: str
    held: tuple[Held, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A step of `forward` at its place, its blobs as the class knows them."""

    key: Key
    step: Step
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    conditions: tuple[Term, ...] | None = ()


@dataclass(frozen=True, slots=True)
class Body:
    """A class without a name, as one scope asks for it.

    `steps` and `results` are those of a `forward` of its own; `needs` says of each result what must
    hold for it, `tensors` are the expressions of the parameters that it reads by itself.
    """

    form: Form
    held: tuple[Held, ...]
    inputs: tuple[str, ...] = ()
    steps: tuple[Placed, ...] = ()
    results: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    tensors: dict[str, str] = field(default_factory=dict)


class Bodies:
    """Makes the bodies of classes; `construct` gives the call of a class that is planned already."""

    def __init__(self, forms: Forms, wiring: Wiring, steps: Steps, regions: Regions) -> None:
        self.construct: Callable[[Scope, Region], Call] = _nothing
        self._forms = forms
        self._wiring = wiring
        self._steps = steps
        self._regions = regions

    def of(self, scope: Scope, region: Region) -> Body:
        """The body of a scope's class."""
        form = self._forms.of(scope)
        held = tuple(self._held(scope, region))
        if form is not Form.CLASS:
            return Body(form, held)
        border = self._wiring.interface(scope)
        depth = _depth(scope)
        found = [(member, key_of(member, depth), step) for member, step in self._steps.of(scope)]
        local = _Local(scope, border.inputs, {})
        for _, key, step in found:
            local.note(step, key)
        steps = tuple(
            Placed(
                key,
                step,
                tuple(map(local.name, step.inputs)),
                tuple(map(local.name, step.outputs)),
                self._conditions(member, depth, region),
            )
            for member, key, step in found
        )
        return Body(
            form,
            held,
            tuple(map(local.name, border.inputs)),
            steps,
            tuple(map(local.name, border.outputs)),
            tuple(self._needs(blob, scope) for blob in border.outputs),
            {local.name(blob): text for blob, text in self._steps.tensors(scope).items()},
        )

    def _held(self, scope: Scope, region: Region) -> Iterator[Held]:
        """What a scope holds, itself or through a container."""
        depth = _depth(scope)
        members = [member for member in scope.members if not member.reused]
        found = [
            Held(member.name, value, key_of(member, depth), self._conditions(member, depth, region))
            for member in members
            if (value := self._value(member, scope, region)) is not None
        ]
        if scope.repeat and self._forms.of(scope).chained:
            found = list(self._rolled(scope, found, region))
        yield from found

    def _value(self, member: Member, scope: Scope, region: Region) -> "Expr | Holder | None":
        if isinstance(member, Node):
            return self._forms.held(member, scope)
        if not self._wiring.nodes(member):
            return call("nn.Identity") if self._forms.of(scope) is not Form.CLASS else None
        form = self._forms.of(member)
        if form.is_class:
            return self.construct(member, region)
        held = tuple(self._held(member, region))
        if form is Form.CHAIN:
            return Holder("nn.Sequential", held)
        if form is Form.LIST:
            return Holder("nn.ModuleList", held)
        kind = "nn.ParameterDict" if self._forms.holds_parameters(member) else "nn.ModuleDict"
        return Holder(kind, held) if held else None

    def _rolled(self, repeat: Scope, found: list[Held], region: Region) -> Iterator[Held]:
        """The instances of a repeat, the last of which may be any number of equal ones."""
        count = region.counts.get(repeat.path)
        texts = [flat(each.value) if not isinstance(each.value, Holder) else "" for each in found]
        last = len(found) - 1
        while last > 0 and texts[last - 1] == texts[-1] != "":
            last -= 1
        if count is None or last > 1:
            if count is not None:
                region.log.fix(count)
            yield from found
            return
        yield from found[:last]
        number = len(found) - last
        rest = opened(number, simplified("-", count, constant(last)), region.log)
        value = found[last].value
        assert not isinstance(value, Holder)
        repeated = Repeated(value, Literal(rest, COUNT))
        yield Held(found[last].name, repeated, found[last].key, found[last].conditions)

    def _conditions(self, member: Member, depth: int, region: Region) -> tuple[Term, ...] | None:
        controls = _controls(member)
        try:
            return tuple(
                region.condition(each, controls[:number])
                for number, each in enumerate(controls)
                if isinstance(each, Condition) and number >= depth
            )
        except Opaque:
            return None

    def _needs(self, blob: str, scope: Scope) -> str:
        """What must hold for a scope to have a blob: a phase, or nothing."""
        maker = self._wiring.maker(blob)
        phase = None if maker is None else maker.phase
        return "" if phase in (None, scope.phase) else PHASES[phase]


def _nothing(scope: Scope, region: Region) -> Call:
    raise AssertionError("no class is planned yet")


def key_of(member: Member, depth: int = 0) -> Key:
    """Where a member stands under the controls behind the first `depth`."""
    while member.written is None and isinstance(member, Scope):
        member = member.members[0]
    if member.written is None:
        return ()
    turns = (each for each in member.written.controls[depth:] if isinstance(each, Turn))
    return (*(part for each in turns for part in (each.place, each.number)), member.written.place)


def _depth(scope: Scope) -> int:
    """How many of the controls of what stands in a scope are those of the scope itself."""
    return len(_controls(scope)) if scope.block is None else 0


def _controls(member: Member) -> tuple[Control, ...]:
    return member.written.controls if member.written is not None else ()


@dataclass(frozen=True, slots=True)
class _Local:
    """What a class calls blobs: its inputs by their number, others by their path below it.

    The network's calls them by their names.
    """

    scope: Scope
    inputs: tuple[str, ...]
    steps: dict[str, str]

    def note(self, step: Step, key: Key) -> None:
        """An only result is called after its step: what it's called within differs."""
        if len(step.outputs) == 1 and self.scope.path:
            numbered = step.name.rpartition(".")[2].isdecimal()
            self.steps[step.outputs[0]] = f"{step.name}@{key}" if numbered else step.name

    def name(self, blob: str) -> str:
        """The name of a blob."""
        if not self.scope.path:
            return blob
        if blob in self.inputs:
            return f"@{self.inputs.index(blob)}"
        return self.steps.get(blob) or blob.removeprefix(f"{self.scope.path}.")
