"""Names that stand below others: in wrappers, in training modules, in checkpoints.

What stands before the network's names is found by the names themselves: the prefix is the one with
which most of them are there.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from netspec.counted import counted
from netspec.diagnostics import Diagnostic, Severity, SpecError
from netspec.lower.weights.entries import Entries, StateDicts
from netspec.lower.weights.source import UserWeights
from netspec.lower.weights.words import quoted, short

AUTO = "auto"
"""The prefix that stands for whichever one fits."""

_WRAPPERS = frozenset({"_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"})
"""What PyTorch's wrappers put into the names of what they wrap, wherever that stands."""

_OWN = frozenset({"n_averaged"})
"""What AveragedModel holds beside the module that it wraps."""

_LONGEST = 500
"""How far into a name a prefix may reach."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The entries by the network's names; `problem` is what has to be asked for first, `notice`
    what was done unasked.
    """

    entries: Entries
    problem: Diagnostic | None = None
    notice: Diagnostic | None = None


@dataclass(frozen=True, slots=True)
class _Choice:
    """A prefix in one of the state dicts, and how many of the network's names it leads to."""

    place: str
    prefix: str
    entries: Entries
    hits: int

    @property
    def whole(self) -> str:
        return self.place + self.prefix

    def taken(self) -> Entries:
        """The entries below the prefix, without it."""
        start = len(self.prefix)
        below = self.entries.items()
        return {name[start:]: each for name, each in below if name.startswith(self.prefix)}

    def others(self) -> list[str]:
        """The names that aren't below the prefix."""
        return [name for name in self.entries if not name.startswith(self.prefix)]


def taken(weights: UserWeights, names: Collection[str]) -> Taken:
    """What the source has of a network with these parameters, as its prefix says.

    SpecError (`weights-prefix`) where several are as good, or no name has the prefix.
    """
    held = weights.read()
    if weights.prefix == AUTO:
        return _found(held, names)
    if weights.prefix is not None:
        return _asked(held, weights.prefix, names)
    return _plain(held, names, is_module=weights.is_module)


def _found(held: StateDicts, names: Collection[str]) -> Taken:
    """By the prefix that fits, whatever it is."""
    bare = {place: _unwrapped(entries) for place, entries in held.items()}
    choice = _only([each for place in bare for each in _best(place, bare[place], names)])
    done = [f"`{choice.prefix}` off the names"] if choice.prefix else []
    if bare[choice.place].keys() != held[choice.place].keys():
        done.append("what PyTorch's wrappers add out of them")
    if not done:
        return Taken(choice.taken())
    count = counted(len(choice.taken()), "entry")
    message = f"took {' and '.join(done)} of {count} of the weights"
    if choice.others():
        message += f", passed over {quoted(choice.others())}"
    return Taken(
        choice.taken(), notice=Diagnostic("weights-renamed", message, severity=Severity.WARNING)
    )


def _asked(held: StateDicts, prefix: str, names: Collection[str]) -> Taken:
    """By the prefix given: the key of a state dict may stand first in it, and its last dot be left
    out.
    """
    choices: list[_Choice] = []
    for place, entries in held.items():
        meant = [
            written.removeprefix(key) for written in (prefix, f"{prefix}.") for key in ("", place)
        ]
        fitting = [each for each in meant if any(name.startswith(each) for name in entries)]
        counts = _prefixes(entries, names)
        if fitting:
            best = max(fitting, key=lambda each: counts[each])
            choices.append(_Choice(place, best, entries, counts[best]))
    if choices:
        choice = _only(choices)
        better = _best(choice.place, choice.entries, names)[0]
        longer = better.hits > choice.hits and better.prefix.startswith(choice.prefix)
        return _needing(better, better.whole) if longer else Taken(choice.taken())
    (other, *_) = [each for place in held for each in _best(place, held[place], names)]
    message = f"no name in the weights begins with `{short(prefix)}`"
    help = f"they begin with `{short(other.whole)}`" if other.whole else None
    raise SpecError([Diagnostic("weights-prefix", message, help=help)])


def _plain(held: StateDicts, names: Collection[str], is_module: bool) -> Taken:
    """By no prefix; what PyTorch has wrapped around a module goes without saying."""
    if is_module:
        held = {place: _unwrapped(entries) for place, entries in held.items()}
    places = [_best(place, entries, names) for place, entries in held.items()]
    place = _only([choices[0] for choices in places]).place
    choice = _only(_best(place, held[place], names))
    if choice.prefix and not (is_module and set(choice.others()) <= _OWN):
        return _needing(choice, choice.prefix)
    return Taken(choice.taken(), None if is_module else _with_wrappers(choice, names))


def _needing(choice: _Choice, prefix: str) -> Taken:
    """What must be asked for by a prefix, which all or most names have."""
    others = [name for name in choice.others() if name not in _OWN]
    count = len(choice.taken())
    every = f"{count} of {count + len(others)} names" if others else "every name"
    verb = "begin" if others else "begins"
    found = f" or `--weights-prefix {AUTO}`" if prefix == choice.prefix else ""
    prefix = short(prefix)
    message = f"{every} in the weights {verb} with `{prefix}`, which the network doesn't have"
    help = f"take it off with `--weights-prefix {prefix}`{found}"
    return Taken(choice.taken(), Diagnostic("weights-prefix", message, help=help))


def _with_wrappers(choice: _Choice, names: Collection[str]) -> Diagnostic | None:
    """That the names would be the network's without what wrappers of their modules add."""
    bare = _unwrapped(choice.entries)
    if bare.keys() == choice.entries.keys():
        return None
    hits = max(each.hits for each in _best(choice.place, bare, names))
    if hits <= choice.hits:
        return None
    message = "names in the weights hold what PyTorch's wrappers add to those of modules"
    help = f"take it out with `--weights-prefix {AUTO}`"
    return Diagnostic("weights-prefix", message, help=help)


def _only(choices: Sequence[_Choice]) -> _Choice:
    """The choice with the most of the network's names, or the largest if none has any."""
    most = max(each.hits for each in choices)
    best = [each for each in choices if each.hits == most]
    if not most:
        return max(choices, key=lambda each: len(each.entries))
    if len(best) > 1:
        found = quoted(each.whole for each in best)
        message = f"the weights hold the network's names several times, below {found}"
        help = f"choose with `--weights-prefix {short(best[0].whole)}`"
        raise SpecError([Diagnostic("weights-prefix", message, help=help)])
    return best[0]


def _best(place: str, entries: Entries, names: Collection[str]) -> list[_Choice]:
    """The prefixes with which the most of the network's names are there: none if that is one."""
    counts = _prefixes(entries, names)
    most = max(counts.values(), default=0)
    best = [prefix for prefix, hits in counts.items() if hits == most]
    if counts[""] == most:
        best = [""]
    return [_Choice(place, prefix, entries, most) for prefix in best]


def _prefixes(entries: Iterable[str], names: Collection[str]) -> Counter[str]:
    """What stands before the network's names in those of the entries, and how often."""
    found: Counter[str] = Counter()
    for name in entries:
        start = 0
        while start <= min(len(name), _LONGEST):
            if name[start:] in names:
                found[name[:start]] += 1
            start = (name.find(".", start) + 1) or len(name) + 1
    return found


def _unwrapped(entries: Entries) -> Entries:
    """The entries by names without what wrappers add, where those stay different."""
    bare = {
        ".".join(part for part in name.split(".") if part not in _WRAPPERS): each
        for name, each in entries.items()
    }
    return bare if len(bare) == len(entries) else entries
