"""How the layers of the catalogue run in PyTorch: a module for each family."""

MODULES = {
    "activation": "activation",
    "functions": "activation",
    "sigmoids": "activation",
    "affine": "arithmetic",
    "arithmetic": "arithmetic",
    "attention": "attention",
    "rotary": "attention",
    "detection": "detection",
    "multi_box_loss": "detection",
    "proposal": "detection",
    "accuracy": "losses",
    "distance_losses": "losses",
    "losses": "losses",
    "lrn": "lrn",
    "group_norm": "normalization",
    "normalization": "normalization",
    "rms_norm": "normalization",
    "unit_norm": "normalization",
    "fractional": "pooling",
    "pooling": "pooling",
    "spp": "pooling",
    "unpooling": "pooling",
    "recurrent": "recurrent",
    "constant": "regularization",
    "reduction": "regularization",
    "regularization": "regularization",
    "softmax": "regularization",
    "roi": "roi",
    "crop": "shape",
    "expand": "shape",
    "gather": "shape",
    "reshape": "shape",
    "resize": "shape",
    "roll": "shape",
    "shape": "shape",
    "slice": "shape",
    "space_to_depth": "shape",
    "convolution": "weights",
    "deconvolution": "weights",
    "embed": "weights",
    "inner_product": "weights",
    "locally_connected": "weights",
    "matmul": "weights",
    "parameter": "weights",
}
"""The module that has the rules for the layers of a module of `netspec.layers`."""

FUNCTIONS = frozenset(
    (
        *("AbsVal", "ArgMax", "Attention", "Clip", "Exp", "Expand", "GRU", "Gather", "LSTM", "Log"),
        *("MultiHeadAttention", "Permute", "Power", "RNN", "Reduction", "Reshape", "Roll"),
        *("SpaceToDepth", "Threshold", "Tile", "UnitNorm"),
    )
)
"""Layers of one bottom that are no links of an nn.Sequential: PyTorch has a function for them, or a
module that isn't called with the bottom alone.
"""
