"""What tools counted, and why that is something else than their rows of weights where it is.

Measured in December 2026 with the versions that the conventions name, on torch 2.13.0 and
torchvision 0.28.0, a batch of one, in eval mode: torch's counter on the device `meta`, the others
on the CPU, each network in a fresh copy.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import netspec
from netspec.analysis.conventions import count
from netspec.graph import Kind, Node
from netspec.graph.sizes import substitute
from netspec.layers.attention import Attending
from netspec.layers.deconvolution import Deconvolution
from netspec.layers.inner_product import InnerProduct
from tests.specs.measuring import known, stock

TOOLS = ("torch", "fvcore", "torchinfo", "ptflops", "thop", "calflops", "calflops_macs")
"""The conventions that are tools', in the order of the table of layers."""

GENERATOR = """
netspec: 1
name: Generator
inputs: {z: [N, 100, 1, 1]}
layers:
  - {name: up1, type: Deconvolution, num_output: 64, kernel_size: 4, bias_term: false}
  - {name: bn1, type: BatchNorm}
  - {name: relu1, type: ReLU}
  - {name: up2, type: Deconvolution, num_output: 32, kernel_size: 4, stride: 2, pad: 1,
     bias_term: false}
  - {name: bn2, type: BatchNorm}
  - {name: relu2, type: ReLU}
  - {name: up3, type: Deconvolution, num_output: 3, kernel_size: 4, stride: 2, pad: 1}
  - {name: tanh, type: TanH}
"""
"""Of transposed convolutions: DCGAN's generator, made small."""


def network(name: str) -> netspec.Graph:
    """The network of a row below."""
    if name == "generator":
        return netspec.loads(GENERATOR)
    if name == "fcn_resnet50":
        return netspec.load(name, inputs={"data": [1, 3, 224, 224]}, outputs=["out"])
    return stock(name)


Why = Callable[[netspec.Graph], int]
"""What a tool counts more than its row of weights, worked out from the graph."""


def nothing(graph: netspec.Graph) -> int:
    return 0


def norms_numbers(graph: netspec.Graph) -> int:
    """torchinfo: the factors and shifts of normalizations, each once."""
    return sum(node.params for node in graph if "Norm" in node.type)


def as_one_element(graph: netspec.Graph) -> int:
    """torchinfo: linear layers on a sequence count as on one element of it."""
    linear = [node for node in graph if isinstance(node.layer, InnerProduct)]
    whole = sum(known(count(node.work, "torchinfo")) for node in linear)
    return norms_numbers(graph) + sum(node.params for node in linear) - whole


def by_the_top(graph: netspec.Graph) -> int:
    """torchinfo, thop: a transposed convolution by the size of its top, not of its bottom."""
    found = 0
    for node in graph:
        if isinstance(node.layer, Deconvolution):
            ratio = known(node.top[0][2:].elements) // known(node.bottom[0][2:].elements)
            found += (ratio - 1) * known(node.macs)
    return found


def by_the_top_and_norms(graph: netspec.Graph) -> int:
    return by_the_top(graph) + norms_numbers(graph)


def of_kind(times: int, *kinds: Kind) -> Why:
    """So many times the amounts of kinds: functions, which a tool counts once, or not at all."""
    return lambda graph: times * sum(known(graph.work.get(kind, 0)) for kind in kinds)


def queries_and_scores(graph: netspec.Graph) -> int:
    """ptflops: one for each element of a query and for each score."""
    found = 0
    for node in graph:
        if isinstance(node.layer, Attending):
            reading = node.layer.reading([blob.type for blob in node.bottoms])
            scores = reading.scores * node.layer.heads
            found += known(substitute(reading.query.shape.elements + scores, {"N": 1}))
    return found


@dataclass(frozen=True)
class Counted:
    """What a tool counted of torchvision's network; the generator is one of PyTorch's modules."""

    name: str
    tool: str
    found: int
    more: Why = nothing


def _rows(tool: str, **found: int | tuple[int, Why]) -> Iterator[Counted]:
    for name, each in found.items():
        number, more = each if isinstance(each, tuple) else (each, nothing)
        yield Counted(name, tool, number, more)


COUNTED = (
    *_rows(
        "torch",
        alexnet_owt=1428376960,
        vgg16=30940528640,
        googlenet_bn=2996752384,
        resnet50=8178368512,
        mobilenet_v2=601548544,
        fcn_resnet50=52968996864,
        generator=1449984,
        vit_b_16=35127656448,
    ),
    *_rows(
        "fvcore",
        alexnet_owt=714197696,
        vgg16=15470289408,
        googlenet_bn=1504878688,
        resnet50=4111512576,
        mobilenet_v2=314193216,
        fcn_resnet50=26539892736,
        generator=731136,
        vit_b_16=16867412736,
    ),
    *_rows(
        "torchinfo",
        alexnet_owt=714682664,
        vgg16=15483821032,
        googlenet_bn=(1498391752, norms_numbers),
        resnet50=(4089238376, norms_numbers),
        mobilenet_v2=(300809384, norms_numbers),
        fcn_resnet50=(26484569040, norms_numbers),
        generator=(4129728, by_the_top_and_norms),
        vit_b_16=(173232616, as_one_element),
    ),
    *_rows(
        "ptflops",
        alexnet_owt=716441128,
        vgg16=15523225576,
        googlenet_bn=(1513907448, of_kind(-1, Kind.RELU)),
        resnet50=4132436968,
        mobilenet_v2=(320300008, of_kind(-1, Kind.POOLED)),
        fcn_resnet50=(26582307920, of_kind(-1, Kind.UPSAMPLE_BILINEAR)),
        generator=738048,
        vit_b_16=(17606030584, queries_and_scores),
    ),
    *_rows(
        "thop",
        alexnet_owt=714206912,
        vgg16=15470314496,
        googlenet_bn=1511332032,
        resnet50=4133742592,
        mobilenet_v2=(327486720, of_kind(-1, Kind.ADAPTIVE_POOLED, Kind.ADAPTIVE_AVERAGES)),
        fcn_resnet50=(26586857472, of_kind(-11, Kind.UPSAMPLE_BILINEAR)),
        generator=(4141056, by_the_top),
        vit_b_16=11286254592,
    ),
    *_rows(
        "calflops",
        alexnet_owt=1429741184,
        vgg16=30973778432,
        googlenet_bn=3009356752,
        resnet50=8211108352,
        mobilenet_v2=614967488,
        fcn_resnet50=(53043022928, lambda graph: 224 * 224),  # of 21 channels one
        generator=(1459248, lambda graph: 3 * 4 * 4),  # as many biases as if its last one halved
        vit_b_16=33723326208,
    ),
    *_rows(
        "calflops_macs",
        alexnet_owt=714188480,
        vgg16=15470264320,
        googlenet_bn=1498376192,
        resnet50=4089184256,
        mobilenet_v2=300774272,
        fcn_resnet50=26484498432,
        generator=724992,
        vit_b_16=16848500736,
    ),
)


