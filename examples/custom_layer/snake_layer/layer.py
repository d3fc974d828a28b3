"""What Snake is: its fields, its weights and its cost. Knows no back end."""

from typing import ClassVar

from pydantic import Field

from netspec.graph.fillers import ONES, Filler
from netspec.graph.work import Kind, Work
from netspec.layers.answers import LayerError, Weight
from netspec.layers.base import ElementwiseLayer, Types
from netspec.layers.bottoms import require_known


class Snake(ElementwiseLayer):
    """A line with a ripple: x + sin²(alpha·x) / alpha.

    Each channel learns its own alpha, so that the network can take up whatever period its data
    has.
    """

    family: ClassVar[str] = "activation"
    source: ClassVar[str] = (
        "Ziyin et al. 2020, Neural Networks Fail to Learn Periodic Functions and How to Fix It"
    )
    weights_rule: ClassVar[str] = "alpha: C"
    flops_rule: ClassVar[str] = (
        "5 for each element: two products, a sine, a division and an addition"
    )

    filler: Filler = Field(ONES, description="how fresh alphas are drawn")

    def channels(self, bottoms: Types) -> int:
        """How many alphas there are."""
        shape = bottoms[0].shape
        if shape.rank < 2:
            raise LayerError(
                "shape-mismatch", f"Snake needs a bottom N×C×…, but reads {shape}", bottom=0
            )
        return require_known(self, "the number of channels", shape[1])

    def weights(self, bottoms: Types) -> tuple[Weight, ...]:
        return (Weight("alpha", (self.channels(bottoms),), self.filler),)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return Work({Kind.ACTIVATION: 5 * tops[0].shape.elements})
