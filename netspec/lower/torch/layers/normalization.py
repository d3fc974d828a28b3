"""Layers that bring activations to mean 0 and deviation 1, or to length 1."""

from netspec.graph import Node
from netspec.graph.fillers import ONES, ZEROS
from netspec.layers.normalization import MVN, BatchNorm, Normalize
from netspec.lower.torch.code import Literal, call
from netspec.lower.torch.registry import Lowered, lowers

FIXED = "FixedBatchNorm"


@lowers(BatchNorm)
def batch_norm(layer: BatchNorm, node: Node) -> Lowered:
    channels = node.bottoms[0].shape[1]
    assert isinstance(channels, int)
    filled = {"weight": ONES, "bias": ZEROS}
    settings = {
        "eps": Literal(layer.eps, "eps", 1e-5),
        "affine": Literal(layer.affine, "affine", True),
    }
    if layer.use_global_stats:
        fixed = call(FIXED, Literal(channels, "num_features"), **settings)
        return Lowered(fixed, filled=filled, helper=FIXED)
    places = max(1, node.bottoms[0].shape.rank - 2)
    # What running statistics take of a batch; 1 - 0.9 in binary is not quite 0.1.
    momentum = round(1 - layer.moving_average_fraction, 12)
    module = call(
        f"nn.BatchNorm{places}d",
        Literal(channels, "num_features"),
        eps=settings["eps"],
        momentum=Literal(momentum, "momentum", 0.1),
        affine=settings["affine"],
        track_running_stats=Literal(
            layer.use_global_stats is not False, "track_running_stats", True
        ),
    )
    return Lowered(module, filled=filled)


@lowers(MVN)
def mvn(layer: MVN, node: Node) -> Lowered:
    module = call(
        "MeanVarianceNorm",
        across_channels=Literal(layer.across_channels, "across_channels", False),
        normalize_variance=Literal(layer.normalize_variance, "normalize_variance", True),
        eps=Literal(layer.eps, "eps", 1e-9),
        rank=Literal(node.bottoms[0].shape.rank, "rank", 4),
    )
    return Lowered(module, helper="MeanVarianceNorm")


@lowers(Normalize)
def normalize(layer: Normalize, node: Node) -> Lowered:
    module = call(
        "L2Norm",
        Literal(layer.factors([node.bottoms[0].type]), "factors", 1),
        across_spatial=Literal(layer.across_spatial, "across_spatial", True),
        eps=Literal(layer.eps, "eps", 1e-10),
        rank=Literal(node.bottoms[0].shape.rank, "rank", 4),
    )
    return Lowered(module, filled={"weight": ONES}, helper="L2Norm")
