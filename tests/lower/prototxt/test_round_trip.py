"""A spec that goes to Caffe and comes back is the same network."""

from typing import Any

import pytest

import netspec
from netspec.diagnostics import Diagnostics, SourceText
from netspec.graph import Graph, Node
from netspec.importers.caffe.importing import import_caffe
from netspec.importers.caffe.network import Asked
from netspec.importers.caffe.text import parse
from netspec.layers.functions import Clip
from netspec.lower.prototxt import to_prototxt
from netspec.stock_table import stock_networks
from tests.lower.prototxt.checks import checked_prototxt, prototxt_or_refused
from tests.stock import every_network

EXPRESSIBLE = """
    alexnet alexnet_owt alexnet_ungrouped bn_inception bn_inception_caffe densenet121
    densenet161 densenet169 densenet201 densenet264 googlenet highway_cifar10 highway_mnist
    inception_resnet_v1 inception_v2 inception_v3 lenet mnasnet0_5 mnasnet0_75 mnasnet1_0
    mnasnet1_3 mobilenet_v1 mobilenet_v1_025 mobilenet_v1_050 mobilenet_v1_075 mobilenet_v2
    nin_cifar10 nin_imagenet overfeat_accurate overfeat_fast plain20 plain56 prelu_net_a
    prelu_net_b prelu_net_c preresnet164 rcnn rcnn_ilsvrc13 regnet_x_16gf regnet_x_1_6gf
    regnet_x_32gf regnet_x_3_2gf regnet_x_400mf regnet_x_800mf regnet_x_8gf regnet_y_128gf
    regnet_y_16gf regnet_y_1_6gf regnet_y_32gf regnet_y_3_2gf regnet_y_400mf regnet_y_800mf
    regnet_y_8gf resnet101 resnet101_v1 resnet152 resnet152_v1 resnet18 resnet34 resnet50
    resnet50_v1 resnext101_32x8d resnext101_64x4d resnext50_32x4d se_resnet101 se_resnet152
    se_resnet50 se_resnext101_32x4d se_resnext50_32x4d senet154 squeezenet1_0 squeezenet1_1
    vgg11 vgg11_bn vgg11_lrn vgg13 vgg13_bn vgg16 vgg16_1x1 vgg16_bn vgg19 vgg19_bn
    wide_resnet101_2 wide_resnet50_2 yolov1_paper yolov1_tiny zfnet zfnet_b
"""
"""The stock networks that Caffe can express; the others have layers of which it has none."""


@pytest.mark.parametrize("name", every_network(among=EXPRESSIBLE.split()))
def test_stock_networks(name: str) -> None:
    network = netspec.load(name)
    checked_prototxt(network)
    check_round_trip(network)


@pytest.mark.slow
def test_no_other_stock_network_is_expressible() -> None:
    others = {network.name for network in stock_networks()} - {*EXPRESSIBLE.split()}
    assert not [name for name in others if prototxt_or_refused(netspec.load(name)) is not None]


def check_round_trip(graph: Graph) -> None:
    text = to_prototxt(graph)
    tree = parse(SourceText("x.prototxt", text), Diagnostics())
    back = import_caffe(tree, Asked(), "x", Diagnostics()).graph
    assert (back.params, back.macs) == (graph.params, graph.macs)
    assert [blob.shape for blob in back.inputs] == [blob.shape for blob in graph.inputs]
    split = 'type: "Split"' in text
    mine, theirs = described(graph, not split), described(back, not split)
    for one, other in zip(mine, theirs, strict=True):
        assert one == other


def described(graph: Graph, results: bool) -> list[Any]:
    """The layers in order, with all that makes them what they are but for names; the losses; and
    the results, which can't be told where a Split gives one: that is the blob which others read.
    """
    numbers: dict[str, Any] = {blob.name: blob.name for blob in graph.inputs}
    owners: dict[str, int] = {}
    found: list[Any] = []
    for node in graph.nodes:
        if is_flattened_gate(node, graph):
            numbers[node.tops[0].name] = numbers[node.bottoms[0].name]
            continue
        parameters = []
        for each in node.parameters:
            fresh = each.owner not in owners
            number = owners.setdefault(each.owner, len(owners))
            drawn = each.filler if fresh else None
            said = (each.shape, each.buffer, each.lr_mult, each.decay_mult)
            parameters.append((number, *said, drawn))
        reads = [numbers[blob.name] for blob in node.bottoms]
        found.append((*meaning(node), reads, node.top, node.phase, parameters))
        for number, blob in enumerate(node.tops):
            numbers[blob.name] = (len(found), number)
    given = sorted(str(numbers[blob.name]) for blob in graph.results)
    losses = {numbers[name]: weight for name, weight in graph.losses.items()}
    return [*found, losses, given if results else None]


