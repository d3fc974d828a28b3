"""Vars, variants, overrides and symbolic sizes."""

from typing import Any

import pytest

from netspec import SpecError, loads
from tests.checking import HEAD, IMAGE, check, found, good

NET = (
    HEAD
    + """inputs: {data: [N, 3, $size, $size]}
vars: {size: 32, width: 4, double: $(2 * width)}
variants: {wide: {width: 8}}
layers: [{name: c, type: Convolution, num_output: $double, kernel_size: 1}]
"""
)


def width(**options: Any) -> object:
    return loads(NET, **options).nodes[0].top[0][1]


def test_defaults_are_evaluated_after_overrides() -> None:
    assert width() == 8
    assert width(variant="wide") == 16
    assert width(variant="wide", width=1) == 2
    assert width(double=5) == 5


def test_shapes_of_inputs_use_vars_and_can_be_overridden() -> None:
    assert str(loads(NET, size=8).nodes[0].top[0]) == "N×8×8×8"
    assert str(loads(NET, inputs={"data": [1, 3, "H", "W"]}).nodes[0].top[0]) == "1×8×H×W"


def error(**options: Any) -> str:
    with pytest.raises(SpecError) as caught:
        loads(NET, **options)
    (diagnostic,) = caught.value.diagnostics
    return f"{diagnostic.code}: {diagnostic.message} ({diagnostic.help})"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"widht": 4}, "unknown-var: <string> has no var `widht` to set (did you mean `width`?)"),
        ({"x": 4}, "unknown-var: <string> has no var `x` to set (its vars are `size`, `width` and"),
        ({"inputs": {"dat": [1]}}, "unknown-var: <string> has no input `dat` (did you mean `data`"),
        ({"variant": "wid"}, "unknown-variant: <string> has no variant `wid` (did you mean `wide`"),
        ({"width": None}, "wrong-type: `width` can't be set to None"),
        ({"width": object}, "wrong-type: `width` can't be set to <class 'object'>"),
        ({"width": 2**70}, "wrong-type: `width` can't be set to 1180591620717411303424"),
        ({"inputs": {"data": [0, 3]}}, "bad-value: a size is a positive integer, an upper-case"),
        ({"inputs": {"data": "x"}}, "wrong-type: the shape of `data` should be a list"),
        ({"inputs": {"data": [1] * 9}}, "wrong-type: the shape of `data` should be a list of 1 to"),
        ({"outputs": ["d"]}, "unknown-name: no output `d`: no layer is called `d` (None)"),
    ],
)
def test_overriding_what_does_not_exist_or_cannot_be(
    options: dict[str, Any], expected: str
) -> None:
    assert error(**options).startswith(expected)


def test_a_variant_overrides_vars_alone() -> None:
    check(
        IMAGE
        + """vars: {width: 4}
variants: {wide: {«widht: 8, «yaer: 2014}, «1x: {}}
layers: [{name: c, type: Convolution, num_output: $width, kernel_size: 1}]
""",
        ("unknown-var", "no var is called `widht`", "did you mean `width`?"),
        ("unknown-var", "no var is called `yaer`", "did you mean `year`?"),
        ("bad-name", "a variant's name is an identifier"),
    )


def test_a_variant_says_what_it_is() -> None:
    """And where it doesn't, the spec does."""
    text = (
        HEAD
        + """doc: A net.
source: A paper
task: classification
year: 2012
inputs: {x: [N, 3]}
vars: {width: 4}
variants:
  wide: {doc: "It costs $5.", year: 2014, width: 8}
  same: {}
layers: [{type: InnerProduct, num_output: $width}]
"""
    )
    wide, same, spec = loads(text, variant="wide"), loads(text, variant="same"), loads(text)
    assert (wide.doc, wide.source, wide.task, wide.year) == (
        *("It costs $5.", "A paper", "classification"),
        2014,
    )
    for each in (same, spec):
        assert (each.doc, each.year) == ("A net.", 2012)


