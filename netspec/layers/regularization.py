"""Layers that act in the TRAIN phase and let values through in TEST."""

from typing import ClassVar

from pydantic import Field

from netspec.graph.types import TensorType
from netspec.graph.work import NOTHING, Work
from netspec.layers.answers import LayerError
from netspec.layers.base import ElementwiseLayer, Types


class Dropout(ElementwiseLayer):
    """In the TRAIN phase, zero elements at random and scale the others so that the mean stays."""

    family: ClassVar[str] = "regularization"
    source: ClassVar[str] = "Srivastava et al. 2014; Caffe"
    flops_rule: ClassVar[str] = "none: in the TEST phase it does nothing"
    example: ClassVar[str] = """
        inputs: {data: [N, 4096]}
        layers:
          - {name: drop6, type: Dropout, dropout_ratio: 0.5}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("dropout",)
    field_synonyms: ClassVar[dict[str, str]] = {
        "p": "dropout_ratio",
        "rate": "dropout_ratio",
        "ratio": "dropout_ratio",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "keep_prob": "write `dropout_ratio`: 1 less `keep_prob`"
    }

    is_identity_in_test: ClassVar[bool] = True

    dropout_ratio: float = Field(0.5, ge=0, lt=1, description="the share of elements zeroed")

    def work(self, bottoms: Types, tops: Types) -> Work:
        return NOTHING

    def brief(self, bottoms: Types) -> str:
        return f"dropout {self.dropout_ratio:g}"


class DropPath(ElementwiseLayer):
    """Stochastic depth: in the TRAIN phase, zero whole samples at random.

    Each sample of the batch (axis 0) becomes 0 with the probability p = `drop_ratio` and is divided
    by 1 − p otherwise, so that the mean stays. Behind the last layer of a residual branch it drops
    the branch. In the TEST phase, and in an ONNX file, it does nothing. (The paper scales by 1 − p
    in TEST instead of dividing in TRAIN.)
    """

    family: ClassVar[str] = "regularization"
    source: ClassVar[str] = "Huang et al. 2016, Deep Networks with Stochastic Depth; torchvision"
    flops_rule: ClassVar[str] = "none: in the TEST phase it does nothing"
    example: ClassVar[str] = """
        inputs: {data: [N, 64, 56, 56]}
        layers:
          - {name: conv, type: Convolution, num_output: 64, kernel_size: 3, pad: 1}
          - {name: drop, type: DropPath, drop_ratio: 0.2}
          - {name: sum, type: Eltwise, bottom: [drop, data]}
    """
    synonyms: ClassVar[tuple[str, ...]] = ("StochasticDepth", "stochastic_depth", "drop_path")
    field_synonyms: ClassVar[dict[str, str]] = {
        "p": "drop_ratio",
        "drop_prob": "drop_ratio",
        "drop_path_rate": "drop_ratio",
        "rate": "drop_ratio",
        "dropout_ratio": "drop_ratio",
    }
    field_notes: ClassVar[dict[str, str]] = {
        "keep_prob": "write `drop_ratio`: 1 less `keep_prob`",
        "survival_prob": "write `drop_ratio`: 1 less `survival_prob`",
    }

    is_identity_in_test: ClassVar[bool] = True

    drop_ratio: float = Field(ge=0, lt=1, description="the share of samples zeroed")

    def outputs(self, bottoms: Types) -> tuple[TensorType, ...]:
        if not bottoms[0].shape:
            raise LayerError(
                "shape-mismatch",
                "DropPath drops samples of a batch, but its bottom is a scalar",
                bottom=0,
            )
        return super().outputs(bottoms)

    def work(self, bottoms: Types, tops: Types) -> Work:
        return NOTHING
