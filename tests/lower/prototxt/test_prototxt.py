"""A network as a prototxt: the text, the names, what is shared and what becomes of outputs."""

import pytest

import netspec
from netspec import SpecError
from netspec._version import __version__
from netspec.lower.prototxt import to_prototxt
from tests.lower.prototxt.checks import checked_prototxt

SPEC = """
netspec: 1
name: Small
doc: A network of a block.
inputs:
  data: [N, 3, 16, 16]
  label: {shape: [N], dtype: int64, phase: TRAIN}
blocks:
  unit:
    layers:
      - {name: conv, type: Convolution, num_output: 8, kernel_size: [3, 1], pad: [1, 0],
         bias_term: false, param: [{lr_mult: 2}]}
      - {name: bn, type: BatchNorm, param: [{decay_mult: 0}, {decay_mult: 0}]}
      - {name: relu, type: ReLU, negative_slope: 0.1}
layers:
  - {name: units, type: unit, repeat: 2}
  - {name: pool, type: Pooling, pool: AVE, kernel_size: 3, stride: 2}
  - {name: fc, type: InnerProduct, num_output: 4, bias_filler: {type: constant, value: 0.1},
     param: [{}, {lr_mult: 2}]}
  - {name: drop, type: Dropout}
  - {name: loss, type: SoftmaxWithLoss, bottom: [drop, label], phase: TRAIN, loss_weight: 0.5}
outputs: [drop]
"""

TEXT = f"""\
# A network of a block.
# Made from <string> by netspec {__version__}.
name: "Small"

layer {{
  name: "data"
  type: "Input"
  top: "data"
  input_param {{
    shape {{ dim: 1 dim: 3 dim: 16 dim: 16 }}
  }}
}}

layer {{
  name: "label"
  type: "Input"
  top: "label"
  include {{ phase: TRAIN }}
  input_param {{
    shape {{ dim: 1 }}
  }}
}}

layer {{
  name: "units/0/conv"
  type: "Convolution"
  bottom: "data"
  top: "units/0/conv"
  param {{ lr_mult: 2 }}
  convolution_param {{
    num_output: 8
    kernel_size: 3
    kernel_size: 1
    pad: 1
    pad: 0
    bias_term: false
    weight_filler {{ type: "msra" }}
  }}
}}

layer {{
  name: "units/0/bn"
  type: "BatchNorm"
  bottom: "units/0/conv"
  top: "units/0/conv"
  batch_norm_param {{ moving_average_fraction: 0.9 }}
}}

layer {{
  name: "units/0/bn_scale"
  type: "Scale"
  bottom: "units/0/conv"
  top: "units/0/conv"
  param {{ decay_mult: 0 }}
  param {{ decay_mult: 0 }}
  scale_param {{ bias_term: true }}
}}

layer {{
  name: "units/0/relu"
  type: "ReLU"
  bottom: "units/0/conv"
  top: "units/0/conv"
  relu_param {{ negative_slope: 0.1 }}
}}
"""

END = """\
layer {
  name: "pool"
  type: "Pooling"
  bottom: "units/1/conv"
  top: "pool"
  pooling_param { pool: AVE kernel_size: 3 stride: 2 round_mode: FLOOR }
}

layer {
  name: "fc"
  type: "InnerProduct"
  bottom: "pool"
  top: "fc"
  param { lr_mult: 1 }
  param { lr_mult: 2 }
  inner_product_param {
    num_output: 4
    weight_filler { type: "msra" }
    bias_filler { type: "constant" value: 0.1 }
  }
}

layer {
  name: "drop"
  type: "Dropout"
  bottom: "fc"
  top: "fc"
}

layer {
  name: "loss"
  type: "SoftmaxWithLoss"
  bottom: "fc"
  bottom: "label"
  top: "loss"
  include { phase: TRAIN }
  loss_weight: 0.5
}
"""


def test_the_text() -> None:
    network = netspec.loads(SPEC)
    text = to_prototxt(network)
    assert text[: len(TEXT)] == TEXT
    assert text[-len(END) :] == END
    checked_prototxt(network)


def net(layers: str, inputs: str = "data: [N, 3, 8, 8]", outputs: str = "") -> netspec.Network:
    text = f"netspec: 1\nname: Net\ninputs: {{{inputs}}}\nlayers:\n{layers}\n"
    return netspec.loads(text + (f"outputs: {outputs}\n" if outputs else ""))


def layers_of(network: netspec.Network) -> dict[str, tuple[str, list[str], list[str]]]:
    """Type, bottoms and tops of each layer by its name."""
    found = checked_prototxt(network).layer
    return {each.name: (each.type, list(each.bottom), list(each.top)) for each in found}


