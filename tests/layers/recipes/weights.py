"""Convolution, Deconvolution, InnerProduct, Embed, Parameter, Constant."""

from hypothesis import strategies as st

from tests.layers.recipes.recipe import (
    Draw,
    Fields,
    Recipe,
    Sizes,
    Use,
    along,
    at,
    axes,
    divisors,
    extents,
    numbers,
    some,
)
from tests.layers.recipes.shapes import (
    IMAGE,
    ITEMS,
    KNOWN_IMAGES,
    KNOWN_ITEMS,
    SPATIAL,
    VECTOR,
    VECTORS,
)

FILLERS = st.sampled_from(
    [
        {"type": "constant", "value": 0.5},
        {"type": "gaussian", "std": 0.1},
        {"type": "uniform", "min": -0.1, "max": 0.2},
        {"type": "xavier"},
        {"type": "xavier", "variance_norm": "FAN_OUT"},
        {"type": "msra", "variance_norm": "AVERAGE"},
        {"type": "positive_unitball"},
    ]
)


ROWS = 5
"""Of the tables; integers below are looked up there."""


def _filters(draw: Draw, shape: Sizes) -> Fields:
    group = draw(divisors(at(shape[1])))
    fields: Fields = {"num_output": group * draw(st.integers(1, 3)), "kernel_size": 1}
    if group > 1:
        fields["group"] = group
    fields |= some(
        draw,
        kernel_size=extents(1, min(3, *map(at, shape[2:])), len(shape) - 2),
        stride=extents(1, 3, len(shape) - 2),
        pad=extents(0, 2, len(shape) - 2),
        bias_term=st.booleans(),
        weight_filler=FILLERS,
        bias_filler=FILLERS,
    )
    return fields


def convolution(draw: Draw, shape: Sizes) -> Use:
    fields = _filters(draw, shape)
    spatial = len(shape) - 2
    kernel, pad = along(fields["kernel_size"], spatial), along(fields.get("pad", 0), spatial)
    if all(
        k <= 1 + (at(size) + 2 * p - 1) // 2
        for k, p, size in zip(kernel, pad, shape[2:], strict=True)
    ):
        fields |= some(draw, dilation=st.just(2))
    return Use(fields)


def deconvolution(draw: Draw, shape: Sizes) -> Use:
    spatial = len(shape) - 2
    fields = _filters(draw, shape) | some(draw, dilation=extents(1, 2, spatial))
    stride = along(fields.get("stride", 1), spatial)
    if draw(st.booleans()):
        fields["output_pad"] = [draw(st.integers(0, step - 1)) for step in stride]
    smallest = min(at(size) for size in shape[2:])
    if min(stride) * (smallest - 1) < 2 * max(along(fields.get("pad", 0), spatial)):
        del fields["pad"]  # it would cut everything off
    return Use(fields)


def inner_product(draw: Draw, shape: Sizes) -> Use:
    fields: Fields = {"num_output": draw(st.integers(1, 8))}
    fields |= some(draw, bias_term=st.booleans(), transpose=st.booleans(), weight_filler=FILLERS)
    if draw(st.booleans()):
        fields["axis"] = axes(draw, shape, 1)
    return Use(fields)


def embed(draw: Draw, shape: Sizes) -> Use:
    fields: Fields = {
        "input_dim": draw(st.integers(ROWS, 9)),
        "num_output": draw(st.integers(1, 8)),
    }
    return Use(fields | some(draw, bias_term=st.booleans(), weight_filler=FILLERS))


def drop_connect(draw: Draw, shape: Sizes) -> Use:
    return Use(inner_product(draw, shape).fields | some(draw, drop_ratio=st.just(0.25)))


def locally_connected(draw: Draw, shape: Sizes) -> Use:
    fields: Fields = {"num_output": draw(st.integers(1, 4)), "kernel_size": draw(extents(1, 3, 2))}
    return Use(
        fields | some(draw, stride=extents(1, 3, 2), pad=extents(0, 2, 2), bias_term=st.booleans())
    )


def parameter(draw: Draw, shape: Sizes) -> Use:
    sizes = draw(st.lists(st.integers(1, 5), max_size=4))
    return Use({"shape": sizes, "filler": {"type": "gaussian"}})


def constant(draw: Draw, shape: Sizes) -> Use:
    """One number for all elements, or a number for each."""
    sizes = draw(st.lists(st.integers(1, 5), max_size=4))
    number = numbers(-4, 4)
    if draw(st.booleans()):
        return Use({"shape": sizes, "value": draw(number)} | some(draw, persistent=st.booleans()))
    whole = draw(st.lists(st.integers(-9, 9), min_size=1, max_size=5))
    dtype = draw(st.sampled_from(["float32", "int64"]))
    rows = [whole, whole[::-1]]
    return Use({"value": rows, "dtype": dtype} | some(draw, persistent=st.booleans()))


RECIPES = {
    "Convolution": Recipe(
        convolution,
        SPATIAL,
        {
            "kernel_size": [1, 3, [3, 2]],
            "stride": [1, 2, [1, 2]],
            "pad": [0, 1, [2, 0]],
            "dilation": [1, [2, 1]],
            "group": [1, 2, 4],
            "bias_term": [True, False],
        },
        IMAGE,
        {"num_output": 8, "kernel_size": 3},
    ),
    "Deconvolution": Recipe(
        deconvolution,
        SPATIAL,
        {
            "kernel_size": [1, 3, [3, 2]],
            "stride": [2, 1, [1, 3]],
            "pad": [0, 1, [2, 0]],
            "output_pad": [0, [1, 0]],
            "group": [1, 2, 4],
            "bias_term": [True, False],
        },
        IMAGE,
        {"num_output": 8, "kernel_size": 4, "stride": [2, 3]},
    ),
    "InnerProduct": Recipe(
        inner_product,
        KNOWN_ITEMS,
        {"axis": [1, 2, -1], "bias_term": [True, False], "transpose": [False, True]},
        IMAGE,
        {"num_output": 5},
    ),
    "Embed": Recipe(
        embed,
        ITEMS,
        {"bias_term": [True, False], "num_output": [4, 1]},
        IMAGE[:3],
        {"input_dim": ROWS, "num_output": 4},
        looks_up=ROWS,
    ),
    "DropConnect": Recipe(
        drop_connect,
        KNOWN_ITEMS,
        {
            "drop_ratio": [0.5, 0.0],
            "axis": [1, 2, -1],
            "bias_term": [True, False],
            "transpose": [False, True],
        },
        IMAGE,
        {"num_output": 5},
    ),
    "LocallyConnected": Recipe(
        locally_connected,
        KNOWN_IMAGES,
        {
            "kernel_size": [1, 3, [3, 2]],
            "stride": [1, 2, [1, 2]],
            "pad": [0, 1, [2, 0]],
            "bias_term": [True, False],
        },
        IMAGE,
        {"num_output": 3, "kernel_size": 3},
    ),
    "Parameter": Recipe(
        parameter,
        VECTORS,
        {"shape": [[], [3], [2, 1, 4]]},
        VECTOR,
        {"shape": [2]},
        source=True,
    ),
    "Constant": Recipe(
        constant,
        VECTORS,
        {
            "value": [[[0.5, 2.0], [1.0, -1.5]], 3, [1, 2]],
            "dtype": ["float32"],
            "persistent": [True, False],
        },
        VECTOR,
        {"value": [[0.5, 2.0], [1.0, -1.5]]},
        source=True,
        no_gradient="it isn't trained",
    ),
}
