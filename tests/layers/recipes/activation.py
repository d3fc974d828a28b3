"""The functions of each element, and the layers that act in training alone."""

from hypothesis import strategies as st

from tests.layers.recipes.recipe import Draw, Fields, Plan, Recipe, Sizes, Use, numbers, plain, some
from tests.layers.recipes.shapes import IMAGE, ITEMS, VECTOR


def _some(**fields: st.SearchStrategy[object]) -> Plan:
    return lambda draw, shape: Use(some(draw, **fields))


def power(draw: Draw, shape: Sizes) -> Use:
    return Use(
        some(
            draw,
            power=st.sampled_from([0.5, 1.0, 2.0, 1.5, 3.0]),
            scale=numbers(0.1, 2),
            shift=numbers(0, 1),
        )
    )


def exponential(draw: Draw, shape: Sizes) -> Use:
    return Use(some(draw, base=numbers(0.5, 2), scale=numbers(-0.5, 0.5), shift=numbers(-1, 1)))


def logarithm(draw: Draw, shape: Sizes) -> Use:
    base = st.sampled_from([2.0, 10.0, 0.5])
    return Use(some(draw, base=base, scale=numbers(0.1, 2), shift=numbers(0.5, 2)))


def clip(draw: Draw, shape: Sizes) -> Use:
    least = draw(numbers(-1, 1))
    fields: Fields = {"min": least, "max": least + draw(numbers(0, 2))}
    open_end = draw(st.sampled_from(["min", "max", ""]))
    return Use({name: end for name, end in fields.items() if name != open_end})


def _elementwise(plan: Plan = plain, **grid: list[object]) -> Recipe:
    return Recipe(plan, ITEMS, grid, IMAGE)


RECIPES = {
    "ReLU": _elementwise(_some(negative_slope=numbers(-1, 1)), negative_slope=[0.0, 0.1, -0.5]),
    "ReLU6": _elementwise(),
    "PReLU": _elementwise(_some(channel_shared=st.booleans()), channel_shared=[False, True]),
    "ELU": _elementwise(_some(alpha=numbers(0.1, 2)), alpha=[1.0, 0.3]),
    "SELU": _elementwise(),
    "Sigmoid": _elementwise(),
    "TanH": _elementwise(),
    "HardSigmoid": _elementwise(),
    "HardSwish": _elementwise(),
    "Swish": _elementwise(_some(beta=numbers(-2, 2)), beta=[1.0, 1.7, 0.0]),
    "Mish": _elementwise(),
    "GELU": _elementwise(
        _some(approximate=st.sampled_from(["NONE", "TANH"])), approximate=["NONE", "TANH"]
    ),
    "Softplus": _elementwise(),
    "BNLL": _elementwise(),
    "AbsVal": _elementwise(),
    "Power": Recipe(
        power,
        ITEMS,
        {"power": [1.0, 2.0, 0.5, -1.0], "scale": [1.0, 0.3], "shift": [0.0, 0.5]},
        IMAGE,
        positive=True,
    ),
    "Exp": _elementwise(exponential, base=[-1.0, 2.0], scale=[1.0, -0.3], shift=[0.0, 0.5]),
    "Log": Recipe(
        logarithm,
        ITEMS,
        {"base": [-1.0, 10.0], "scale": [1.0, 0.3], "shift": [0.0, 0.5]},
        IMAGE,
        positive=True,
    ),
    "Threshold": Recipe(
        _some(threshold=numbers(-1, 1)),
        ITEMS,
        {"threshold": [0.0, 0.5]},
        VECTOR,
        jumps="a step from 0 to 1",
        no_gradient="it is flat wherever it has one",
    ),
    "Clip": Recipe(
        clip,
        ITEMS,
        {"min": [-1.0, 0.5, None], "max": [1.0, 0.5, None]},
        IMAGE,
        {"min": -1, "max": 1},
    ),
    "Dropout": _elementwise(_some(dropout_ratio=numbers(0, 0.99)), dropout_ratio=[0.5, 0.0]),
    "DropPath": Recipe(
        lambda draw, shape: Use({"drop_ratio": draw(numbers(0, 0.9))}),
        ITEMS,
        {"drop_ratio": [0.0, 0.2]},
        IMAGE,
        {"drop_ratio": 0.5},
    ),
}
