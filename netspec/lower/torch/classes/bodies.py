"""What scopes ask of their classes, in the terms of their regions."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from netspec.graph import Node, Scope
from netspec.graph.written import Condition, Turn
from netspec.language.names import FORWARD_NAMES
from netspec.lower.torch.classes.body import (
    COUNT,
    LIST,
    SEQUENTIAL,
    Body,
    Held,
    Holder,
    Key,
    Placed,
    depth_of,
    key_of,
)
from netspec.lower.torch.classes.closing import closed, closed_held, closed_term
from netspec.lower.torch.classes.loops import with_loops, with_loops_within
from netspec.lower.torch.code import Call, Expr, Literal, Repeated, call
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.python.names import Names
from netspec.lower.torch.regions.region import Region, controls_of
from netspec.lower.torch.regions.regions import Regions
from netspec.lower.torch.structure.forms import Form, Forms
from netspec.lower.torch.structure.steps import PHASES, Step, Steps
from netspec.lower.torch.structure.wiring import Member, Wiring
from netspec.lower.torch.terms.arithmetic import simplified
from netspec.lower.torch.terms.numbers import opened
from netspec.lower.torch.terms.symbols import turns_of
from netspec.lower.torch.terms.terms import Opaque, Term, constant


class Bodies:
    """Makes the bodies of classes; `construct` gives the call of a class that is planned."""

    def __init__(
        self,
        forms: Forms,
        wiring: Wiring,
        steps: Steps,
        regions: Regions,
        taken: Collection[str] = (),
    ) -> None:
        """`taken` are names that no variable of a `forward` may have."""
        self._taken = taken
        self.construct: Callable[[Scope, Region], Call] = _nothing
        self._forms = forms
        self._wiring = wiring
        self._steps = steps
        self._regions = regions

    def of(self, scope: Scope, region: Region) -> Body:
        """The body of a scope's class."""
        form = self._forms.of(scope)
        held = tuple(closed_held(each) for each in self._held(scope, region))
        if form is not Form.CLASS:
            return Body(form, held)
        border = self._wiring.interface(scope)
        depth = depth_of(scope)
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
                self._closed_conditions(member, depth, region),
                turns_of(controls_of(member)),
            )
            for member, key, step in found
        )
        return Body(
            form,
            held,
            self._forms.has_items(scope.path),
            tuple(map(local.name, border.inputs)),
            variables(scope, border.inputs, self._taken),
            steps,
            tuple(map(local.name, border.outputs)),
            tuple(self._needs(blob, scope) for blob in border.outputs),
            {local.name(blob): text for blob, text in self._steps.tensors(scope).items()},
        )

    def _held(self, scope: Scope, region: Region) -> Iterator[Held]:
        """What a scope holds, itself or through a container."""
        depth = depth_of(scope)
        members = [member for member in scope.members if not member.reused]
        form = self._forms.of(scope)
        chained = form.chained or form is Form.LOOP
        found = []
        for member in members:
            value = self._value(member, scope, region)
            if value is not None:
                controls = controls_of(member)
                held = Held(
                    member.name,
                    value,
                    key_of(member, depth),
                    self._conditions(member, depth, region),
                    controls,
                    rank=scope.rank(member.name),
                )
                found.append(self._element(held, member, scope, region) if chained else held)
        if scope.repeat and chained:
            found = list(self._rolled(scope, found, region))
        if _is_inside_turns(scope, self._forms):
            yield from found  # what stands around tries to make loops of it first
        elif chained:
            is_level = form is not Form.LOOP or self._forms.repeat(scope).is_level
            yield from with_loops(found, region, is_level)
        else:
            yield from (with_loops_within(held, region) for held in found)

    def _element(self, held: Held, member: Member, scope: Scope, region: Region) -> Held:
        """An element of a chain, or of a loop that hands something on, or maybe not."""
        border = self._wiring.interface(member)
        label = _label(member, region)
        if self._forms.of(scope) is not Form.LOOP:
            reads, gives = next(iter(border.inputs), ""), next(iter(border.outputs), "")
            return replace(held, reads=reads, gives=gives, label=label)
        for read, blob in zip(self._forms.repeat(scope).reads, border.inputs, strict=True):
            if read.carried is not None:
                return replace(held, reads=blob, gives=border.outputs[read.carried])
        return held

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
            return Holder(SEQUENTIAL, held)
        if form.listed:
            return Holder(LIST, held)
        kind = "nn.ParameterDict" if self._forms.holds_parameters(member) else "nn.ModuleDict"
        return Holder(kind, held) if held else None

    def _rolled(self, repeat: Scope, found: list[Held], region: Region) -> Iterator[Held]:
        """The instances of a repeat, the last of which may be any number of equal ones."""
        around = region.settled.get(repeat.path)
        texts = [
            ""
            if isinstance(each.value, Holder)
            else flat(closed(each.value, turns_of(each.controls)))
            for each in found
        ]
        last = len(found) - 1
        while last > 0 and texts[last - 1] == texts[-1] != "":
            last -= 1
        if around is None or last > 1:
            yield from found
            return
        region.followed.add(around)
        count = region.counts[around]
        yield from found[:last]
        number = len(found) - last
        rest = opened(number, simplified("-", count, constant(last)), region.log)
        value = found[last].value
        assert not isinstance(value, Holder)
        value = closed(value, turns_of(found[last].controls))
        yield replace(found[last], value=Repeated(value, Literal(rest, COUNT)))

    def _conditions(self, member: Member, depth: int, region: Region) -> tuple[Term, ...] | None:
        controls = controls_of(member)
        try:
            return tuple(
                region.condition(each, controls[:number])
                for number, each in enumerate(controls)
                if isinstance(each, Condition) and number >= depth
            )
        except Opaque:
            return None

    def _closed_conditions(
        self, member: Member, depth: int, region: Region
    ) -> tuple[Term, ...] | None:
        """The conditions of a member in the turns in which it stands: `forward` has no loops."""
        found, turns = self._conditions(member, depth, region), turns_of(controls_of(member))
        return None if found is None else tuple(closed_term(each, turns) for each in found)

    def _needs(self, blob: str, scope: Scope) -> str:
        """What must hold for a scope to have a blob: a phase, or nothing."""
        maker = self._wiring.maker(blob)
        phase = None if maker is None else maker.phase
        return "" if phase in (None, scope.phase) else PHASES[phase]


