"""Tiny data of each format of images, and networks that take them."""

import gzip
import struct
from pathlib import Path

import numpy as np
from PIL import Image

SPEC = """\
netspec: 1
name: Net
inputs: {{x: [N, {channels}, {side}, {side}]}}
layers:
  - {{name: conv, type: Convolution, num_output: 4, kernel_size: 3, stride: 2}}
  - {{name: pool, type: Pooling, pool: AVE, global_pooling: true}}
  - {{name: fc, type: InnerProduct, num_output: {classes}}}
"""
RECIPE = """\
recipe: 1
batch_size: 4
loss: {fc: {}}
base_lr: 0.1
lr_policy: fixed
max_iter: 5
snapshot: 1
seed: 5
"""


def spec(channels: int, side: int, classes: int) -> str:
    return SPEC.format(channels=channels, side=side, classes=classes)


def drawn(*shape: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def write_folder(folder: Path, count: int = 3, mode: str = "RGB", side: int = 12) -> Path:
    """Two classes of some images each, one of them in a folder within."""
    for label, name in enumerate(("cat", "ant")):
        (folder / name / "more").mkdir(parents=True)
        for number in range(count):
            image = Image.fromarray(drawn(2, count, side, side, 3)[label, number]).convert(mode)
            inner = "more" if number == 1 else "."
            image.save(folder / name / inner / f"{number}.png")
    return folder


def write_cifar10(folder: Path, count: int = 3) -> None:
    for name in (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"):
        records = drawn(count, 3073)
        records[:, 0] = np.arange(count) % 10
        (folder / name).write_bytes(records.tobytes())


def write_cifar100(folder: Path, count: int = 6) -> None:
    for name in ("train.bin", "test.bin"):
        records = drawn(count, 3074)
        records[:, 0], records[:, 1] = 7, np.arange(count) * 19 % 100
        (folder / name).write_bytes(records.tobytes())


def write_mnist(folder: Path, count: int = 6) -> None:
    """The images plain, the labels packed."""
    for name in ("train", "t10k"):
        images = struct.pack(">4I", 2051, count, 28, 28) + drawn(count, 28, 28).tobytes()
        (folder / f"{name}-images-idx3-ubyte").write_bytes(images)
        labels = struct.pack(">2I", 2049, count) + bytes(range(count))
        packed = gzip.compress(labels)
        (folder / f"{name}-labels-idx1-ubyte.gz").write_bytes(packed)


def write_coloured_cifar10(folder: Path, count: int) -> None:
    """Files of so many images each, whose class is the colour of their noise."""
    generator = np.random.default_rng(0)
    colours = np.array([60, 128, 196])[np.arange(10)[:, None, None] // [[1], [3], [9]] % 3]
    for name in (*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"):
        labels = np.arange(count) % 10
        noise = generator.integers(-40, 40, (count, 3, 1024))
        images = (colours[labels] + noise).reshape(count, 3072)
        records = np.concatenate([labels[:, None], images], axis=1).astype(np.uint8)
        (folder / name).write_bytes(records.tobytes())
