"""Names that other frameworks have: each is answered, and what the answers say holds.

`foreign_names` lists Caffe's layers (BVLC master, its older spellings, and what forks add), the
modules of `torch.nn`, Keras' layers and losses, and ONNX's operators.
"""

from collections.abc import Callable
from typing import Any

import pytest

from netspec import loads
from netspec.layers import CATALOGUE
from netspec.layers.foreign import folded, help_for
from netspec.layers.foreign_fields import help_for as help_for_field
from netspec.layers.foreign_types import ANSWERS
from tests.layers.foreign_names import CAFFE, KERAS, ONNX, OTHERS, TORCH

NAMES = list(dict.fromkeys(" ".join((CAFFE, TORCH, KERAS, ONNX, OTHERS)).split()))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in CATALOGUE])
def test_every_name_is_answered(name: str) -> None:
    """By another spelling of the name itself, by what it is called here, or by a rewrite."""
    help = help_for(name, CATALOGUE)
    assert help is not None
    near = help.removeprefix("did you mean `").removesuffix("`?")
    if near != help:
        assert folded(near) == folded(name)
    elif not help.startswith("netspec calls it `"):
        assert help in ANSWERS.values()


def test_no_name_has_two_answers() -> None:
    """But for two, which stand for a layer here and for something else."""
    own = {folded(name) for name in CATALOGUE}
    synonyms = {folded(name) for layer in CATALOGUE.values() for name in layer.synonyms}
    answered = [folded(name) for name in ANSWERS]
    assert len(set(answered)) == len(answered)
    assert not own & set(answered)
    assert synonyms & set(answered) == {"split", "mean"}


@pytest.mark.parametrize("layer", CATALOGUE.values(), ids=CATALOGUE)
def test_notes_are_of_names_that_a_layer_answers_to(layer: Any) -> None:
    assert layer.synonym_notes.keys() <= set(layer.synonyms)
    assert not layer.field_notes.keys() & layer.model_fields.keys()
    assert not layer.field_synonyms.keys() & layer.model_fields.keys()
    for field, words in layer.value_synonyms.items():
        for word, own in words.items():
            assert word.isupper()
            help = layer.advise(field, word.lower(), {})
            assert help is not None
            assert help.startswith(f"netspec calls it `{own.partition(' ')[0]}`")
            assert own.partition(" ")[0] in layer.model_json_schema()["properties"][field]["enum"]


@pytest.mark.parametrize(
    ("name", "help"),
    [
        (
            "Input",
            "the network's inputs stand in `inputs:` with their shapes, "
            "`inputs: {data: [N, 3, 224, 224]}`; leave the layer out",
        ),
        (
            "HDF5_DATA",
            "netspec reads no data; what the layer gives are inputs: `inputs: {data: [N, 3, 224, "
            "224], label: {shape: [N], dtype: int64, phase: TRAIN}}`",
        ),
        (
            "Silence",
            "leave it out: an input may go unread, and `allow: [unused-layer]` keeps a layer whose "
            "result nothing reads",
        ),
        (
            "Split",
            "several layers may read one blob, so leave out Caffe's `Split` and name the blob in "
            "each `bottom`; PyTorch's and ONNX's is `Slice`",
        ),
        (
            "DepthwiseConv2D",
            "it is `Convolution` with a group for each channel: "
            "`num_output: $(previous.channels), group: $(previous.channels)`",
        ),
        (
            "NoOp",
            "leave it out: it changes nothing, and what would read it can read what it reads",
        ),
        ("Sub", "netspec calls it `Eltwise` with `operation: SUB`"),
        (
            "Einsum",
            "netspec multiplies two blobs as matrices, `MatMul`, around which `Permute` and "
            "`Reshape` move axes; a product with learned weights is `InnerProduct`",
        ),
        ("nn.AvgPool2d", "netspec calls it `Pooling` with `pool: AVE`"),
        ("LazyConv2d", "netspec calls it `Convolution`"),
        ("torch.nn.SyncBatchNorm", "netspec calls it `BatchNorm`"),
        ("SOFTMAX_LOSS", "netspec calls it `SoftmaxWithLoss`"),
        (
            "sum",
            "netspec calls it `Eltwise` with `operation: SUM` or `Reduction` with `operation: SUM`",
        ),
        ("INNER_PRODUCT", "did you mean `InnerProduct`?"),
        ("CrossEntropyLos", "did you mean `SoftmaxWithLoss`?"),
        ("Xyzzy", None),
    ],
)
def test_answers(name: str, help: str | None) -> None:
    assert help_for(name, CATALOGUE) == help


