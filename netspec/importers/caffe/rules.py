"""Which layers a phase has: Caffe's `include` and `exclude`."""

from collections.abc import Iterable
from dataclasses import dataclass

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


def present(layer: Fields, states: Iterable[State]) -> frozenset[str]:
    """The phases, of those asked for, in which a layer is there.

    It is where some `include` holds; without one, where no `exclude` does.
    """
    include = [_rule(each) for each in layer.messages("include")]
    exclude = [_rule(each) for each in layer.messages("exclude")]
    layer.ignore("phase")  # the loader sets it; it decides nothing
    if include:
        return frozenset(s.phase for s in states if any(rule.holds(s) for rule in include))
    return frozenset(s.phase for s in states if not any(rule.holds(s) for rule in exclude))


def _rule(fields: Fields) -> _Rule:
    phase, least, most = map(fields.told, ("phase", "min_level", "max_level"))
    return _Rule(
        phase=None if phase is None else phase.value,
        least=None if least is None else least.value,
        most=None if most is None else most.value,
        wanted=frozenset(each.value for each in fields.every("stage")),
        unwanted=frozenset(each.value for each in fields.every("not_stage")),
    )
