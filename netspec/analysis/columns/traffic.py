"""The bytes that layers hold and move, and the arithmetic for each."""

from netspec.analysis.columns import counts
from netspec.analysis.columns.column import Column, Unit, Value, summed
from netspec.analysis.columns.figures import Figures, Place
from netspec.analysis.traffic import Traffic, blob_bytes, intensity, traffic
from netspec.analysis.traffic import activation_bytes as bytes_of
from netspec.graph import Blob, Node, Size


def activation_bytes(figures: Figures, node: Node) -> Size:
    """Bytes of the tops."""
    if node.path in figures.written_over:
        return 0
    return bytes_of(node, figures.items, figures.asked.precision)


def _traffic(figures: Figures, node: Node) -> Traffic:
    return traffic(node, figures.items, figures.asked.precision)


def read_bytes(figures: Figures, node: Node) -> Size:
    """Bytes that it reads: bottoms, and weights once for all items."""
    return figures.of(_traffic, node).read


def written_bytes(figures: Figures, node: Node) -> Size:
    """Bytes that it writes."""
    return figures.of(_traffic, node).written


def input_bytes(figures: Figures, blob: Blob) -> Size:
    """Bytes of an input of the network."""
    batch = figures.graph.inputs[0].shape[0]
    return blob_bytes(blob, batch, figures.items, figures.asked.precision)


def _activation_bytes(figures: Figures, place: Place) -> Size:
    made = summed(activation_bytes)(figures, place)
    return made if place.input is None else made + input_bytes(figures, place.input)


def _intensity(figures: Figures, place: Place) -> Value:
    flops = figures.total(counts.flops, place.nodes)
    moved = figures.total(read_bytes, place.nodes) + figures.total(written_bytes, place.nodes)
    return intensity(flops, moved)


COLUMNS = (
    Column(
        name="activation_bytes",
        heading="top bytes",
        about="bytes of the tops",
        of=_activation_bytes,
        unit=Unit.BYTES,
    ),
    Column(
        name="read_bytes",
        heading="bytes read",
        about="bytes that it reads, weights once for all items",
        of=summed(read_bytes),
        unit=Unit.BYTES,
    ),
    Column(
        name="written_bytes",
        heading="bytes written",
        about="bytes that it writes",
        of=summed(written_bytes),
        unit=Unit.BYTES,
    ),
    Column(
        name="intensity",
        heading="FLOPs/B",
        about="arithmetic operations a byte read or written",
        of=_intensity,
        unit=Unit.RATIO,
    ),
)
