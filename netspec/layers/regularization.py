"""Layers that act in the TRAIN phase and let values through in TEST."""

from typing import ClassVar

from pydantic import Field

from netspec.graph.sizes import Size
from netspec.layers.base import ElementwiseLayer, Types


class Dropout(ElementwiseLayer):
    """In the TRAIN phase, zero elements at random and scale the others so that the mean stays."""

    family: ClassVar[str] = "regularization"
    source: ClassVar[str] = "Srivastava et al. 2014; Caffe"
    flops_rule: ClassVar[str] = "none: in the TEST phase it does nothing"
    synonyms: ClassVar[tuple[str, ...]] = ("Dropout2d", "dropout")
    field_synonyms: ClassVar[dict[str, str]] = {
        "p": "dropout_ratio",
        "rate": "dropout_ratio",
        "ratio": "dropout_ratio",
    }

    dropout_ratio: float = Field(0.5, ge=0, lt=1, description="the share of elements zeroed")

    def flops(self, bottoms: Types, tops: Types) -> Size:
        return 0
