"""Multipliers of shared parameters. A real solver's numbers are in `tests/lower/training`."""

import pytest

from tests.importers.caffe.networks import complaint, entries

DATA = 'input: "data" input_shape { dim: 4 dim: 3 }\n'


def twice(first: str, second: str) -> str:
    """A network whose second layer shares the first one's parameters."""
    return DATA + "\n".join(
        f'layer {{ name: "{name}" type: "InnerProduct" bottom: "{bottom}" top: "{name}" {params}\n'
        "  inner_product_param { num_output: 3 } }"
        for name, bottom, params in (("a", "data", first), ("c", "a", second))
    )


def test_a_multiplier_of_any_use_stands_at_the_first() -> None:
    """As in Caffe, where the uses have one rate and one decay, whichever says them."""
    text = twice(
        'param { name: "w" lr_mult: 0.5 } param { name: "b" }',
        'param { name: "w" } param { name: "b" lr_mult: 2 decay_mult: 0 }',
    )
    assert entries(text) == [
        "name: a, type: InnerProduct, num_output: 3,"
        " param: [{name: w, lr_mult: 0.5}, {name: b, lr_mult: 2, decay_mult: 0}]",
        "name: c, type: InnerProduct, num_output: 3, param: [{name: w}, {name: b}]",
    ]


def test_a_multiplier_that_all_uses_say() -> None:
    text = twice('param { name: "w" lr_mult: 2 }', 'param { name: "w" lr_mult: 2 decay_mult: 1 }')
    assert [each.partition("param: ")[2] for each in entries(text)] == [
        "[{name: w, lr_mult: 2}]"
    ] * 2


@pytest.mark.parametrize(("first", "said"), [("lr_mult: 2", 2), ("lr_mult: 1", 1)])
def test_multipliers_that_differ(first: str, said: int) -> None:
    """A 1 that is written counts, one that is implied doesn't."""
    text = twice(f'param {{ name: "w" {first} }}', 'param { name: "w" lr_mult: 0 }')
    assert complaint(text).startswith(
        f"error[not-importable]: `lr_mult` of `w` is 0 here and {said} where it is said first, "
        "which Caffe refuses\n --> net.prototxt:4:"
    )
