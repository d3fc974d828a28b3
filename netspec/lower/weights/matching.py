"""The user's weights, held against the network's parameters."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from re import Pattern

import numpy as np

from netspec.diagnostics import Diagnostics, warn
from netspec.graph import Graph, Parameter, Phase
from netspec.lower.values import Array, Stored, converted
from netspec.lower.weights import drawn
from netspec.lower.weights.entries import Entries, Entry
from netspec.lower.weights.made import Weights
from netspec.lower.weights.misfits import Misfits, filled, reason
from netspec.lower.weights.patterns import pattern, unmatched
from netspec.lower.weights.prefixes import Taken, taken
from netspec.lower.weights.source import Source, UserWeights


def weights_for(
    graph: Graph,
    weights: "Weights | UserWeights | Source | None",
    seed: int = 0,
    part: Graph | None = None,
    *,
    whole: bool = False,
) -> Weights:
    """What a target is given: weights as they are, the user's checked, or fresh ones for None.

    `part` and `whole` as in `given`.
    """
    if isinstance(weights, Weights):
        return weights
    if weights is None:
        return drawn.fresh(graph, seed)
    return given(graph, weights, part, seed, whole=whole)


def given(
    graph: Graph,
    weights: UserWeights | Source,
    part: Graph | None = None,
    seed: int = 0,
    *,
    whole: bool = False,
) -> Weights:
    """The user's weights, checked against the graph, which should hold both phases.

    What the layers of `part` hold must be there (None: those of the TEST phase), what others hold
    may be; `whole` fills the others from their fillers. Batch counters may be missing (they are
    then 0), and constants. Of parameters that share values one entry is enough, several must be
    equal. Warns of what was filled, and of a prefix that was found.

    Raises SpecError: `weights-missing`, `weights-extra`, `weights-shape`, `weights-differ`,
    `weights-prefix`, `weights-fresh`, `cannot-read`, `weights-format`.
    """
    user = weights if isinstance(weights, UserWeights) else UserWeights(weights)
    part = graph.phase(Phase.TEST) if part is None else part
    parameters = graph.parameters
    names = {parameter.name for parameter in parameters}
    whole_names = names | graph.left_out.keys()
    patterns = _patterns(user.fresh, whole_names)
    found = taken(user, whole_names)
    found = replace(found, entries=_of_part(graph, found.entries))
    match = _Match(found.entries, _needed(part), patterns, whole)
    for group in _groups(parameters):
        match.take(group)
    match.misfits.extra = [
        name
        for name, each in found.entries.items()
        if name not in names and not each.alias and not match.may_be_fresh([name])
    ]
    _raise(found, match.misfits, names)
    _check_shared(match.fitting)
    _tell(found, match)
    return match.weights(parameters, seed)


def _of_part(graph: Graph, entries: Entries) -> Entries:
    """The entries without those of parameters that the graph leaves out of a whole network; values
    that one of its own shares go by that one's name.
    """
    found = {name: each for name, each in entries.items() if name not in graph.left_out}
    for name, heir in graph.left_out.items():
        if heir is not None and name in entries:
            found.setdefault(heir, entries[name])
    return found


@dataclass(slots=True)
class _Match:
    """The entries held against one group of parameters after the other."""

    entries: Entries
    needed: set[str]
    patterns: list[Pattern[str]]
    whole: bool
    misfits: Misfits = field(default_factory=Misfits)
    fitting: list[list[tuple[Parameter, Entry]]] = field(default_factory=list)
    kept: dict[str, tuple[str, Entry]] = field(default_factory=dict)
    known: list[Parameter] = field(default_factory=list)
    filled: list[tuple[Parameter, Entry | None]] = field(default_factory=list)

    def may_be_fresh(self, names: Iterable[str]) -> bool:
        """Whether a pattern matches one of the names."""
        return any(each.match(name) for name in names for each in self.patterns)

    def take(self, group: list[Parameter]) -> None:
        """Find the values of parameters that share them, the owner first."""
        present = [(each, self.entries[each.name]) for each in group if each.name in self.entries]
        fitting = [(each, entry) for each, entry in present if reason(each, entry) is None]
        fresh = self.may_be_fresh(each.name for each in group)
        if len(fitting) < len(present) and not fresh:
            self.misfits.wrong += [each for each in present if each not in fitting]
        elif fitting:
            self.fitting.append(fitting)
            owner, entry = fitting[0]
            self.kept |= {parameter.name: (owner.name, entry) for parameter in group}
        elif _is_known(group[0]):
            self.known += group
        elif fresh or (self.whole and not self.is_needed(group)):
            self.filled += [(each, self.entries.get(each.name)) for each in group]
        elif self.is_needed(group):
            self.misfits.missing.append(group[0])

    def is_needed(self, group: list[Parameter]) -> bool:
        """Whether the part that was asked for holds one of the parameters."""
        return any(parameter.name in self.needed for parameter in group)

    def weights(self, parameters: Iterable[Parameter], seed: int) -> Weights:
        """What was found, of the parameters' own types and in their order."""
        draw = drawn.makers(parameters, seed)
        drawn_here = [*self.known, *(each for each, _ in self.filled)]
        fill = {each.name: draw[each.name] for each in drawn_here}
        makers: dict[str, Callable[[], Array]] = {}
        stored: dict[str, Stored] = {}
        for parameter in parameters:
            name = parameter.name
            if name in self.kept:
                source, entry = self.kept[name]
                makers[name] = partial(_read, source, entry, parameter.dtype)
                if entry.stored is not None:
                    stored[name] = entry.stored
            elif name in fill:
                makers[name] = fill[name]
        return Weights(makers, stored)