def test_blocks_come_first() -> None:
    assert help_for("basicblock", CATALOGUE, ["basic_block"]) == "did you mean `basic_block`?"
    assert help_for("proposal", CATALOGUE, ["Proposal"]) == "did you mean `Proposal`?"


@pytest.mark.parametrize(
    ("name", "value", "help"),
    [
        (
            "convolution_param",
            {"num_output": 20, "kernel_size": [5, 3], "weight_filler": {"type": "xavier"}},
            "its fields stand in the entry itself: "
            "`num_output: 20, kernel_size: [5, 3], weight_filler: {type: xavier}`",
        ),
        (
            "reshape_param",
            {"shape": {"dim": [0, -1, 21]}},
            "its fields stand in the entry itself: `shape: [0, -1, 21]`",
        ),
        ("relu_param", {}, "its fields stand in the entry itself"),
        ("lrn_param", {"a": "b" * 1000}, "its fields stand in the entry itself"),
        ("include", {"phase": "train"}, "write `phase: TRAIN`"),
        ("include", [{"phase": "TEST"}], "write `phase: TEST`"),
        ("exclude", {"phase": "TEST"}, "write `phase: TRAIN`"),
        (
            "include",
            {"stage": "deploy"},
            "write `phase: TRAIN` or `phase: TEST`; for stages and levels a var, and `when: $name`",
        ),
        ("blobs_lr", [1, 2], "write `param: [{lr_mult: 1}, {lr_mult: 2}]`"),
        ("blobs_lr", 0.5, "write `param: [{lr_mult: 0.5}]`"),
        ("weight_decay", ["a"], "`param` has a `decay_mult` for each parameter"),
        (
            "activation",
            "relu",
            "an activation is a layer of its own, behind this one: `ReLU`",
        ),
        (
            "activation",
            "leaky_relu",
            "an activation is a layer of its own, behind this one: `ReLU` with `negative_slope`",
        ),
        ("activation", None, "leave it out: there is no activation but a layer of its own"),
        ("inplace", True, "leave it out: how a layer is computed is the back end's affair"),
        ("in_channels", 3, "leave it out: a layer knows it from what it reads"),
        ("input", "data", "netspec calls it `bottom`"),
        ("if", "true", "netspec calls it `when`"),
        ("times", "3", "netspec calls it `repeat`"),
        ("xyzzy", 1, None),
    ],
)
def test_fields_of_any_layer(name: str, value: Any, help: str | None) -> None:
    assert help_for_field(name, value, CATALOGUE) == help


REWRITES: dict[str, tuple[str, str, Callable[[Any], Any]]] = {
    "LogSigmoid": (
        "[2, 3]",
        "[{type: Power, scale: -1}, {type: Softplus}, {type: Power, scale: -1}]",
        lambda x: x.sigmoid().log(),
    ),
    "Softsign": (
        "[2, 3]",
        "[{type: AbsVal}, {name: d, type: Power, shift: 1}, "
        "{type: Eltwise, operation: DIV, bottom: [data, d]}]",
        lambda x: x / (1 + x.abs()),
    ),
    "GLU": (
        "[2, 6]",
        "[{name: s, type: Slice, top: [a, b]}, {name: g, type: Sigmoid, bottom: b}, "
        "{type: Eltwise, operation: PROD, bottom: [a, g]}]",
        lambda x: x[:, :3] * x[:, 3:].sigmoid(),
    ),
    "Tanhshrink": (
        "[2, 3]",
        "[{name: tanh, type: TanH}, {type: Eltwise, bottom: [data, tanh], operation: SUB}]",
        lambda x: x - x.tanh(),
    ),
    "QuickGELU": (
        "[2, 3]",
        "[{type: Swish, beta: 1.702}]",
        lambda x: x * (1.702 * x).sigmoid(),
    ),
    "RepeatVector": (
        "[2, 3]",
        "[{type: Reshape, shape: [0, 1, -1]}, {type: Tile, axis: 1, tiles: 4}]",
        lambda x: x[:, None].repeat(1, 4, 1),
    ),
    "ReduceL2": (
        "[2, 3]",
        "[{type: Reduction, operation: SUMSQ, axis: 1}, {type: Power, power: 0.5}]",
        lambda x: x.norm(dim=1),
    ),
    "ReduceLogSumExp": (
        "[2, 3]",
        "[{type: Exp}, {type: Reduction, axis: 1}, {type: Log}]",
        lambda x: x.logsumexp(1),
    ),
    "Axpy": (
        "[2, 3, 4, 4]",
        "[{name: a, type: Reduction, axis: 2}, {name: s, type: Scale, bottom: [data, a], axis: 0}, "
        "{type: Eltwise, bottom: [s, data]}]",
        lambda x: x.sum((2, 3), keepdim=True) * x + x,
    ),
}


