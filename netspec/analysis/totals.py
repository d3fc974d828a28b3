"""The figures of a whole network: the lines below a summary's rows, and `totals` in JSON.

A figure is added with a `Total` in `TOTALS`.
"""

from collections.abc import Callable
from typing import NamedTuple

from netspec.analysis.columns.column import Unit, Value
from netspec.analysis.columns.counts import activations, elements, flops, macs
from netspec.analysis.columns.figures import Figures
from netspec.graph import Size
from netspec.graph.sizes import total


def _shown(figures: Figures, value: Value) -> bool:
    return True


def _told(figures: Figures) -> bool:
    return True


class Total(NamedTuple):
    """A figure of a network: its name in JSON, and what a line begins with.

    `shown` says whether a table has a line of it, and `told` whether it asks for the value at all;
    `needs` is the field of `Asked` that must be given for it to be there. A `detail` follows from
    the others or takes long, and is left out where many networks are laid beside each other.
    """

    name: str
    heading: str
    of: Callable[[Figures], Value]
    unit: Unit = Unit.COUNT
    shown: Callable[[Figures, Value], bool] = _shown
    told: Callable[[Figures], bool] = _told
    needs: str | None = None
    detail: bool = False

    def asked(self, figures: Figures) -> bool:
        """Whether it's there."""
        return self.needs is None or getattr(figures.asked, self.needs) is not None


def _params(figures: Figures) -> int:
    return figures.graph.params


def _trainable(figures: Figures) -> Size:
    return figures.graph.alike.total("trainable_params")


def _buffers(figures: Figures) -> Size:
    return figures.graph.alike.total("buffers")


def _macs(figures: Figures) -> Size:
    return figures.total(macs)


def _flops(figures: Figures) -> Size:
    return figures.total(flops)


def _activations(figures: Figures) -> Size:
    inputs = figures.graph.inputs if figures.asked.compact else ()
    return figures.total(activations) + total(elements(figures, blob) for blob in inputs)


def _activation_bytes(figures: Figures) -> Size:
    from netspec.analysis.columns.traffic import activation_bytes, input_bytes

    inputs = figures.graph.inputs if figures.asked.compact else ()
    return figures.total(activation_bytes) + total(input_bytes(figures, blob) for blob in inputs)


def _weight_bytes(figures: Figures) -> int:
    from netspec.analysis.memory.tensors import weight_bytes

    return weight_bytes(figures.graph, figures.asked.precision)


def _inference_peak_bytes(figures: Figures) -> int | None:
    from netspec.analysis.training import inference_peak_bytes

    return figures.once(inference_peak_bytes)


def _time(figures: Figures) -> Value:
    from netspec.analysis.columns.roofline import bound_of_all

    return figures.once(bound_of_all).time


def _depth(figures: Figures) -> int:
    from netspec.analysis.depth import depth

    return depth(figures.graph)


TOTALS = (
    Total(name="params", heading="parameters", of=_params),
    Total(
        name="trainable_params",
        heading="  trainable",
        of=_trainable,
        shown=lambda figures, value: value != _params(figures),
    ),
    Total(
        name="buffers",
        heading="buffers",
        of=_buffers,
        shown=lambda figures, value: bool(value),
    ),
    Total(name="macs", heading="MACs", of=_macs),
    Total(name="flops", heading="FLOPs", of=_flops),
    Total(name="activations", heading="activations", of=_activations),
    Total(
        name="activation_bytes",
        heading="activation bytes",
        of=_activation_bytes,
        unit=Unit.BYTES,
        told=lambda figures: False,
        detail=True,
    ),
    Total(
        name="weight_bytes",
        heading="weight bytes",
        of=_weight_bytes,
        unit=Unit.BYTES,
        detail=True,
    ),
    Total(
        name="inference_peak_bytes",
        heading="inference peak",
        of=_inference_peak_bytes,
        unit=Unit.BYTES,
        told=lambda figures: figures.asked.memory,
        detail=True,
    ),
    Total(
        name="time",
        heading="least time",
        of=_time,
        unit=Unit.SECONDS,
        needs="device",
    ),
    Total(name="depth", heading="depth", of=_depth),
    Total(name="layers", heading="layers", of=lambda figures: len(figures.graph)),
)


def every_total(figures: Figures) -> tuple[Total, ...]:
    """All of them; before the MACs what is counted instead, where that is asked for."""
    name = figures.asked.convention
    if any(each.name == name for each in TOTALS):
        return TOTALS
    from netspec.analysis.columns.counting import counting
    from netspec.analysis.conventions import named

    def count(figures: Figures) -> Size:
        return figures.total(counting(name))

    place = [each.name for each in TOTALS].index("macs")
    counted = Total(name=name, heading=named(name).heading, of=count)
    return (*TOTALS[:place], counted, *TOTALS[place:])


def totals(figures: Figures) -> dict[str, Value]:
    """The figures that are there, by name."""
    return {each.name: each.of(figures) for each in every_total(figures) if each.asked(figures)}
