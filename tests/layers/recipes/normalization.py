"""LRN, LCN, Scale, Bias, MVN, Normalize, UnitNorm and the norms of batches, groups, layers."""

from hypothesis import strategies as st

from netspec.graph.sizes import SymbolicSize
from tests.layers.recipes.recipe import (
    Draw,
    Fields,
    Input,
    Recipe,
    Sizes,
    Use,
    at,
    axes,
    divisors,
    numbers,
    some,
)
from tests.layers.recipes.shapes import (
    IMAGE,
    IMAGES,
    ITEMS,
    KNOWN_ITEMS,
    NORMALIZED,
    SPATIAL,
    VECTOR,
)

ODD = st.sampled_from([1, 3, 5])


def lrn(draw: Draw, shape: Sizes) -> Use:
    fields = some(
        draw,
        local_size=ODD,
        alpha=numbers(0.01, 2),
        beta=numbers(0.25, 1),
        norm_region=st.sampled_from(["ACROSS_CHANNELS", "WITHIN_CHANNEL"]),
    )
    if fields.get("norm_region") != "WITHIN_CHANNEL":
        fields |= some(draw, k=numbers(1, 2))
    return Use(fields)


def lcn(draw: Draw, shape: Sizes) -> Use:
    return Use(some(draw, local_size=ODD, std=numbers(0.5, 2), eps=st.just(0.01)))


def batch_norm(draw: Draw, shape: Sizes) -> Use:
    return Use(
        some(
            draw,
            eps=st.sampled_from([1e-3, 1e-5]),
            affine=st.booleans(),
            moving_average_fraction=numbers(0.5, 0.99),
            use_global_stats=st.just(True),
        )
    )


def stretched(draw: Draw, shape: Sizes) -> Use:
    """A learned blob, or a second bottom whose axes are equal or 1."""
    if draw(st.booleans()):
        return _learned(draw, shape)
    first = draw(st.integers(0, len(shape) - 1))
    last = draw(st.integers(first + 1, len(shape)))
    sizes = [size if draw(st.booleans()) else 1 for size in shape[first:last]]
    fields: Fields = {}
    if len(sizes) < len(shape) and first != 1:
        fields["axis"] = first
    return Use(fields, (Input(tuple(sizes)),))


def _learned(draw: Draw, shape: Sizes) -> Use:
    axis = draw(st.integers(1, len(shape) - 1))
    known = [isinstance(size, int) for size in shape[axis:]]
    count = draw(st.integers(0, [*known, False].index(False)))
    fields: Fields = {"axis": axis} if axis != 1 else {}
    if count == len(shape) - axis and draw(st.booleans()):
        fields["num_axes"] = -1
    elif count != 1:
        fields["num_axes"] = count
    return Use(fields | some(draw, filler=st.just({"type": "gaussian"})))


def scale(draw: Draw, shape: Sizes) -> Use:
    use = stretched(draw, shape)
    known = all(isinstance(size, int) for each in use.further for size in each.shape)
    more = some(draw, bias_term=st.just(True)) if known else {}
    return Use(use.fields | more, use.further)


def mvn(draw: Draw, shape: Sizes) -> Use:
    return Use(
        some(
            draw,
            normalize_variance=st.booleans(),
            across_channels=st.booleans(),
            eps=st.sampled_from([1e-9, 1e-3]),
        )
    )


def group_norm(draw: Draw, shape: Sizes) -> Use:
    alone = len(shape) == 2  # a group of one element would be refused
    groups = divisors(at(shape[1])).filter(lambda group: not alone or group < at(shape[1]))
    fields: Fields = {"group": draw(groups)}
    return Use(fields | some(draw, eps=st.just(1e-3), affine=st.booleans()))


def instance_norm(draw: Draw, shape: Sizes) -> Use:
    return Use(some(draw, eps=st.just(1e-3), affine=st.booleans()))


def layer_norm(draw: Draw, shape: Sizes) -> Use:
    known = [axis for axis, size in enumerate(shape) if not isinstance(size, SymbolicSize)]
    fields = some(draw, eps=st.just(1e-3), affine=st.booleans())
    if draw(st.booleans()):
        fields["axis"] = draw(st.lists(st.sampled_from(known), min_size=1, unique=True))
    return Use(fields)


def normalize(draw: Draw, shape: Sizes) -> Use:
    return Use(some(draw, across_spatial=st.booleans(), channel_shared=st.booleans()))


def bias(draw: Draw, shape: Sizes) -> Use:
    return stretched(draw, shape)


def softmax(draw: Draw, shape: Sizes) -> Use:
    return Use({"axis": axes(draw, shape)} if draw(st.booleans()) else {})


RECIPES = {
    "LRN": Recipe(
        lrn,
        SPATIAL,
        {"norm_region": ["ACROSS_CHANNELS", "WITHIN_CHANNEL"], "local_size": [1, 3, 5]},
        IMAGE,
    ),
    "LCN": Recipe(
        lcn,
        IMAGES,
        {"local_size": [1, 3, 9], "std": [1.0, 2.0]},
        IMAGE,
        counted="its window is a convolution in PyTorch; `macs` counts learned filters alone",
    ),
    "BatchNorm": Recipe(
        batch_norm,
        NORMALIZED,
        {"eps": [1e-5, 1e-3], "affine": [True, False], "use_global_stats": [None, True]},
        IMAGE,
    ),
    "Scale": Recipe(
        scale,
        ITEMS,
        {"axis": [1, 2, -1], "num_axes": [1, 0], "bias_term": [False, True]},
        IMAGE,
    ),
    "Bias": Recipe(bias, ITEMS, {"axis": [1, 2, -1], "num_axes": [1, 0]}, IMAGE),
    "MVN": Recipe(
        mvn,
        SPATIAL,
        {"normalize_variance": [True, False], "across_channels": [False, True], "eps": [1e-9, 0.1]},
        IMAGE,
    ),
    "GroupNorm": Recipe(
        group_norm, ITEMS, {"group": [1, 2, 4], "affine": [True, False]}, IMAGE, {"group": 2}
    ),
    "LayerNorm": Recipe(
        layer_norm,
        KNOWN_ITEMS,
        {"axis": [1, -1, [1, 2, 3], [3, 1]], "affine": [True, False]},
        IMAGE,
    ),
    "RMSNorm": Recipe(
        layer_norm,
        KNOWN_ITEMS,
        {"axis": [-1, 1, [1, 2, 3], [3, 1]], "affine": [True, False]},
        IMAGE,
    ),
    "InstanceNorm": Recipe(instance_norm, SPATIAL, {"affine": [False, True]}, IMAGE),
    "Normalize": Recipe(
        normalize,
        ITEMS,
        {"across_spatial": [True, False], "channel_shared": [True, False]},
        IMAGE,
    ),
    "UnitNorm": Recipe(softmax, ITEMS, {"axis": [1, 0, -1], "eps": [1e-12, 2.0]}, IMAGE),
    "Softmax": Recipe(softmax, ITEMS, {"axis": [1, 0, -1]}, IMAGE),
    "LogSoftmax": Recipe(softmax, ITEMS, {"axis": [1, 0, -1]}, VECTOR),
}
