"""What is said of weights that aren't a network's: short lists, and what may be the matter."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from netspec.diagnostics import Diagnostic, Severity
from netspec.diagnostics.suggest import nearest
from netspec.graph import Parameter, Shape
from netspec.lower.weights.entries import Entries, Entry
from netspec.lower.weights.words import enumerated, quoted, short

_FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})
_INTEGERS = frozenset({f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)})

_MANY = 10
"""Wrong shapes that are no longer those of a last layer."""


def reason(parameter: Parameter, entry: Entry) -> str | None:
    """The code of what keeps an entry from being a parameter's; None if it fits.

    Weights may be of any floating-point type, counters of any integer type.
    """
    taken = _FLOATS if parameter.dtype in _FLOATS else _INTEGERS
    if entry.unreadable is not None or entry.dtype not in taken:
        return "weights-format"
    return None if entry.shape == parameter.shape else "weights-shape"


def filled(parameters: Iterable[tuple[Parameter, Entry | None]]) -> Diagnostic:
    """That parameters were filled from their fillers, for want of an entry that fits."""
    named = [f"`{each.name}` ({_lack(each, entry)})" for each, entry in parameters]
    message = f"filled {enumerated(named)} from the fillers"
    return Diagnostic("weights-filled", message, severity=Severity.WARNING)


def _lack(parameter: Parameter, entry: Entry | None) -> str:
    if entry is None:
        return "which the weights lack"
    if entry.unreadable is not None:
        return f"which can't be read: {entry.unreadable}"
    if entry.shape != parameter.shape:
        return f"{Shape(parameter.shape)}, the weights' is {Shape(entry.shape)}"
    return f"{parameter.dtype}, the weights' is {entry.dtype}"


@dataclass(slots=True)
class Misfits:
    """Parameters without an entry, entries without a parameter, and those that don't fit."""

    missing: list[Parameter] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    wrong: list[tuple[Parameter, Entry]] = field(default_factory=list)

    def told(self, entries: Entries, names: Collection[str]) -> Iterator[Diagnostic]:
        """An error for each kind."""
        if self.missing:
            message = f"the weights lack {quoted(each.name for each in self.missing)}"
            yield Diagnostic("weights-missing", message, help=self._near(entries))
        if self.extra:
            message = f"the weights hold {quoted(self.extra)}, which the network doesn't have"
            yield Diagnostic("weights-extra", message, help=_below(entries, names))
        for why in dict.fromkeys(entry.unreadable for _, entry in self.wrong if entry.unreadable):
            those = [each.name for each, entry in self.wrong if entry.unreadable == why]
            yield Diagnostic("weights-format", f"the weights' {quoted(those)} can't be read: {why}")
        typed = [each for each in self.wrong if each[1].unreadable is None]
        kinds = [
            f"{each.name} is {entry.dtype}, not {each.dtype}"
            for each, entry in typed
            if reason(each, entry) == "weights-format"
        ]
        if kinds:
            message = f"weights of another type: {enumerated(kinds, '; ')}"
            yield Diagnostic("weights-format", message)
        shapes = [each for each in typed if reason(*each) == "weights-shape"]
        if shapes:
            told = [
                f"{each.name} is {Shape(entry.shape)}, not {Shape(each.shape)}"
                for each, entry in shapes
            ]
            message = f"weights of another shape: {enumerated(told, '; ')}"
            yield Diagnostic("weights-shape", message, help=_shape_help(shapes))

    def _near(self, entries: Entries) -> str | None:
        """An entry of another name that may be the first one that is missing."""
        first = self.missing[0]
        same = [name for name in self.extra if entries[name].shape == first.shape]
        found = nearest(first.name, same)
        return f"is `{first.name}` what they call `{short(found)}`?" if found else None


def _below(entries: Entries, names: Collection[str]) -> str | None:
    """That all entries stand below a name, where none of the network's does."""
    first, last = min(entries), max(entries)
    same = takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))
    prefix = "".join("".join(letter for letter, _ in same).rpartition(".")[:2])
    if first == last or not prefix or any(name.startswith(prefix) for name in names):
        return None
    return (
        f"every name begins with `{short(prefix)}`; `--weights-prefix {short(prefix)}` takes it off"
    )


def _shape_help(wrong: list[tuple[Parameter, Entry]]) -> str | None:
    """What may be the matter with shapes, and what to do."""
    tables = [(each, entry) for each, entry in wrong if len(each.shape) > 1]
    if tables and all(len(e.shape) == 2 and e.shape == p.shape[::-1] for p, e in tables):
        return "they are transposed: PyTorch's order is outputs first"
    if len(wrong) > _MANY:
        return "are they of another variant, or of other vars?"
    modules = dict.fromkeys(each.name.rpartition(".")[0] for each, _ in wrong)
    if len(modules) == 1 and (module := next(iter(modules))):
        return f"fill it anew with `--fresh '{module}.*'`, or set the vars that the weights are of"
    return None
