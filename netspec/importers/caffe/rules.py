"""Which layers a phase has: Caffe's `include` and `exclude`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from netspec.diagnostics import Diagnostic, SpecError
from netspec.importers.caffe.fields import Fields

PHASES = ("TRAIN", "TEST")


@dataclass(frozen=True, slots=True)
class State:
    """What a network is built for (Caffe's NetState)."""

    phase: str
    level: int = 0
    stages: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule's conditions (Caffe's NetStateRule); None for one that it doesn't have."""

    phase: str | None
    least: int | None
    most: int | None
    wanted: frozenset[str]
    unwanted: frozenset[str]

    def holds(self, state: State) -> bool:
        """Whether all of them do."""
        return (
            (self.phase is None or self.phase == state.phase)
            and (self.least is None or state.level >= self.least)
            and (self.most is None or state.level <= self.most)
            and self.wanted <= state.stages
            and self.unwanted.isdisjoint(state.stages)
        )


def present(layer: Fields, states: Collection[State]) -> frozenset[str]:
    """The phases, of those asked for, in which a layer is there.

    It is where some `include` holds; without one, where no `exclude` does. SpecError for both.
    """
    layer.ignore("phase")  # the loader sets it; it decides nothing
    include, exclude = layer.messages("include"), layer.messages("exclude")
    if include and exclude:
        message = "a layer has `include` or `exclude`, not both"
        raise SpecError([Diagnostic("field-conflict", message, exclude[0].place.span)])
    there = _held(include, states) if include else set(states) - _held(exclude, states)
    return frozenset(state.phase for state in there)


def _held(rules: Iterable[Fields], states: Collection[State]) -> set[State]:
    """The states in which some rule holds."""
    found: set[State] = set()
    for each in rules:
        rule = _rule(each)
        found.update(filter(rule.holds, states))
    return found


def _rule(fields: Fields) -> _Rule:
    phase, least, most = map(fields.told, ("phase", "min_level", "max_level"))
    return _Rule(
        phase=None if phase is None else phase.value,
        least=None if least is None else least.value,
        most=None if most is None else most.value,
        wanted=frozenset(each.value for each in fields.every("stage")),
        unwanted=frozenset(each.value for each in fields.every("not_stage")),
    )