@pytest.mark.parametrize(
    ("said", "code", "message"),
    [
        ('{year: «"2014"}', "wrong-type", "`year` should be an integer, not '2014'"),
        ("{year: «0}", "bad-value", "`year` should be at least 1"),
        ("{year: «$width}", "wrong-type", "`year` should be an integer"),
        ("{task: «[x]}", "wrong-type", "`task` should be text"),
    ],
)
def test_what_a_variant_says_is_of_its_type(said: str, code: str, message: str) -> None:
    text = f"vars: {{width: 4}}\nvariants: {{a: {said}}}\n"
    check(IMAGE + text + "layers: [{type: InnerProduct, num_output: $width}]\n", (code, message))


def test_no_var_is_called_as_what_a_variant_says() -> None:
    check(
        IMAGE + "vars: {«year: 4}\nlayers: [{type: InnerProduct, num_output: $year}]\n",
        ("name-conflict", "in a variant `year` says what the network is; a var needs another name"),
    )


def test_a_file_is_checked_in_its_own_vars_and_in_each_variant() -> None:
    text = """vars: {group: 1}
variants: {a: {group: 3}, b: {group: 5}}
layers: [{name: c, type: Convolution, num_output: 6, kernel_size: 1, group: $group}]
"""
    (mistake,) = found(IMAGE + text)
    assert mistake.code == "group-mismatch"
    assert mistake.notes == ("in variant b",)


def test_what_no_variant_reads_is_unused() -> None:
    text = """vars: {last: a}
variants: {b: {last: b}}
layers:
  - {name: a, type: ReLU}
  - {name: b, type: ReLU, bottom: data}
  - {name: «c, type: ReLU, bottom: data}
outputs: $last
"""
    check(IMAGE + text, ("unused-layer", "nothing reads what `c` gives"))


def test_a_var_sees_those_above_it() -> None:
    check(
        IMAGE
        + """vars: {a: $«b, b: 1, c: $«d, e: $a}
layers: [{type: Convolution, num_output: $a, kernel_size: $(b + c + e)}]
""",
        ("unknown-name", "`b` stands further down"),
        ("unknown-name", "no var is called `d`"),
    )


def test_symbolic_sizes_are_passed_on_and_compared_with_themselves() -> None:
    net = good(
        HEAD
        + """inputs: {data: [N, 3, H, W], other: [N, 3, H, W]}
blocks:
  b: {args: {h: required}, layers: [{type: ReLU, when: $(h == input.height)}]}
layers:
  - {name: p, type: Pooling, kernel_size: 3, stride: 2, pad: 1, repeat: 3}
  - {name: s, type: Eltwise, bottom: [data, other], when: $(data.height == other.height)}
  - {name: b, type: b, bottom: data, h: $(data.height)}
outputs: [p, s, b]
"""
    )
    assert str(net.nodes[2].top[0]) == "N×3×ceil(H/8)×ceil(W/8)"


@pytest.mark.parametrize(
    "expression", ["input.height / 2", "input.height > 3", "input.height == 3", "max(input.shape)"]
)
def test_symbolic_sizes_are_not_computed_with(expression: str) -> None:
    check(
        HEAD
        + f"""inputs: {{data: [N, 3, H, W]}}
layers: [{{type: ReLU, when: "$(«{expression})"}}]
""",
        (
            "symbolic-size",
            "is symbolic; it may be passed on, compared with itself, and computed with by `+`, "
            "`-`, `*` and `//` with integers",
        ),
    )


@pytest.mark.parametrize(
    ("shape", "names"),
    [
        ("[4]", {}),
        ("[4, 5]", {"channels": 5}),
        ("[4, 5, 6]", {"channels": 5, "length": 6}),
        ("[4, 5, 6, 7]", {"channels": 5, "height": 6, "width": 7}),
        ("[4, 5, 6, 7, 8]", {"channels": 5, "depth": 6, "height": 7, "width": 8}),
        ("[4, 5, 6, 7, 8, 9]", {"channels": 5}),
    ],
)
def test_the_names_of_axes_go_by_how_many_there_are(shape: str, names: dict[str, int]) -> None:
    net = HEAD + f"inputs: {{data: {shape}}}\nlayers: [{{type: Tile, axis: 0, tiles: SIZE}}]\n"
    for name in ("channels", "length", "depth", "height", "width"):
        text = net.replace("SIZE", f"$(«data.{name})")
        if name in names:
            assert good(text.replace("«", "")).nodes[0].top[0][0] == 4 * names[name]
            continue
        count = len(shape.split(","))
        said = ", ".join(f"`{each}`" for each in (*names, "shape"))
        check(
            text,
            (
                "expression-value",
                f"`data` has no {name}: its shape is {shape[1:-1].replace(', ', '×')}",
                f"a blob of {count} {'axis' if count == 1 else 'axes'} has {said}",
            ),
        )


