"""What the stock specs say beside their totals."""

from pathlib import Path

import pytest

import netspec
from netspec.api import check_text
from netspec.layers.arithmetic import Eltwise
from netspec.layers.convolution import Convolution
from netspec.layers.lrn import LRN
from netspec.layers.normalization import BatchNorm
from netspec.layers.regularization import Dropout
from netspec.resources import stock_files
from netspec.stock import locate, read_location
from tests.specs.measuring import hwc, layer, stock, within
from tests.stock import every_network


@pytest.mark.parametrize("path", stock_files(), ids=lambda path: path.stem)
def test_every_file_is_clean_in_all_variants(path: Path) -> None:
    """Not even a warning."""
    location = locate(str(path))
    assert check_text(read_location(location), location).sorted() == []


@pytest.mark.parametrize("path", stock_files(), ids=lambda path: path.stem)
def test_every_file_fits_a_page(path: Path) -> None:
    assert max(map(len, path.read_text(encoding="utf-8").splitlines())) <= 100


@pytest.mark.parametrize("name", every_network("classification"))
def test_the_classes_can_be_changed(name: str) -> None:
    network = netspec.load(name, num_classes=7)
    assert {shape[1] for shape in network.outputs.values()} == {7}


@pytest.mark.parametrize("name", ["vgg16", "googlenet_bn", "resnet50", "resnet20", "preresnet164"])
def test_other_sizes_of_images(name: str) -> None:
    (data, *_) = stock(name).inputs
    wide = netspec.load(name, inputs={"data": ["N", 3, 64, 96]})
    assert wide.params == stock(name).params
    assert wide.outputs == stock(name).outputs
    assert [*data.shape][2:] != [64, 96]


def test_lrn_stands_behind_the_first_convolution_of_vggs_a_lrn() -> None:
    network = stock("vgg11_lrn")
    (norm,) = (node for node in network if isinstance(node.layer, LRN))
    assert norm.bottoms[0].name == "features.1"
    assert [n.type for n in network][:4] == ["Convolution", "ReLU", "LRN", "Pooling"]


def test_googlenets_losses() -> None:
    """Szegedy et al. 2014, section 5: the auxiliary losses count 0.3."""
    network = stock("googlenet")
    assert network.losses == {"loss": 1.0, "loss1": 0.3, "loss2": 0.3}
    train = network.phase("TRAIN")
    assert list(train.outputs) == ["fc", "aux1", "aux2"]
    assert list(network.outputs) == ["fc"]
    label = train.inputs[1]
    assert (label.name, label.type.dtype, label.phase) == ("label", "int64", "TRAIN")
    assert [b.name for b in layer(network, "loss2").bottoms] == ["aux2.fc2", "label"]
    assert not any(isinstance(node.layer, BatchNorm) for node in network.nodes)


def test_googlenets_dropout() -> None:
    """Table 1 and section 5: 40% before the classifier, 70% in the auxiliary ones."""

    def ratios(name: str) -> dict[str, float]:
        layers = {node.path: node.layer for node in stock(name).nodes}
        return {p: each.dropout_ratio for p, each in layers.items() if isinstance(each, Dropout)}

    heads = {"aux1.dropout": 0.7, "aux2.dropout": 0.7}
    assert ratios("googlenet") == {**heads, "dropout": 0.4}
    assert ratios("googlenet_bn") == {**heads, "dropout": 0.2}


def test_googlenets_heads_read_4a_and_4d() -> None:
    network = stock("googlenet")
    first = {head: layer(network, f"{head}.avgpool") for head in ("aux1", "aux2")}
    assert {head: node.bottoms[0].name for head, node in first.items()} == {
        "aux1": "inception4a.concat",
        "aux2": "inception4d.concat",
    }
    assert [hwc(node) for node in first.values()] == [[4, 4, 512], [4, 4, 528]]


def test_plain_networks_add_nothing() -> None:
    def sums(name: str) -> int:
        return sum(isinstance(node.layer, Eltwise) for node in stock(name))

    assert (sums("plain20"), sums("resnet20"), sums("plain56"), sums("resnet56")) == (0, 9, 0, 27)


@pytest.mark.parametrize("name", ["resnet50", "resnet18", "vgg16", "resnext50_32x4d"])
def test_convolutions_are_filled_as_torchvisions(name: str) -> None:
    """Normal with the deviation sqrt(2 / fan out)."""
    kernels = [p for p in stock(name).parameters if len(p.shape) == 4]
    assert {(p.filler.type, p.filler.variance_norm) for p in kernels} == {("msra", "FAN_OUT")}


@pytest.mark.parametrize(("name", "place"), [("resnet50", "conv2"), ("resnet50_v1", "conv1")])
def test_where_a_bottleneck_strides(name: str, place: str) -> None:
    layers = {node.name: node.layer for node in within(stock(name), "layer3.0")}
    strides = {n: each.stride for n, each in layers.items() if isinstance(each, Convolution)}
    assert {n for n, stride in strides.items() if stride == 2} == {place, "0"}