@pytest.mark.parametrize("name", REWRITES)
def test_rewrites_compute_the_same(name: str) -> None:
    import torch

    assert name in ANSWERS
    shape, layers, expected = REWRITES[name]
    net = loads(f"netspec: 1\nname: Net\ninputs: {{data: {shape}}}\nlayers: {layers}\n")
    data = torch.randn(*map(int, shape.strip("[]").split(",")))
    module: Any = net.to_torch()
    with torch.no_grad():
        torch.testing.assert_close(module(data), expected(data))


@pytest.mark.parametrize("name", ["SpaceToDepth", "DepthToSpace"])
def test_rewrites_compute_what_onnx_defines(name: str) -> None:
    import numpy as np
    import onnx
    from onnx.reference import ReferenceEvaluator

    shapes, spec = {
        "SpaceToDepth": (
            (1, 3, 4, 6),
            "[{type: Reshape, shape: [0, 3, 2, 2, 3, 2]}, "
            "{type: Permute, order: [0, 3, 5, 1, 2, 4]}, {type: Reshape, shape: [0, 12, 2, 3]}]",
        ),
        "DepthToSpace": (
            (1, 12, 2, 3),
            "[{type: Reshape, shape: [0, 2, 2, 3, 2, 3]}, "
            "{type: Permute, order: [0, 3, 4, 1, 5, 2]}, {type: Reshape, shape: [0, 3, 4, 6]}]",
        ),
    }[name]
    node = onnx.helper.make_node(name, ["x"], ["y"], blocksize=2)
    value = onnx.helper.make_tensor_value_info
    x = value("x", onnx.TensorProto.FLOAT, shapes)
    y = value("y", onnx.TensorProto.FLOAT, None)
    graph = onnx.helper.make_graph([node], name, [x], [y])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 20)])
    data = np.random.default_rng(0).standard_normal(shapes).astype("float32")
    (expected,) = ReferenceEvaluator(model).run(None, {"x": data})
    text = f"netspec: 1\nname: Net\ninputs: {{data: {list(shapes)}}}\nlayers: {spec}\n"
    import torch

    module: Any = loads(text).to_torch()
    np.testing.assert_array_equal(module(torch.from_numpy(data)).numpy(), expected)


@pytest.mark.parametrize("name", ["previous", "a"])
def test_a_depthwise_convolution_asks_for_its_channels(name: str) -> None:
    size = f"num_output: $({name}.channels), group: $({name}.channels)"
    bottom = "bottom: a, " if name == "a" else ""
    entry = f"{{{bottom}type: Convolution, kernel_size: 3, {size}}}"
    head = "netspec: 1\nname: Net\ninputs: {data: [N, 6, 8, 8]}\n"
    net = loads(f"{head}layers: [{{name: a, type: ReLU}}, {entry}]\n")
    assert net.parameters[0].shape == (6, 1, 3, 3)
    if name == "previous":
        assert loads(f"{head}layers: [{entry}]").parameters[0].shape == (6, 1, 3, 3)
