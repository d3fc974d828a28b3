"""What a network takes in memory, as a summary tells it: to run it, to train it, and what fits."""

from typing import Any

from netspec.analysis.columns.column import Unit, plain
from netspec.analysis.columns.figures import Figures
from netspec.analysis.columns.wrong import Wrong
from netspec.analysis.memory.batch import Open, opened, sizes_with
from netspec.analysis.memory.budget import largest_batch
from netspec.analysis.memory.passes import forward
from netspec.analysis.memory.report import PRECISIONS, Memory, memory
from netspec.analysis.units import short, text
from netspec.graph import Graph, Size
from netspec.listed import listed

TOLD = {
    "saved_bytes": "  saved",
    "gradient_bytes": "  gradients",
    "optimizer_bytes": "  optimizer",
    "peak_bytes": "  peak",
}
"""The figures of a training step, and how a line of each begins."""


def inference_peak_bytes(figures: Figures) -> int | None:
    """The most that is alive in a pass forward; None where that depends on an open size."""
    try:
        sizes = sizes_with(_graph(figures), figures.asked.batch)
        return forward(_graph(figures), sizes, _precision(figures)).peak().bytes
    except ValueError:  # a size is open, of an input or of what shows when it runs
        return None


def to_json(figures: Figures) -> dict[str, Any]:
    """What JSON has besides of a training step and of what fits, where they are asked for."""
    found: dict[str, Any] = {}
    if figures.asked.optimizer is not None:
        made = figures.once(_training)
        step = {name: plain(_value(made, name)) for name in TOLD}
        said = {"batch": made.batch, "optimizer": made.optimizer, "precision": made.precision}
        found["training"] = {**step, **said}
    if figures.asked.budget is not None:
        found["budget"] = figures.asked.budget
        found["largest_batch"] = figures.once(_largest)
    return found


def lines(figures: Figures) -> list[tuple[str, str]]:
    """The same as lines: how each begins, and what it says."""
    found = []
    if figures.asked.optimizer is not None:
        made = figures.once(_training)
        items = f"{made.batch:,} item{'s' if made.batch > 1 else ''}"
        found.append(("training", f"of {items}, {made.optimizer}, {made.precision}"))
        found += [(head, _text(_value(made, name), figures)) for name, head in TOLD.items()]
    if figures.asked.budget is not None:
        what = "to run" if figures.asked.optimizer is None else "to train"
        within = short(figures.asked.budget, Unit.BYTES)
        found.append(("largest batch", f"{figures.once(_largest):,} {what} in {within}"))
    return found


def _value(made: Memory, name: str) -> Size | None:
    """A figure; None where it takes numbers for open sizes."""
    try:
        found: Size = getattr(made, name)
    except Open:
        return None
    return found


def _text(count: Size | None, figures: Figures) -> str:
    """Bytes, exact and with a unit; a formula as it is."""
    if count is None:
        return wanting(figures)
    if not isinstance(count, int):
        return str(count)
    return f"{text(count, Unit.BYTES) or 0} ({short(count, Unit.BYTES) or '0 B'})"


def wanting(figures: Figures) -> str:
    """What a most of several takes where it can't be told."""
    found = opened(_graph(figures))
    if found is None:
        return "depends on what shows only when it runs"
    return f"needs numbers for {listed(found.names, 'and')}: `{found.options}`"


def _training(figures: Figures) -> Memory:
    asked = figures.asked
    assert asked.optimizer is not None
    try:
        return memory(_graph(figures), asked.batch, asked.optimizer, _precision(figures))
    except ValueError as error:
        raise Wrong("training", str(error)) from None


def _largest(figures: Figures) -> int:
    """The most items that fit the budget, in a training step if an optimizer is asked for, else in
    a pass forward.
    """
    asked = figures.asked
    assert asked.budget is not None
    try:
        return largest_batch(_graph(figures), asked.budget, asked.optimizer, _precision(figures))
    except Open as error:
        depends = f"the most that is alive at once depends on {listed(error.names, 'and')}"
        fixed = f": `{error.options}` fixes it" if error.shapes else ""
        raise Wrong("budget", depends + fixed) from None
    except ValueError as error:
        raise Wrong("budget", str(error)) from None


def _graph(figures: Figures) -> Graph:
    return figures.whole or figures.graph


def _precision(figures: Figures) -> str:
    """What tensors are held in: TensorFloat-32 is float32 in memory."""
    precision = figures.asked.precision
    return precision if precision in PRECISIONS else "float32"