def test_what_a_blob_has_beside_its_axes() -> None:
    check(
        HEAD
        + """inputs: {data: [N, 8, 4], more: [N, 6]}
layers:
  - {name: a, type: Softmax, bottom: data, axis: $(«data.lenght)}
  - {name: cut, type: Slice, bottom: more, top: [x, y]}
  - {name: b, type: Softmax, bottom: x, axis: $(«cut.size)}
  - {name: c, type: Softmax, bottom: y}
outputs: [a, b, c]
""",
        ("unknown-name", "`data` has no `lenght`", "has `channels`, `length`, `shape`"),
        (
            "unknown-name",
            "`cut` has no `size`",
            "a blob has `channels`, `length`, `depth`, `height`, `width`, `shape`",
        ),
    )


def test_a_field_needs_a_known_size() -> None:
    check(
        HEAD
        + """inputs: {data: [N, 3, H, W]}
layers:
  - {type: Convolution, num_output: «$(input.height), kernel_size: 1}
  - {type: Flatten, bottom: data}
  - {name: fc, type: «InnerProduct, num_output: 3}
""",
        ("symbolic-size", "`num_output` needs a number, but the size H is symbolic"),
        ("unknown-size", "InnerProduct needs to know the number of inputs, which is 3*H*W here"),
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("$(m + 1)", "a mapping can't be computed with"),
        ("$(-m)", "a mapping can't be computed with"),
        ("$(max(m))", "a mapping can't be computed with"),
        ("$(len(m))", "a mapping can't be computed with"),
        ("$(m[0])", "a mapping can't be indexed"),
        ("$(1 if m == 1 else 2)", "a mapping can't be compared"),
        ("$(1 if m in [m] else 2)", "a mapping can't be compared"),
        ("$(1 if m < 2 else 2)", "a mapping can't be computed with"),
    ],
)
def test_a_mapping_is_passed_on_and_not_computed_with(value: str, message: str) -> None:
    variables = "vars: {m: {type: xavier}}\n"
    layer = "layers: [{type: Convolution, num_output: 2, kernel_size: %s}]\n"
    errors = found(IMAGE + variables + layer % f'"{value}"')
    assert [(each.code, each.message) for each in errors] == [("expression-type", message)]
    good(IMAGE + variables + layer % "1, weight_filler: $m")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("$m", "`num_output` should be an integer, not a mapping"),
        ("abc", "`num_output` should be an integer, not 'abc'"),
        ("[1]", "`num_output` should be an integer, not a list"),
        ("1.5", "`num_output` should be an integer, not 1.5"),
        ("true", "`num_output` should be an integer, not true"),
    ],
)
def test_a_value_of_a_wrong_kind_within_a_block(value: str, message: str) -> None:
    text = (
        IMAGE + "vars: {m: {type: xavier}}\nblocks:\n  b: {args: {k: required, f: $m}, layers:"
        " [{type: Convolution, num_output: $k, kernel_size: 1, weight_filler: $f}]}\n"
        f"layers: [{{name: x, type: b, k: {value}}}]\n"
    )
    errors = found(text)
    assert [(each.code, each.message) for each in errors] == [("wrong-type", message)]
    assert errors[0].notes[0].startswith("in block b, used as x at ")


def test_a_pair_within_a_block() -> None:
    text = (
        IMAGE + "blocks:\n  b: {args: {k: required}, layers:"
        " [{type: Convolution, num_output: 2, kernel_size: $k}]}\n"
        "layers: [{name: x, type: b, k: abc}]\n"
    )
    errors = found(text)
    assert [each.message for each in errors] == [
        "`kernel_size` should be an integer or a list of them, not 'abc'"
    ]
