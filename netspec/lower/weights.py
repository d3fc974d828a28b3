"""The values of a network's parameters: fresh ones from the fillers, or the user's own.

Weights are a mapping from parameter names to arrays, each made when it is asked for: whoever
writes them one after the other holds one tensor in memory, however large the network.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np

from netspec.diagnostics import Diagnostic, Diagnostics, SpecError
from netspec.graph import Graph, Parameter, Phase, Shape
from netspec.lower.fillers import Array, draw
from netspec.lower.values import Stored, converted
from netspec.lower.weight_files import Entries, Entry, entry, read_weights


class Weights(Mapping[str, Array]):
    """Arrays by parameter name, made on demand and not kept; of the parameters' own dtypes."""

    def __init__(
        self,
        makers: Mapping[str, Callable[[], Array]],
        stored: Mapping[str, Stored] | None = None,
    ) -> None:
        self._makers = makers
        self._stored = stored or {}

    def stored(self, name: str) -> Stored | None:
        """The place in a file where the values lie as they are, whatever their element type."""
        return self._stored.get(name)

    def overlaid(self, makers: Mapping[str, Callable[[], Array]]) -> "Weights":
        """These weights with some made in another way."""
        stored = {name: each for name, each in self._stored.items() if name not in makers}
        return Weights({**self._makers, **makers}, stored)

    def __getitem__(self, name: str) -> Array:
        return self._makers[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


@runtime_checkable
class Module(Protocol):
    """What is asked of a torch.nn.Module, so that torch needn't be imported to recognise one."""

    def state_dict(self) -> Mapping[str, Any]: ...


Source: TypeAlias = str | Path | Mapping[str, Any] | Module
"""Where weights come from: a file, arrays or tensors by name, or a PyTorch module."""


def weights_for(
    graph: Graph, weights: Source | None, seed: int = 0, part: Graph | None = None
) -> Weights:
    """What a target is given: weights as they are, the user's checked, or fresh ones for None.

    `part` as in `given`.
    """
    if isinstance(weights, Weights):
        return weights
    return fresh(graph, seed) if weights is None else given(graph, weights, part)


def fresh(graph: Graph, seed: int = 0) -> Weights:
    """Weights as the fillers of all the graph's parameters draw them.

    A tensor depends on `seed` and the name of the parameter that owns the values alone. The graph
    should hold both phases: the owner, whose filler counts, may stand in the other one.
    """
    by_name = {parameter.name: parameter for parameter in graph.parameters}
    makers: dict[str, Callable[[], Array]] = {}
    for name, parameter in by_name.items():
        filler = by_name.get(parameter.owner, parameter).filler
        makers[name] = partial(
            draw, parameter.owner, parameter.shape, filler, seed, parameter.dtype
        )
    return Weights(makers)


def given(graph: Graph, source: Source, part: Graph | None = None) -> Weights:
    """The user's weights, checked against the graph, which should hold both phases.

    What the layers of `part` hold must be there (None: those of the TEST phase), what others hold
    may be. Batch counters may be missing (they are then 0). Of parameters that share values one
    entry is enough, several must be equal. Raises SpecError: `weights-missing`, `weights-extra`,
    `weights-shape`, `weights-differ`, `cannot-read`, `weights-format`.
    """
    part = graph.phase(Phase.TEST) if part is None else part
    entries = _of_part(graph, _entries(source))
    groups: dict[str, list[Parameter]] = defaultdict(list)
    for parameter in graph.parameters:
        groups[parameter.owner].append(parameter)
    _check(groups.values(), entries, _needed(part))
    _check_shared(groups.values(), entries)

    makers: dict[str, Callable[[], Array]] = {}
    stored: dict[str, Stored] = {}
    for owner, group in groups.items():
        name = _first_present(owner, group, entries)
        found = entries[name] if name is not None else None
        for parameter in group:
            if name is not None and found is not None:
                makers[parameter.name] = partial(_read, name, found, parameter.dtype)
                if found.stored is not None:
                    stored[parameter.name] = found.stored
            elif _is_counter(parameter):
                makers[parameter.name] = partial(np.zeros, parameter.shape, parameter.dtype)
    return Weights(makers, stored)


def _entries(source: Source) -> Entries:
    if isinstance(source, str | Path):
        return read_weights(Path(source))
    tensors = source.state_dict() if isinstance(source, Module) else source
    return {name: entry(name, tensor) for name, tensor in tensors.items()}


def _of_part(graph: Graph, entries: Entries) -> Entries:
    """The entries without those of parameters that the graph leaves out of a whole network; values
    that one of its own shares go by that one's name.
    """
    found = {name: each for name, each in entries.items() if name not in graph.left_out}
    for name, heir in graph.left_out.items():
        if heir is not None and name in entries:
            found.setdefault(heir, entries[name])
    return found


def _needed(part: Graph) -> set[str]:
    parameters = (parameter for node in part.nodes for parameter in node.parameters)
    return {parameter.name for parameter in parameters if not _is_counter(parameter)}


def _check(groups: Iterable[list[Parameter]], entries: Entries, needed: set[str]) -> None:
    missing: list[str] = []
    wrong: list[str] = []
    extra = dict.fromkeys(entries)
    for group in groups:
        present = [parameter for parameter in group if parameter.name in entries]
        if not present and any(parameter.name in needed for parameter in group):
            missing.append(group[0].name)
        for parameter in present:
            del extra[parameter.name]
            shape = entries[parameter.name].shape
            if shape != parameter.shape:
                wrong.append(f"{parameter.name} is {Shape(shape)}, not {Shape(parameter.shape)}")

    problems = Diagnostics()
    if missing:
        problems.error("weights-missing", f"the weights lack {_listed(missing)}")
    if extra:
        message = f"the weights hold {_listed(extra)}, which the network doesn't have"
        problems.error("weights-extra", message)
    if wrong:
        problems.error("weights-shape", f"weights of another shape: {'; '.join(wrong)}")
    problems.raise_errors()


def _check_shared(groups: Iterable[list[Parameter]], entries: Entries) -> None:
    """Refuse entries that differ for parameters which share their values."""
    problems = Diagnostics()
    for group in groups:
        present = [parameter for parameter in group if parameter.name in entries]
        for other in present[1:]:
            first = present[0]
            if not _equal(*((each, entries[each.name]) for each in (first, other))):
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


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _first_present(owner: str, group: list[Parameter], entries: Entries) -> str | None:
    names = [owner, *(parameter.name for parameter in group)]
    return next((name for name in names if name in entries), None)


def _is_counter(parameter: Parameter) -> bool:
    """Whether it counts batches, as BatchNorm's integer buffer does: no result depends on it."""
    return parameter.buffer and parameter.dtype == "int64"


def _read(name: str, stored: Entry, dtype: str) -> Array:
    values = stored.read()
    if not np.can_cast(values.dtype, dtype, "same_kind"):
        message = f"the weights' `{name}` holds {values.dtype}, which can't become {dtype}"
        raise SpecError([Diagnostic("weights-format", message)])
    return np.asarray(converted(name, values, dtype), order="C")