def is_flattened_gate(node: Node, graph: Graph) -> bool:
    """Whether it takes single elements off the second bottom of a Scale or a Bias."""
    (top, *_), readers = node.tops, graph.readers.get(node.tops[0].name, ())
    return (
        node.type == "Flatten"
        and all(size == 1 for size in node.bottom[0][top.shape.rank :])
        and all(each.type in ("Scale", "Bias") and each.bottoms[1] == top for each in readers)
    )


def meaning(node: Node) -> tuple[str, dict[str, Any]]:
    """A layer's type and fields; of two that compute the same, what Caffe has."""
    kind, fields = node.type, dict(node.layer)  # type: ignore[call-overload]
    if kind == "ReLU6":
        return "Clip", dict(Clip(min=0.0, max=6.0))
    if kind == "Softplus":
        return "BNLL", {}
    if kind == "Eltwise" and fields["operation"] == "SUB":
        return kind, fields | {
            "operation": "SUM",
            "coeff": [1.0, *[-1.0] * (len(node.bottoms) - 1)],
        }
    if kind in ("Scale", "Bias") and len(node.bottoms) == 2:
        return kind, fields | {"axis": None}
    if kind == "Pooling":
        return kind, fields | _windows(node, fields)
    return kind, fields


def _windows(node: Node, fields: dict[str, Any]) -> dict[str, Any]:
    """A Pooling's fields with `output_size` for all of the image, and windows for parts of it."""
    if fields["global_pooling"]:
        return {"global_pooling": False, "output_size": 1}
    if fields["output_size"] in (None, 1):
        return {}
    sizes: Any = zip(node.bottom[0][2:], node.top[0][2:], strict=True)
    (size,) = {whole // count for whole, count in sizes}
    return {"output_size": None, "kernel_size": size, "stride": size}


SPEC = """
netspec: 1
name: Net
inputs:
  data: [N, 3, 16, 16]
  other: [N, 3, 16, 16]
  label: {shape: [N], dtype: int64, phase: TRAIN}
layers:
  - {name: a, type: Convolution, num_output: 4, kernel_size: [3, 5], stride: 2, dilation: [1, 2],
     param: [{name: w, lr_mult: 2}, {decay_mult: 0}], bottom: data}
  - {name: b, type: Convolution, num_output: 4, kernel_size: [3, 5], stride: 2, dilation: [1, 2],
     param: [{name: w, lr_mult: 2}], bottom: other}
  - {name: difference, type: Eltwise, operation: SUB, bottom: [a, b]}
  - {name: prelu, type: PReLU, filler: {type: constant, value: 0.1}}
  - {name: norm, type: BatchNorm, eps: 0.001, use_global_stats: true, affine: false}
  - {name: scale, type: Scale, filler: {type: uniform, min: 0.5}, num_axes: -1}
  - {name: up, type: Deconvolution, num_output: 4, group: 4, kernel_size: 4, stride: 2, pad: 1,
     bias_term: false, weight_filler: {type: bilinear}, param: [{lr_mult: 0}]}
  - {name: pool, type: Pooling, pool: AVE, kernel_size: [3, 2], stride: 2, pad: 1, round_mode: CEIL}
  - {name: lrn, type: LRN, norm_region: WITHIN_CHANNEL, alpha: 0.001}
  - {name: parts, type: Slice, slice_point: [1]}
  - {name: halves, type: Power, scale: 0.5, bottom: parts.1}
  - {name: joined, type: Concat, bottom: [halves, parts.0]}
  - {name: flat, type: Reshape, shape: [0, -1]}
  - {name: fc, type: InnerProduct, num_output: 5, bias_filler: {type: constant, value: 1}}
  - {name: soft, type: Softplus}
  - {name: loss, type: SoftmaxWithLoss, bottom: [soft, label], phase: TRAIN, loss_weight: 2,
     ignore_label: 255, normalization: FULL}
outputs: [soft]
"""


def test_of_many_layers() -> None:
    check_round_trip(netspec.loads(SPEC))
