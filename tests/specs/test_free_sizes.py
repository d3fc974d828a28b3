"""Networks of free sizes, as PyTorch has them by hand or torchvision, in both targets."""

from itertools import pairwise
from pathlib import Path
from types import ModuleType

import numpy as np
import onnxruntime
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import netspec
from netspec.network import Network
from tests.specs.parity import theirs

MULTIPLES = [(1, 3), (3, 1), (3, 5), (5, 1), (7, 3)]


def double(before: int, channels: int, pad: int) -> nn.Sequential:
    layers = (
        ("conv1", nn.Conv2d(before, channels, 3, padding=pad)),
        ("relu1", nn.ReLU()),
        ("conv2", nn.Conv2d(channels, channels, 3, padding=pad)),
        ("relu2", nn.ReLU()),
    )
    made = nn.Sequential()
    for name, layer in layers:
        made.add_module(name, layer)
    return made


class UNet(nn.Module):
    """The paper's Figure 1, by hand; with `pad` 0 what is copied across is cropped."""

    def __init__(self, width: int, pad: int) -> None:
        super().__init__()
        widths = [width * 2**level for level in range(5)]
        self.downs = [double(1, width, pad)]
        self.downs += [double(a, b, pad) for a, b in pairwise(widths)]
        for level, down in enumerate(self.downs):
            self.add_module("lowest" if level == 4 else f"down{level + 1}", down)
        self.ups = []
        for level in range(4, 0, -1):
            up = nn.ConvTranspose2d(widths[level], widths[level - 1], 2, stride=2)
            conv = double(widths[level], widths[level - 1], pad)
            self.add_module(f"up{level}", nn.ModuleDict({"up": up, "conv": conv}))
            self.ups.append((up, conv))
        self.score = nn.Conv2d(width, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        skips = []
        for down in self.downs[:-1]:
            x = down(x)
            skips.append(x)
            x = F.max_pool2d(x, 2)
        x = self.downs[-1](x)
        for up, conv in self.ups:
            x, skip = up(x), skips.pop()
            top, left = ((skip.shape[axis] - x.shape[axis]) // 2 for axis in (2, 3))
            skip = skip[:, :, top : top + x.shape[2], left : left + x.shape[3]]
            x = conv(torch.cat((skip, x), 1))
        scores: Tensor = self.score(x)
        return scores


class Conv(nn.Module):
    def __init__(self, before: int, channels: int, kernel: int = 3, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, channels, kernel, stride, kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(self.bn(self.conv(x)), 0.1)


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = Conv(channels, channels // 2, 1), Conv(channels // 2, channels)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv2(self.conv1(x))
        return x + out


class Stage(nn.Module):
    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        self.conv = Conv(channels // 2, channels, stride=2)
        self.block = nn.Sequential(*(Residual(channels) for _ in range(depth)))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.block(self.conv(x))
        return out


class Head(nn.Module):
    def __init__(self, before: int, c: int) -> None:
        super().__init__()
        self.conv1, self.conv2, self.conv3 = Conv(before, c, 1), Conv(c, 2 * c), Conv(2 * c, c, 1)
        self.conv4, self.features = Conv(c, 2 * c), Conv(2 * c, c, 1)
        self.conv6, self.found = Conv(c, 2 * c), nn.Conv2d(2 * c, 255, 1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.features(self.conv4(self.conv3(self.conv2(self.conv1(x)))))
        return x, self.found(self.conv6(x))


class Finer(nn.Module):
    def __init__(self, before: int, channels: int) -> None:
        super().__init__()
        self.conv = Conv(before, channels, 1)

    def forward(self, coarse: Tensor, fine: Tensor) -> Tensor:
        x = F.interpolate(self.conv(coarse), scale_factor=2)
        return torch.cat((x, fine), 1)


class YOLOv3(nn.Module):
    """Darknet-53 of the paper's Table 1, and its three heads."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = Conv(3, 32)
        self.stage1, self.stage2, self.stage3 = Stage(64, 1), Stage(128, 2), Stage(256, 8)
        self.stage4, self.stage5 = Stage(512, 8), Stage(1024, 4)
        self.head1, self.finer2 = Head(1024, 512), Finer(512, 256)
        self.head2, self.finer3 = Head(768, 256), Finer(256, 128)
        self.head3 = Head(384, 128)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        stage3 = self.stage3(self.stage2(self.stage1(self.conv(x))))
        stage4 = self.stage4(stage3)
        features, found1 = self.head1(self.stage5(stage4))
        features, found2 = self.head2(self.finer2(features, stage4))
        _, found3 = self.head3(self.finer3(features, stage3))
        return {"head1.found": found1, "head2.found": found2, "head3.found": found3}


def compare(network: Network, by_hand: nn.Module, factor: int, more: int, path: Path) -> None:
    """Same weights, same numbers, at odd multiples and, in each way, nothing else."""
    torch.manual_seed(0)
    model = network.to_torch().eval()
    for buffer in model.buffers():
        if buffer.is_floating_point():
            buffer.copy_(torch.rand_like(buffer) + 0.5)
    by_hand.load_state_dict(model.state_dict())
    assert list(by_hand.state_dict()) == list(model.state_dict())
    network.to_onnx(path, weights=model)
    session = onnxruntime.InferenceSession(path)
    channels = network.inputs[0].shape[1]
    assert isinstance(channels, int)
    by_hand.eval()
    for height, width in MULTIPLES:
        x = torch.randn(1, channels, factor * height + more, factor * width + more)
        with torch.no_grad():
            made, wanted = model(x), by_hand(x)
        expected = wanted if isinstance(wanted, dict) else {"score": wanted}
        found = made if isinstance(made, dict) else dict.fromkeys(expected, made)
        exported = dict(zip(expected, session.run(None, {"data": x.numpy()}), strict=True))
        for name, value in expected.items():
            assert torch.equal(found[name], value)
            scale = float(value.abs().max())
            assert np.abs(exported[name] - value.numpy()).max() < 1e-5 * max(scale, 1)


def test_unet(tmp_path: Path) -> None:
    network = netspec.load("unet", channels=6)
    assert str(network.outputs["score"]) == "N×2×16*H×16*W"
    compare(network, UNet(6, pad=1), 16, 0, tmp_path / "unet.onnx")


def test_unet_without_padding_at_any_size(tmp_path: Path) -> None:
    """At 16·n + 12 nothing is cut off before a pooling, as the paper asks."""
    network = netspec.load("unet_unpadded", channels=4, inputs={"data": ["N", 1, "H", "W"]})
    compare(network, UNet(4, pad=0), 16, 172, tmp_path / "unet.onnx")


def test_the_papers_unet() -> None:
    """Figure 1's sizes, and section 2: "In total the network has 23 convolutional layers"."""
    network = netspec.load("unet_unpadded")
    assert str(network.outputs["score"]) == "N×2×388×388"
    sides = [
        node.tops[0].shape[2] for node in network if "Conv" in node.type or "conv" in node.type
    ]
    assert sides == [
        *(570, 568, 282, 280, 138, 136, 66, 64, 30, 28),
        *(56, 54, 52, 104, 102, 100, 200, 198, 196, 392, 390, 388, 388),
    ]
    assert len(sides) == 23
    by_hand = UNet(64, pad=0)
    assert network.params == sum(each.numel() for each in by_hand.parameters())


def test_yolov3(tmp_path: Path) -> None:
    network = netspec.load("yolov3")
    assert [str(shape) for shape in network.outputs.values()] == [
        "N×255×H×W",
        "N×255×2*H×2*W",
        "N×255×4*H×4*W",
    ]
    compare(network, YOLOv3(), 32, 0, tmp_path / "yolov3.onnx")


@pytest.mark.parametrize(("name", "channels", "multiple"), [("unet", 1, 16), ("yolov3", 3, 32)])
def test_other_sizes_are_refused(name: str, channels: int, multiple: int) -> None:
    with pytest.raises(netspec.SpecError, match=f"`data` has a multiple of {multiple} elements"):
        netspec.load(name, inputs={"data": [1, channels, 64, 72]})


@pytest.mark.parametrize(
    "name",
    [
        "lraspp_mobilenet_v3_large",
        pytest.param("deeplabv3_mobilenet_v3_large", marks=pytest.mark.slow),
        pytest.param("fcn_resnet50", marks=pytest.mark.slow),
    ],
)
def test_torchvisions_segmentation(models: ModuleType, name: str, tmp_path: Path) -> None:
    network = netspec.load(name)
    assert {str(shape) for shape in network.outputs.values()} == {"N×21×H×W"}
    compare(network, theirs(models, name), 1, 31, tmp_path / "net.onnx")
