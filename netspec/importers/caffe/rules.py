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


def present(layer: Fields, states: Iterable[State]) -> frozenset[str]:
    """The phases, of those asked for, in which a layer is there.

    It is where some `include` holds; without one, where no `exclude` does.
    """
    include, exclude = layer.messages("include"), layer.messages("exclude")
    layer.ignore("phase")  # the loader sets it; it decides nothing
    found = set()
    for state in states:
        if include:
            held = [_holds(rule, state) for rule in include]
        else:
            held = [not any(_holds(rule, state) for rule in exclude)]
        if any(held):
            found.add(state.phase)
    return frozenset(found)


def _holds(rule: Fields, state: State) -> bool:
    """Whether all of a rule's conditions hold."""
    phase = rule.told("phase")
    least, most = rule.told("min_level"), rule.told("max_level")
    wanted = {each.value for each in rule.every("stage")}
    unwanted = {each.value for each in rule.every("not_stage")}
    return (
        (phase is None or phase.value == state.phase)
        and (least is None or state.level >= least.value)
        and (most is None or state.level <= most.value)
        and wanted <= state.stages
        and unwanted.isdisjoint(state.stages)
    )