def _is_inside_turns(scope: Scope, forms: Forms) -> bool:
    """Whether a scope is written where it's used, in the turns of a repeat."""
    in_turns = any(isinstance(each, Turn) for each in controls_of(scope))
    return in_turns and scope.block is None and forms.of(scope) is Form.CHAIN


def _label(member: Member, region: Region) -> tuple[str | Term, ...]:
    """The parts of a member's name, those that aren't mere text in the region's terms."""
    written = member.written
    if written is None or member.name.isdecimal():
        return ()
    resolver = region.resolver(written.controls, written.asked)
    parts: list[str | Term] = []
    try:
        for each in written.name:
            if isinstance(each, str) and "." in each:
                parts = []  # what stands before a dot is a scope around it
            parts.append(each.rpartition(".")[2] if isinstance(each, str) else resolver.term(each))
    except Opaque:
        return ()
    return tuple(part for part in parts if part != "")


def _nothing(scope: Scope, region: Region) -> Call:
    raise AssertionError("no class is planned yet")


@dataclass(frozen=True, slots=True)
class _Local:
    """What a class calls blobs: its inputs by their number, others by their path below it.

    The network's calls them by their names.
    """

    scope: Scope
    inputs: tuple[str, ...]
    steps: dict[str, str]

    def note(self, step: Step, key: Key) -> None:
        """An only result is called after its step: what it's called within differs. Those of a loop
        don't say how many turns it has.
        """
        if step.loop is not None and self.scope.path:
            for blob, give in zip(step.outputs, step.loop.gives, strict=True):
                self.steps[blob] = f"{step.name}@{give}"
            return
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


def variables(scope: Scope, blobs: Sequence[str], taken: Collection[str]) -> tuple[str, ...]:
    """The parameters of a `forward` that hold these blobs: as the block calls its inputs."""
    told = zip((blob.name for blob in scope.inputs), scope.input_names, strict=False)
    # A blob that is read as two inputs goes by the first.
    wanted = dict(reversed(list(told)))
    plain = "xyz" if len(blobs) <= len("xyz") else [f"x{n}" for n in range(1, len(blobs) + 1)]
    names = Names(reserved=FORWARD_NAMES.union(taken))
    return tuple(
        names.unique(wanted.get(blob, other)) for blob, other in zip(blobs, plain, strict=False)
    )
