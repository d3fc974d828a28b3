"""`reuse` and shared parameters."""

import pytest

from tests.checking import HEAD, IMAGE, bottoms, check, check_warning, good, paths

TWO = HEAD + "inputs: {x: [N, 3, 8, 8], y: [N, 3, 8, 8]}\n"


def test_a_layer_applied_again() -> None:
    net = good(
        TWO
        + """layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 1, bottom: x}
  - {name: again, reuse: conv, bottom: y}
  - {name: sum, type: Eltwise, bottom: [conv, again]}
"""
    )
    assert [each.name for each in net.parameters] == ["conv.weight", "conv.bias"]
    assert net.params == 16
    assert net.macs == 2 * 3 * 4 * 64
    assert net.nodes[1].reused
    assert net.nodes[1].module == "conv"


def test_a_block_instance_and_a_group_applied_again() -> None:
    net = good(
        TWO
        + """blocks:
  unit: {args: {n: 4}, layers: [{name: c, type: Convolution, num_output: $n, kernel_size: 1}]}
layers:
  - {name: u, type: unit, repeat: 2, n: 5, bottom: [x], first: {n: 6}}
  - {name: v, reuse: u.0, bottom: y}
  - {name: g, bottom: x, layers: [{name: c, type: Convolution, num_output: 3, kernel_size: 1}]}
  - {name: h, reuse: g, bottom: [y]}
  - {name: all, type: Concat, bottom: [u.0, u, v, g, h]}
"""
    )
    assert paths(net) == ["u.0.c", "u.1.c", "v.c", "g.c", "h.c", "all"]
    assert bottoms(net)["h.c"] == ["y"]
    assert [node.module for node in net.nodes][2:5] == ["u.0.c", "g.c", "g.c"]
    assert len(net.parameters) == 6


def test_reuses_that_cannot_be() -> None:
    check(
        HEAD
        + """inputs: {x: [N, 3], label: {shape: [N, 3], phase: TRAIN}}
layers:
  - {name: fc, type: InnerProduct, num_output: 4}
  - {name: again, reuse: «fc}
  - {name: r, type: ReLU, repeat: 2}
  - {name: twice, reuse: «r}
  - {name: nothing, reuse: «nobody}
  - {name: training1, type: InnerProduct, num_output: 3, bottom: label, phase: TRAIN}
  - {name: both, reuse: «training1, bottom: x}
  - {name: setting, reuse: fc, bottom: x, «param: [{name: w}]}
""",
        ("bad-reuse", "on this bottom `fc.weight` would be 4×4, but the layer reused has 4×3"),
        ("bad-reuse", "`r` is no layer, block instance or group", "name an instance: `r.0`"),
        ("unknown-name", "no layer is called `nobody`"),
        ("phase-mismatch", "`training1` exists in phase TRAIN alone"),
        ("field-conflict", "an entry with `reuse` has no parameters of its own"),
    )


def test_sharing_by_name() -> None:
    net = good(
        HEAD
        + """inputs: {x: [N, 4]}
layers:
  - {name: a, type: InnerProduct, num_output: 4, param: [{name: w, lr_mult: 2}, {lr_mult: 0}]}
  - {name: b, type: InnerProduct, num_output: 4, param: [{name: w}]}
"""
    )
    weight, bias, shared, _ = net.parameters
    assert (weight.owner, weight.lr_mult, bias.trainable) == ("a.weight", 2, False)
    assert (shared.owner, shared.shared) == ("a.weight", True)
    assert net.params == 16 + 4 + 4


def test_shares_that_do_not_fit() -> None:
    check(
        HEAD
        + """inputs: {x: [N, 4]}
layers:
  - {name: a, type: InnerProduct, num_output: 4, param: [{name: w}]}
  - {name: b, type: InnerProduct, num_output: 5, param: «[{name: w}]}
  - {name: c, type: InnerProduct, num_output: 5, bias_term: false, param: «[{}, {}], bottom: a}
  - {name: d, type: ReLU, bottom: x, «param: []}
""".replace("«param: []", "param: «[{name: v}]"),
        ("share-mismatch", "`b.weight` is 5×4, but `a.weight`, which shares the name `w`, is 4×4"),
        ("bad-value", "`param` has 2 entries, but this InnerProduct has 1 parameter"),
        ("field-conflict", "ReLU has no parameters"),
    )


def test_param_is_checked() -> None:
    check(
        HEAD
        + """inputs: {x: [N, 4]}
vars: {v: 5}
blocks:
  b: {layers: [{type: ReLU}]}
layers:
  - {name: a, type: InnerProduct, num_output: 4, param: [{«lr: 2}]}
  - {name: b, type: InnerProduct, num_output: 4, param: [«$v], bottom: x}
  - {name: c, type: b, «param: [{lr_mult: 1}]}
""",
        ("unknown-field", "nothing here is called `lr`"),
        ("wrong-type", "`param` should be a mapping, not 5"),
        ("field-conflict", "block `b` has no parameters of its own"),
    )


def test_a_sharing_name_used_once() -> None:
    check_warning(
        HEAD
        + "inputs: {x: [N, 4]}\n"
        + "layers: [{name: a, type: InnerProduct, num_output: 4, param: [{name: w}]}]\n",
        "share-once",
        4,
        62,
        "only `a.weight` bears the sharing name `w`",
    )


def test_a_filler_that_is_ignored() -> None:
    check_warning(
        HEAD
        + """inputs: {x: [N, 4]}
layers:
  - {name: a, type: InnerProduct, num_output: 4, param: [{name: w}]}
  - {name: b, type: InnerProduct, num_output: 4, param: [{name: w}], weight_filler: {value: 1}}
""",
        "ignored-filler",
        6,
        85,
        "`b.weight` is shared",
    )


def test_a_shape_that_is_not_an_image_is_said_once() -> None:
    check(
        IMAGE
        + """layers:
  - {type: Flatten}
  - {name: conv, type: «Convolution, num_output: 4, kernel_size: 1}
  - {name: bn, type: BatchNorm}
""",
        ("shape-mismatch", "needs a bottom of one to three spatial axes"),
    )


@pytest.mark.parametrize(
    ("layer", "path"),
    [
        ("{name: c, type: Pooling, kernel_size: $(input.height // 8)}", "a.c"),
        ("{name: c, type: Pooling, kernel_size: 1, when: $(input.height > 16)}", "a"),
        ("{name: c, type: ReLU6, when: $(input.height < 32)}", "a"),
        ("{name: c, type: ReLU6, bottom: \"$('r' if input.height > 16 else 'input')\"}", "a.c"),
    ],
)
def test_a_block_that_would_be_another_on_this_bottom(layer: str, path: str) -> None:
    check(
        IMAGE
        + f"""allow: [unused-layer]
blocks: {{b: {{layers: [{{name: r, type: ReLU}}, {layer}]}}}}
layers:
  - {{name: a, type: b}}
  - {{name: pooled, type: Pooling, kernel_size: 2, stride: 2, bottom: data}}
  - {{name: again, reuse: «a}}
""",
        (
            "bad-reuse",
            f"on this bottom `{path}` would be another",
            "what depends on the size of its bottom can't be applied again: write it a second time",
        ),
    )


def test_a_multiplier_that_is_no_number() -> None:
    check(
        IMAGE
        + """layers:
  - {type: InnerProduct, num_output: 3, param: [{lr_mult: «.inf}]}
""",
        ("bad-value", "`lr_mult` should be a finite number"),
    )