def test_in_place_only_where_nobody_else_reads() -> None:
    network = net("""
  - {name: conv, type: Convolution, num_output: 3, kernel_size: 1}
  - {name: relu, type: ReLU}
  - {name: drop, type: Dropout}
  - {name: sum, type: Eltwise, bottom: [drop, conv]}
  - {name: last, type: ReLU}
""")
    found = layers_of(network)
    assert found["relu"] == ("ReLU", ["conv"], ["relu"])  # `sum` reads `conv`, too
    assert found["drop"] == ("Dropout", ["relu"], ["relu"])
    assert found["sum"] == ("Eltwise", ["relu", "conv"], ["sum"])
    assert found["last"] == ("ReLU", ["sum"], ["sum"])


def test_not_in_place_over_what_a_gradient_looks_at() -> None:
    network = net("""
  - {name: relu, type: ReLU}
  - {name: bn, type: BatchNorm}
  - {name: sigmoid, type: Sigmoid}
  - {name: again, type: Sigmoid}
""")
    found = layers_of(network)
    assert found["relu"] == ("ReLU", ["data"], ["relu"])  # of an input
    assert found["bn"] == ("BatchNorm", ["relu"], ["bn"])
    assert found["bn_scale"] == ("Scale", ["bn"], ["bn"])
    assert found["sigmoid"] == ("Sigmoid", ["bn"], ["bn"])
    assert found["again"] == ("Sigmoid", ["bn"], ["again"])


def test_outputs_that_are_read_and_blobs_that_are_not() -> None:
    network = net(
        """
  - {name: a, type: Power, allow: [unused-layer]}
  - {name: b, type: Power, bottom: data}
  - {name: c, type: ReLU}
  - {name: parts, type: Slice, slice_point: [1, 2], top: [x, y, z]}
""",
        outputs="[b, parts, data]",
    )
    found = layers_of(network)
    assert found["b_output"] == ("Split", ["b"], ["b_output"])
    assert found["data_output"] == ("Split", ["data"], ["data_output"])
    assert found["a_silence"] == ("Silence", ["a"], [])
    assert found["parts"] == ("Slice", ["c"], ["x", "y", "z"])
    assert len(found) == 8


def test_scores_are_outputs_though_losses_and_accuracies_read_them() -> None:
    network = net(
        """
  - {name: fc, type: InnerProduct, num_output: 3}
  - {name: loss, type: SoftmaxWithLoss, bottom: [fc, label], phase: TRAIN}
  - {name: right, type: Accuracy, bottom: [fc, label], phase: TEST, top_k: 2}
""",
        "data: [N, 3], label: {shape: [N], dtype: int64}",
        "[fc, right]",
    )
    assert not [name for name in layers_of(network) if name.endswith("_output")]


def test_shared_parameters_have_names() -> None:
    network = net("""
  - {name: a, type: Convolution, num_output: 3, kernel_size: 1, param: [{name: w}]}
  - {name: b, type: Convolution, num_output: 3, kernel_size: 1, param: [{name: w}, {lr_mult: 2}]}
  - {name: c, type: Convolution, num_output: 3, kernel_size: 1}
  - {name: d, reuse: c}
""")
    params = {
        layer.name: [(each.name, each.lr_mult) for each in layer.param]
        for layer in checked_prototxt(network).layer
    }
    assert params["a"] == [("a/weight", 1)]
    assert params["b"] == [("a/weight", 1), ("", 2)]
    assert params["c"] == params["d"] == [("c/weight", 1), ("c/bias", 1)]


def test_a_name_that_is_taken() -> None:
    found = layers_of(
        net("""
  - {name: bn, type: BatchNorm}
  - {name: bn_scale, type: ReLU}
""")
    )
    assert found["bn_scale_2"][0] == "Scale"
    assert found["bn_scale"][0] == "ReLU"


def test_gates_lose_the_axes_of_single_elements() -> None:
    found = layers_of(
        net("""
  - {name: pool, type: Pooling, pool: AVE, output_size: 1}
  - {name: gated, type: Scale, bottom: [data, pool]}
""")
    )
    assert found["gated_factors"] == ("Flatten", ["pool"], ["gated_factors"])
    assert found["gated"] == ("Scale", ["data", "gated_factors"], ["gated"])


REFUSED = """
  - {name: a, type: GELU}
  - {name: b, type: Permute, order: [0, 2, 3, 1]}
  - {name: c, type: Pooling, pool: L2, kernel_size: 2}
"""


def test_everything_that_cannot_be_is_told_at_once() -> None:
    network = net(REFUSED, "data: [N, 3, H, W], more: [N, T]")
    with pytest.raises(SpecError) as caught:
        to_prototxt(network)
    told = [
        (str(each.span), each.path, each.message, each.help) for each in caught.value.diagnostics
    ]
    forks = "only forks of Caffe have a layer that does what"
    sizes = "say them: `--input data=Nx3x224x224`", "say them: `--input more=Nx224`"
    assert told == [
        ("None", None, "the input `data` has a size of H, and a prototxt numbers", sizes[0]),
        ("None", None, "the input `more` has a size of T, and a prototxt numbers", sizes[1]),
        ("<string>:6:21", "a", "Caffe has no layer that does what GELU does", None),
        ("<string>:7:21", "b", f"{forks} Permute does", None),
        ("<string>:8:21", "c", "Caffe's Pooling has no L2", None),
    ]  # fmt: skip


