"""Which layers can take in the one behind them, for use alone: a BatchNorm behind a convolution."""

from collections.abc import Iterator

from netspec.graph import Graph, Node
from netspec.graph.scales import ChannelScale


def foldable(graph: Graph) -> Iterator[tuple[Node, Node]]:
    """Pairs of a layer that takes in a scale and a shift of each channel, and the layer that does
    just that in the TEST phase: it reads the other one's top, and nothing else does.
    """
    results = {blob.name for blob in graph.results}
    for norm in graph.nodes:
        if norm.layer.scale_in_test is None:
            continue
        blob = norm.bottoms[0]
        linear = graph.makers.get(blob.name)
        alone = len(graph.readers[blob.name]) == 1 and blob.name not in results
        if linear is not None and alone and len(linear.tops) == 1 and axis(linear) is not None:
            yield linear, norm


def axis(linear: Node) -> int | None:
    """The axis of a layer's weight that stands for the channels of its top, if it takes in a scale
    of these.
    """
    return linear.layer.takes_in_scale([blob.type for blob in linear.bottoms])


def scale(norm: Node) -> ChannelScale:
    """What a layer that `foldable` has found does to each channel."""
    found = norm.layer.scale_in_test
    assert found is not None
    return found
