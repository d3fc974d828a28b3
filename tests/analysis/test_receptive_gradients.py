"""Receptive fields beside those that gradients show.

Networks are drawn of convolutions, dilated and transposed ones, averages, upsamplings and branches,
with positive weights in double precision, so that no part of a window cancels another. A place in
the middle of the image then has a gradient at the ends of its window, and nowhere beyond.
"""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

import netspec
from netspec.analysis.receptive import ReceptiveField, receptive_fields
from netspec.graph import Size

torch = pytest.importorskip("torch")

SIZES = (128, 256, 512, 1024)


class Drawing:
    """The layers of a network, one behind the other."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.layers: list[dict[str, Any]] = []
        self.last = "data"
        self.stride = 1.0
        self.thirds = 0

    def add(self, type: str, bottom: str | list[str] | None = None, **fields: Any) -> str:
        name = f"l{len(self.layers)}"
        read = bottom or self.last
        self.layers.append({"name": name, "type": type, "bottom": read, **fields})
        self.last = name
        return name

    def pair(self, *choice: int) -> list[int]:
        return [self.random.choice(choice), self.random.choice(choice)]

    def convolution(self, bottom: str | None = None, **fields: Any) -> str:
        return self.add("Convolution", bottom, num_output=2, bias_term=False, **fields)

    def convolve(self) -> None:
        self.convolution(
            kernel_size=self.pair(1, 2, 3, 5),
            pad=self.pair(0, 1, 2),
            dilation=self.pair(1, 1, 2, 3),
            stride=self.step(),
        )

    def pool(self) -> None:
        rounding = self.random.choice(["FLOOR", "CEIL"])
        self.add(
            "Pooling",
            pool="AVE",
            kernel_size=self.pair(2, 3),
            stride=self.step(),
            round_mode=rounding,
        )

    def step(self) -> int:
        stride = self.random.choice([1, 2]) if self.stride < 8 else 1
        self.stride *= stride
        return stride

    @property
    def turn(self) -> int:
        """After so many places windows repeat: they are looked at until then."""
        return 24 if self.thirds else 8

    def three(self) -> int:
        """Three once, then two: else windows would repeat late."""
        self.thirds += 1
        return 3 if self.thirds == 1 else 2

    def transpose(self) -> None:
        stride = self.random.choice([1, 2, self.three()])
        self.stride /= stride
        self.add(
            "Deconvolution",
            num_output=2,
            bias_term=False,
            kernel_size=self.pair(stride, stride + 1, stride + 2),
            stride=stride,
            pad=self.pair(0, 1),
            dilation=self.pair(1, 1, 2) if stride % 2 else 1,  # others leave holes
        )

    def upsample(self) -> None:
        scale, mode = (
            self.random.choice([2, self.three()]),
            self.random.choice(["NEAREST", "BILINEAR"]),
        )
        self.stride /= scale
        self.add("Upsample", scale=scale, mode=mode)

    def branch(self) -> None:
        bottom, stride = self.last, self.step()
        ends = []
        for _ in range(2):
            kernel, dilation = self.random.choice([1, 3, 5]), self.random.choice([1, 2])
            pad = dilation * (kernel - 1) // 2
            ends.append(
                self.convolution(
                    bottom, kernel_size=kernel, dilation=dilation, pad=pad, stride=stride
                )
            )
        self.add(self.random.choice(["Eltwise", "Concat"]), ends)

    def shuffle(self) -> None:
        self.convolution(kernel_size=1, pad=0)
        self.layers[-1]["num_output"] = 8
        self.stride /= 2
        self.add("PixelShuffle", upscale_factor=2)

    def hourglass(self) -> None:
        """Half the size and back, beside what isn't halved: a U-Net's step."""
        bottom = self.last
        self.add("Pooling", pool="AVE", kernel_size=2, stride=2)
        self.convolution(kernel_size=3, pad=1)
        up = self.add("Deconvolution", num_output=2, bias_term=False, kernel_size=2, stride=2)
        kept = self.add("Crop", [bottom, up])
        self.add("Concat", [kept, up])

    def shift(self) -> None:
        self.add("Pad", pad=[self.pair(0, 1, 3), self.pair(0, 2)])

    def text(self, size: int) -> str:
        inputs = {"data": [1, 2, size, size + 3]}
        spec = {"netspec": 1, "name": "drawn", "inputs": inputs, "layers": self.layers}
        return json.dumps(spec)


def draw(seed: int) -> Drawing:
    drawing = Drawing(seed)
    steps = [
        drawing.convolve,
        drawing.convolve,
        drawing.pool,
        drawing.transpose,
        drawing.upsample,
        drawing.branch,
        drawing.hourglass,
        drawing.shuffle,
        drawing.shift,
    ]
    for _ in range(drawing.random.randrange(3, 7)):
        step = drawing.random.choice(steps)
        if drawing.stride > 1 / 3 or step in (drawing.convolve, drawing.pool, drawing.branch):
            step()
    return drawing


def middle(size: Size, turn: int) -> int:
    """The place before the middle at which a turn begins."""
    assert isinstance(size, int)
    return (size - turn) // 2 // turn * turn


Ends = list[tuple[int, int]]
"""The first and the last element that a place depends on, along height and width."""


def windows_by_gradient(net: netspec.Network, turn: int) -> Iterator[tuple[list[int], Ends]]:
    """Places in the middle, until windows repeat, each with what it depends on."""
    module = net.to_torch().double()
    with torch.no_grad():
        for weight in module.parameters():
            weight.uniform_(0.5, 1.0)
    (blob,) = net.inputs
    data = torch.rand(blob.shape.sizes, dtype=torch.float64, requires_grad=True)
    top = module(data).sum(dim=(0, 1))
    for number in range(turn):
        place = [middle(size, turn) + number for size in top.shape]
        (gradient,) = torch.autograd.grad(top[tuple(place)], data, retain_graph=True)
        marks = [gradient[0].sum(dim=(0, 2 - axis)).nonzero() for axis in (0, 1)]
        yield place, [(int(mark.min()), int(mark.max())) for mark in marks]


def network(drawing: Drawing) -> tuple[netspec.Network, ReceptiveField]:
    """The network on an image in whose middle whole windows lie, and its last field."""
    for size in SIZES:
        net = netspec.loads(drawing.text(size))
        field = receptive_fields(net)[drawing.last]
        (top,) = net.outputs.values()
        if all(
            lies_within(size, middle(count, drawing.turn), drawing.turn, *facts)
            for count, *facts in zip(top[2:], field.size, field.stride, field.start, strict=True)
        ):
            return net, field
    raise AssertionError("no size is large enough")


def lies_within(size: int, place: int, turn: int, window: Any, stride: Any, start: Any) -> bool:
    first, last = start + place * stride, start + (place + turn) * stride + window
    return bool(first > 0 and last < size)


@pytest.mark.parametrize("seed", range(20))
def test_gradients_show_the_same(seed: int) -> None:
    drawing = draw(seed)
    net, field = network(drawing)
    windows = [*windows_by_gradient(net, drawing.turn)]
    for axis in (0, 1):
        sizes = [ends[axis][1] - ends[axis][0] + 1 for _, ends in windows]
        assert max(sizes) == field.size[axis]
        stride, start = field.stride[axis], field.start[axis]
        assert stride is not None
        assert start is not None
        place, ends = windows[0]
        assert ends[axis][0] == start + place[axis] * stride
