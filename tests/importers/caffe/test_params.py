"""Multipliers of shared parameters. A real solver's numbers are in `tests/lower/training`."""

import pytest

from tests.importers.caffe.networks import complaint, entries, network, warnings

DATA = 'input: "data" input_shape { dim: 4 dim: 3 }\n'


def twice(first: str, second: str) -> str:
    """A network whose second layer shares the first one's parameters."""
    return DATA + "\n".join(
        f'layer {{ name: "{name}" type: "InnerProduct" bottom: "{bottom}" top: "{name}" {params}\n'
        "  inner_product_param { num_output: 3 } }"
        for name, bottom, params in (("a", "data", first), ("c", "a", second))
    )


KINDS = ("xavier", "gaussian")


def filled(text: str, first: str, second: str) -> str:
    """The network with settings in its layers."""
    one, other = text.split("inner_product_param {")[:2], text.split("inner_product_param {")[2]
    return first.join(one) + second + other


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


@pytest.mark.parametrize("name", ["$a", "w$", "$(1 + 1)", "$$", "a$b"])
def test_a_name_that_holds_a_dollar(name: str) -> None:
    """It begins no expression."""
    text = twice(f'param {{ name: "{name}" }}', f'param {{ name: "{name}" }}')
    owners = [each.owner for each in network(text).parameters if each.name.endswith("weight")]
    assert owners == ["a.weight"] * 2
    written = name.replace("$", "$$")
    assert [each.partition("param: ")[2] for each in entries(text)] == [
        f"[{{name: {written}}}]"
    ] * 2


def test_a_message_has_a_dollar_as_the_file_has_it() -> None:
    text = twice('param { name: "$a" lr_mult: 2 }', 'param { name: "$a" lr_mult: 3 }')
    assert "`lr_mult` of `$a` is 3 here and 2 where it is said first" in complaint(text)


def test_a_filler_that_the_first_use_has_too() -> None:
    """A shared parameter is drawn by its first filler alone."""
    xavier = "inner_product_param { weight_filler { type: 'xavier' } bias_filler { value: 1 } "
    text = twice('param { name: "w" } param { name: "b" }', 'param { name: "w" } param {}')
    said = [each.partition("num_output: 3, ")[2] for each in entries(filled(text, xavier, xavier))]
    assert said == [
        "weight_filler: {type: xavier}, bias_filler: {type: constant, value: 1},"
        " param: [{name: w}, {name: b}]",
        "bias_filler: {type: constant, value: 1}, param: [{name: w}]",
    ]


def test_a_filler_that_differs_from_that_of_the_first_use() -> None:
    one, other = (f"inner_product_param {{ weight_filler {{ type: '{n}' }} " for n in KINDS)
    text = filled(twice('param { name: "w" }', 'param { name: "w" }'), one, other)
    assert "`c.weight` is shared: it is filled as `a.weight` is" in warnings(text)
    assert "weight_filler: {type: gaussian}" in entries(text)[1]
