"""Eltwise, MatMul, Reduction, ArgMax."""

from hypothesis import strategies as st

from tests.layers.recipes.recipe import (
    Draw,
    Fields,
    Input,
    Recipe,
    Sizes,
    Use,
    at,
    axes,
    numbers,
    some,
)
from tests.layers.recipes.shapes import IMAGE, ITEMS, VECTOR


def eltwise(draw: Draw, shape: Sizes) -> Use:
    more = draw(st.integers(1, 3))
    fields = some(draw, operation=st.sampled_from(["SUM", "SUB", "PROD", "DIV", "MAX", "MIN"]))
    if fields.get("operation") == "DIV":
        return Use(fields, (Input(shape, "positive"),) * more)
    if fields.get("operation", "SUM") == "SUM" and draw(st.booleans()):
        count = more + 1
        fields["coeff"] = draw(st.lists(numbers(-2, 2), min_size=count, max_size=count))
    return Use(fields, (Input(shape),) * more)


def matmul(draw: Draw, shape: Sizes) -> Use:
    """The second bottom has the first one's batch, with sizes of 1 or without its first axes."""
    batch = [size if draw(st.booleans()) else 1 for size in shape[:-2]]
    batch = batch[draw(st.integers(0, len(batch))) :]
    fields: Fields = some(draw, transpose=st.booleans(), scale=numbers(-2, 2))
    inner, columns = shape[-1], draw(st.integers(1, 5))
    matrix = (columns, inner) if fields.get("transpose") else (inner, columns)
    return Use(fields, (Input((*batch, *matrix)),))


def reduction(draw: Draw, shape: Sizes) -> Use:
    operation = st.sampled_from(["SUM", "ASUM", "SUMSQ", "MEAN"])
    fields = some(draw, operation=operation, coeff=numbers(-2, 2))
    if draw(st.booleans()):
        fields["axis"] = axes(draw, shape)
    return Use(fields)


def argmax(draw: Draw, shape: Sizes) -> Use:
    fields: Fields = some(draw, out_max_val=st.just(True))
    row = 1
    for size in shape[1:]:
        row *= at(size)
    if draw(st.booleans()):
        fields["axis"] = axes(draw, shape)
        row = at(shape[fields["axis"]])
    if "out_max_val" not in fields or "axis" not in fields:
        fields |= some(draw, select_last_index=st.just(True))
    return Use(fields | some(draw, top_k=st.integers(1, min(row, 4))))


RECIPES = {
    "Eltwise": Recipe(
        eltwise,
        ITEMS,
        {
            "operation": ["SUM", "SUB", "PROD", "DIV", "MAX", "MIN"],
            "coeff": [[], [1, -1], [0.5, 2]],
        },
        IMAGE,
        further=(Input(IMAGE),),
    ),
    "MatMul": Recipe(
        matmul,
        ITEMS,
        {"transpose": [False, True], "scale": [1.0, 0.5]},
        (*IMAGE[:2], 5, 5),
        further=(Input((*IMAGE[:2], 5, 5)),),
    ),
    "Reduction": Recipe(
        reduction,
        ITEMS,
        {"operation": ["SUM", "ASUM", "SUMSQ", "MEAN"], "axis": [0, 1, -1], "coeff": [1.0, 0.5]},
        IMAGE,
    ),
    "ArgMax": Recipe(
        argmax,
        ITEMS,
        {
            "out_max_val": [False, True],
            "top_k": [1, 3],
            "axis": [None, 1, -1],
            "select_last_index": [False, True],
        },
        VECTOR,
        jumps="which of two nearly equal elements is the greater",
        no_gradient="it gives integers",
    ),
}