def _groups(parameters: Iterable[Parameter]) -> Iterable[list[Parameter]]:
    """The parameters that share their values, in the order of the first of each; owners first."""
    groups: dict[str, list[Parameter]] = defaultdict(list)
    for parameter in parameters:
        groups[parameter.owner].append(parameter)
    for owner, group in groups.items():
        yield sorted(group, key=lambda each: each.name != owner)


def _patterns(given: Iterable[str], names: set[str]) -> list[Pattern[str]]:
    """Patterns of names, each of which some parameter must match."""
    problems = Diagnostics()
    for text in given:
        told = unmatched(text, names)
        if told is not None:
            problems.error("weights-fresh", told[0], help=told[1])
    problems.raise_errors()
    return [*map(pattern, given)]


def _needed(part: Graph) -> set[str]:
    parameters = (parameter for node in part.nodes for parameter in node.parameters)
    return {parameter.name for parameter in parameters if not _is_known(parameter)}


def _raise(found: Taken, misfits: Misfits, names: set[str]) -> None:
    """SpecError with all that keeps the weights from being the network's."""
    problems = Diagnostics()
    if found.problem is not None:
        problems.add(found.problem)
    problems.extend(misfits.told(found.entries, names))
    problems.raise_errors()


def _tell(found: Taken, match: _Match) -> None:
    """Warn of what was done beyond reading."""
    if found.notice is not None:
        warn(found.notice)
    if match.filled:
        warn(filled(match.filled))


def _check_shared(groups: Iterable[list[tuple[Parameter, Entry]]]) -> None:
    """Refuse entries that differ for parameters which share their values."""
    problems = Diagnostics()
    for (first, kept), *others in groups:
        for other, entry in others:
            if entry.read is not kept.read and not _equal((first, kept), (other, entry)):
                message = (
                    f"`{first.name}` and `{other.name}` share their values, but the weights have "
                    "different ones for them"
                )
                problems.error("weights-differ", message, help="leave out the wrong one")
    problems.raise_errors()


def _equal(one: tuple[Parameter, Entry], other: tuple[Parameter, Entry]) -> bool:
    """Whether two entries are the same as the parameters' elements."""
    first, second = (_read(each.name, found, each.dtype) for each, found in (one, other))
    return np.array_equal(first, second, equal_nan=True)


def _is_known(parameter: Parameter) -> bool:
    """Whether weights needn't say what it holds: a counter of batches, a constant."""
    return parameter.counts_batches or parameter.values is not None


def _read(name: str, stored: Entry, dtype: str) -> Array:
    return np.asarray(converted(name, stored.read(), dtype), order="C")
