"""How fast a device can be at best: the roofline model (Williams et al. 2009).

A layer takes as long as its arithmetic at the device's peak rate, and as long as its bytes at the
bandwidth: no less than the larger of both. Layers run one after another, so that these bounds add
up. Real kernels are slower: few reach half of a peak. A compiler that joins layers moves fewer
bytes than counted here (`netspec.analysis.traffic`), and can be faster than the memory's bound.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from netspec.analysis.columns.wrong import Wrong
from netspec.analysis.traffic import traffic
from netspec.graph import Node, Size
from netspec.graph.sizes import symbols
from netspec.quick import frozen

By = Literal["compute", "memory"]


@frozen
class Device:
    """What a device does at its best: `peak`, operations a second by what it computes in,
    `bandwidth`, bytes a second to and from its memory, and `memory`, the bytes of that. `source` is
    who says so; `name` is what a user calls it, `title` its full name.
    """

    name: str
    title: str
    peak: Mapping[str, float]
    bandwidth: float
    memory: int
    source: str

    def rate(self, precision: str) -> float:
        """Operations a second in that precision; Wrong where it's none that the device is told to
        compute in.
        """
        if precision not in self.peak:
            known = ", ".join(self.peak)
            raise Wrong(
                "device", f"no peak rate of {self.title} in {precision} is known; of {known} it is"
            )
        return self.peak[precision]


@frozen
class Bound:
    """The least `time`, in seconds, and `by` what it is bound; None where nothing is to be done."""

    time: float = 0.0
    by: By | None = None


def bound(node: Node, device: Device, batch: int = 1, precision: str = "float32") -> Bound:
    """The least time that a layer, `node`, takes on the `device` for a `batch` of so many items, in
    the `precision`.

    Its arithmetic is its FLOPs, every operation of any kind, a multiply-add as two. Wrong, a
    ValueError, where a size isn't known, of two formulas none being the larger, and in a precision
    of which no rate is.
    """
    moved = traffic(node, batch, precision)
    operations = _number(node.flops) * node.times(batch)
    if not moved.bytes and not operations:
        return Bound()
    compute = operations / device.rate(precision)
    memory = _number(moved.bytes) / device.bandwidth
    return Bound(compute, "compute") if compute > memory else Bound(memory, "memory")


def together(bounds: Iterable[Bound]) -> Bound:
    """The least time of layers that run one after another, of which these are the `bounds`, and
    what bounds the most of it.
    """
    times: dict[By, float] = {}
    for each in bounds:
        if each.by is not None:
            times[each.by] = times.get(each.by, 0.0) + each.time
    if not times:
        return Bound()
    most, _ = max(times.items(), key=lambda each: each[1])
    return Bound(sum(times.values()), most)


def _number(size: Size) -> int:
    if isinstance(size, int):
        return size
    name = min(symbols(size))
    raise Wrong(
        "device", f"a time needs numbers, and `{name}` is none: an input's shape sets it, `--input`"
    )
