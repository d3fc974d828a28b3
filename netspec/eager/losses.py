"""Losses."""

from netspec.eager.casting import in_float32
from netspec.eager.pointwise import clamp
from netspec.eager.reductions import along, norm, sum_of
from netspec.eager.tensor import Tensor, made
from netspec.graph.sizes import Size


@in_float32
def cross_entropy(scores: Tensor, labels: Tensor, whole: bool = True) -> Tensor:
    """A softmax's logarithms, the labels and the sum of weights are kept. `whole`: one number, not
    one for each label.
    """
    logarithms = along(scores)
    weights = scores.tape.new((), logarithms.dtype)
    shape: tuple[Size, ...] = () if whole else labels.shape
    return made([logarithms], shape, [logarithms, labels, weights])


@in_float32
def triplet_margin(anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    """triplet_margin_loss: by the lengths of differences."""
    near, far = (norm(anchor + each + 1e-6, [1]) for each in (positive, negative))
    return sum_of(clamp(near + far))


@in_float32
def compared(x: Tensor, y: Tensor, weight: Tensor | None = None, whole: bool = True) -> Tensor:
    """mse_loss, smooth_l1_loss or binary_cross_entropy_with_logits, which keep what they read."""
    kept = [x, y, *([weight] if weight is not None else [])]
    return made([x, y], () if whole else x.shape, kept)