def reason(layers: str, inputs: str = "data: [N, 3, 8, 8]", outputs: str = "") -> str:
    with pytest.raises(SpecError) as caught:
        to_prototxt(net(layers, inputs, outputs))
    (found,) = caught.value.diagnostics
    assert found.code == "not-lowerable"
    return found.message


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (
            "{type: Deconvolution, num_output: 2, kernel_size: 2, stride: 2, output_pad: 1}",
            "Caffe's Deconvolution has no `output_pad`",
        ),
        (
            "{type: Pooling, pool: AVE, kernel_size: 3, pad: 1, count_include_pad: false}",
            "Caffe's averages count padding: it has no `count_include_pad`",
        ),
        (
            "{type: Pooling, kernel_size: 1, stride: 3, round_mode: CEIL}",
            "Caffe makes a window more, wholly beyond the image",
        ),
        (
            "{type: Pooling, kernel_size: 2, axis: 1}",
            "Caffe's Pooling is for images alone, N×C×H×W",
        ),
        (
            "{type: Pooling, pool: AVE, output_size: 3}",
            "Caffe's windows are of one size, and these of `output_size` aren't",
        ),
        (
            "{type: Pooling, kernel_size: 1, pad: 1, allow: [pooling-in-padding]}",
            "Caffe refuses a `pad` of `kernel_size` or more",
        ),
        (
            "{type: Pooling, pool: STOCHASTIC, kernel_size: 3, pad: 1}",
            "Caffe's STOCHASTIC has no padding",
        ),
        ("{type: Eltwise, operation: DIV, bottom: [data, data]}", "Caffe's Eltwise has no DIV"),
    ],
)
def test_what_caffe_has_not(layer: str, message: str) -> None:
    assert reason(f"  - {layer}") == message


def test_further_refusals() -> None:
    inputs = "data: [N, 3, 8, 8], gate: [N, 1, 8, 8]"
    stretched = "  - {type: Scale, bottom: [data, gate]}"
    assert reason(stretched, inputs) == "Caffe's Scale doesn't stretch single elements over an axis"
    weighed = (
        "  - {name: x, type: Power}\n"
        "  - {type: SoftmaxWithLoss, bottom: [data, label], phase: TRAIN, class_weight: [1, 2, 1]}"
    )
    labels = "data: [N, 3, 8, 8], label: {shape: [N, 8, 8], dtype: int64, phase: TRAIN}"
    found = reason(weighed, labels, "x")
    assert found == "Caffe's losses weigh no classes: only forks have `class_weighting`"
    again = "  - {name: a, type: BatchNorm}\n  - {name: b, reuse: a}"
    assert reason(again) == "Caffe can't use a BatchNorm's statistics in two layers"
    table = "  - {name: a, type: Parameter, shape: [3], filler: {type: constant, value: 1}}"
    assert reason(table) == "Caffe's Parameter begins with zeros, whatever its filler"


def test_windows_that_caffe_counts_alike() -> None:
    """Rounded up without padding, with windows as wide as steps; and as many as `output_size`."""
    found = checked_prototxt(net("""
  - {name: a, type: Pooling, kernel_size: 3, stride: 3, round_mode: CEIL}
  - {name: b, type: Pooling, kernel_size: [2, 1], stride: 2, bottom: data}
  - {name: c, type: Pooling, pool: AVE, output_size: 4, bottom: data}
""", outputs="[a, b, c]"))  # fmt: skip
    a, b, c = (each.pooling_param for each in found.layer[1:])
    assert (a.kernel_size, a.stride, a.HasField("round_mode"), a.round_mode) == (3, 3, False, 0)
    assert (b.kernel_h, b.kernel_w, b.stride, b.round_mode) == (2, 1, 2, 1)
    assert (c.kernel_size, c.stride, c.HasField("round_mode")) == (2, 2, False)


def test_differences_are_sums() -> None:
    network = net("  - {type: Eltwise, operation: SUB, bottom: [a, b, a]}", "a: [N, 3], b: [N, 3]")
    (layer,) = (each for each in checked_prototxt(network).layer if each.type == "Eltwise")
    assert list(layer.eltwise_param.coeff) == [1, -1, -1]


def test_text_is_escaped() -> None:
    network = netspec.loads("netspec: 1\nname: Net\ndoc: \"a\\nb\\u202e\"\ninputs: {data: [N]}\n"
                            "layers: [{name: a, type: ReLU}]\n")  # fmt: skip
    assert to_prototxt(network).splitlines()[0] == r"# a\nb\u202e"