@dataclass(frozen=True)
class OneLayer:
    """A module of PyTorch, the shape that it was run on, the layer that it is, and the counts."""

    module: str
    shape: str
    layer: str
    found: Mapping[str, int]

    def node(self) -> Node:
        layer = self.layer.removeprefix("{").removesuffix("}")
        text = f"netspec: 1\nname: Net\ninputs: {{data: [{self.shape}]}}\n"
        (node,) = netspec.loads(f"{text}layers: [{{name: a, {layer}}}]")
        return node


def one_layer() -> list[OneLayer]:
    """The table of layers: a line each, a column for each tool."""
    text = Path(__file__).with_name("one_layer.tsv").read_text(encoding="utf-8")
    made = []
    for line in text.splitlines()[1:]:
        module, shape, layer, *counts = line.split("\t")
        made.append(OneLayer(module, shape, layer, dict(zip(TOOLS, map(int, counts), strict=True))))
    return made


OFF = {
    ("nn.ConvTranspose2d(4, 8, 4, 2, 1)", "torchinfo"): (98304, "by the size of its top"),
    ("nn.ConvTranspose2d(4, 8, 4, 2, 1)", "thop"): (98304, "by the size of its top"),
    ("nn.ConvTranspose2d(4, 8, 4, 2, 1)", "calflops"): (128, "biases are counted"),
    ("nn.ConvTranspose2d(4, 8, 3, 1, 1)", "calflops"): (512, "biases are counted"),
    ("nn.ConvTranspose2d(8, 8, 4, 2, 1, groups=8, bias=False)", "torchinfo"): (
        24576,
        "by the size of its top",
    ),
    ("nn.ConvTranspose2d(8, 8, 4, 2, 1, groups=8, bias=False)", "thop"): (
        24576,
        "by the size of its top",
    ),
    ("nn.ConvTranspose2d(8, 8, 4, 2, 1, groups=8, bias=False)", "calflops"): (-16384, "`group`"),
    ("nn.ConvTranspose2d(8, 8, 4, 2, 1, groups=8, bias=False)", "calflops_macs"): (
        -8192,
        "`group`",
    ),
    ("nn.Linear(64, 10, True)", "torchinfo"): (-2600, "on a sequence"),
    ("nn.BatchNorm2d(8)", "torchinfo"): (16, "factors and shifts"),
    ("nn.BatchNorm2d(8, track_running_stats=False)", "torchinfo"): (16, "factors and shifts"),
    ("nn.LayerNorm(64)", "torchinfo"): (128, "factors and shifts"),
    ("nn.GroupNorm(2, 8)", "torchinfo"): (16, "factors and shifts"),
    ("nn.InstanceNorm2d(8, affine=True)", "torchinfo"): (16, "factors and shifts"),
    ("nn.RMSNorm(64)", "torchinfo"): (64, "factors and shifts"),
    ("nn.PReLU(8)", "torchinfo"): (8, "nn.PReLU"),
    ("nn.LocalResponseNorm(5)", "ptflops"): (2304, "nn.LocalResponseNorm"),
    ("nn.LocalResponseNorm(5)", "calflops"): (2304, "nn.LocalResponseNorm"),
    ("nn.AdaptiveAvgPool1d(1)", "fvcore"): (-512, "in images"),
    ("nn.Upsample(scale_factor=2)", "calflops"): (512, "elements of the bottom"),
    ('nn.Upsample(scale_factor=2, mode="bilinear")', "calflops"): (512, "elements of the bottom"),
    ('nn.Upsample(scale_factor=2, mode="linear")', "calflops"): (512, "elements of the bottom"),
    ('nn.Upsample(scale_factor=2, mode="trilinear")', "calflops"): (512, "elements of the bottom"),
    ("nn.LSTM(16, 32)", "ptflops"): (640, "nn.LSTM"),
    ("nn.LSTM(16, 32)", "calflops"): (640, "nn.LSTM"),
    ("nn.LSTM(16, 32, 2, bidirectional=True)", "ptflops"): (2560, "nn.LSTM"),
    ("nn.LSTM(16, 32, 2, bidirectional=True)", "calflops"): (2560, "nn.LSTM"),
    ("nn.LSTM(16, 32, bias=False)", "ptflops"): (640, "nn.LSTM"),
    ("nn.LSTM(16, 32, bias=False)", "calflops"): (640, "nn.LSTM"),
}
"""Where a tool's count isn't its row's: how much more it is, and words of the caveat on that."""
