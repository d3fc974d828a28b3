"""What share of a training step waits for its data, beside torchvision's loader on the same files.

Each row trains a network for some steps on files drawn for it: ResNet-20 with CIFAR's crops and
flips, read between steps and by two processes ahead of them; ResNet-18 with a folder of JPEGs of
about ImageNet's size, two processes each, by netspec's script and by a loop with torchvision's
ImageFolder and PyTorch's DataLoader. `wait` is the share of the time from the second step on in
which the loop has no batch; `alone` are images a second of the loader without a network.

Usage: training_data.py [--steps N] [--batch N] [--threads N]
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader

import netspec
from netspec.diagnostics import SourceText
from netspec.lower.training import to_script
from netspec.recipes.files import recipe_in

CIFAR = """\
data: {format: cifar10, train: ., mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616]}
augment: {pad: 4, flip: true}
"""
FOLDER = """\
data: {format: folder, train: images, resize: 256, mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225]}
augment: {crop: true, flip: true}
"""
COMMON = "recipe: 1\nloss: {fc: {}}\nbase_lr: 0.01\nlr_policy: fixed\nmax_iter: 1000000\nseed: 1\n"
WORKERS = 2
ROUNDS = 3
"""Of loaders without a network, in turn."""


def write_data(folder: Path, classes: int, images: int) -> None:
    """CIFAR's files, and a folder of photographs' size, smooth with some noise as those are."""
    generator = np.random.default_rng(0)
    for number in range(1, 6):
        records = generator.integers(0, 256, (2000, 3073), dtype=np.uint8)
        records[:, 0] %= 10
        (folder / f"data_batch_{number}.bin").write_bytes(records.tobytes())
    for label in range(classes):
        (folder / "images" / f"{label}").mkdir(parents=True)
        for number in range(images // classes):
            few = generator.integers(0, 256, (12, 16, 3), dtype=np.uint8)
            image = Image.fromarray(few).resize((500, 375), Image.Resampling.BICUBIC)
            noisy = np.asarray(image) + generator.normal(0, 8, (375, 500, 3))
            image = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
            image.save(folder / "images" / f"{label}" / f"{number}.jpg", quality=90)


def of_script(network: netspec.Network, recipe: str, folder: Path, name: str) -> tuple[Any, Any]:
    """The batches of a recipe's script, without an end, and its loss of a batch."""
    made = ModuleType("net")
    exec(network.to_source(), made.__dict__)
    sys.modules["net"] = made
    script = ModuleType("train")
    exec(to_script(network, recipe_in(SourceText("recipe.yaml", recipe))), script.__dict__)
    items = script.__dict__[name](folder, True)
    keys = script.__dict__["batches"](len(items), 0, 1_000_000)
    read = script.__dict__.get("read", lambda items, keys: map(items.__getitem__, keys))
    return iter(read(items, keys)), script.__dict__["loss_of"]


def of_torchvision(folder: Path, batch: int) -> Iterator[list[torch.Tensor]]:
    """The batches of torchvision's ImageFolder with the same crops and flips."""
    # Its import asks about two operators that it needn't have.
    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        with suppress(RuntimeError):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    from torchvision import transforms
    from torchvision.datasets import ImageFolder

    seen = transforms.Compose(
        [
            transforms.Resize(256),
            transforms.RandomCrop(224),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        ]
    )
    items = ImageFolder(folder, seen)
    sampler = torch.utils.data.RandomSampler(items, replacement=True, num_samples=10_000_000)
    yield from DataLoader(items, batch, sampler=sampler, num_workers=WORKERS, drop_last=True)


def trained(model: torch.nn.Module, batches: Any, loss_of: Any, steps: int) -> tuple[float, float]:
    """Milliseconds of a step, and the share of them that waits for the batch."""
    optimizer = torch.optim.SGD(model.parameters(), 0.01, momentum=0.9)
    waited = 0.0
    for step in range(steps + 1):
        if step == 1:
            start, waited = time.perf_counter(), 0.0
        asked = time.perf_counter()
        batch = next(batches)
        waited += time.perf_counter() - asked
        optimizer.zero_grad()
        loss = loss_of(model, batch)
        loss.backward()
        optimizer.step()
        loss.item()
    whole = time.perf_counter() - start
    return 1000 * whole / steps, waited / whole


def alone(batches: Any, batch: int, seconds: float = 3.0) -> float:
    """Images a second without a network, once what was read ahead is gone."""
    for _ in range(2 * WORKERS + 1):
        next(batches)
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        next(batches)
        count += batch
    return count / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--steps", type=int, default=12, help="that are timed")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch in the main process")
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    small, large = netspec.load("resnet20"), netspec.load("resnet18", num_classes=10)
    head = f"{COMMON}batch_size: {asked.batch}\n"
    workers = f"workers: {WORKERS}\n"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_data(folder, 10, 200)
        cifar = of_script(small, head + CIFAR, folder, "Cifar")
        ahead = of_script(small, head + CIFAR + workers, folder, "Cifar")
        images = of_script(large, head + FOLDER + workers, folder / "images", "Images")
        theirs = of_torchvision(folder / "images", asked.batch), images[1]
        rows = {
            "resnet20, CIFAR": (small, *cifar),
            "resnet20, CIFAR, 2 ahead": (small, *ahead),
            "resnet18, JPEGs, 2 ahead": (large, *images),
            "resnet18, torchvision, 2 ahead": (large, *theirs),
        }
        steps = [
            trained(net.to_torch(), batches, loss_of, asked.steps)
            for net, batches, loss_of in rows.values()
        ]
        rounds = [[alone(each, asked.batch) for _, each, _ in rows.values()] for _ in range(ROUNDS)]
    print(f"{'':32} {'step ms':>8} {'wait':>6} {'alone':>8}")
    for title, (step, wait), rates in zip(rows, steps, zip(*rounds, strict=True), strict=True):
        print(f"{title:32} {step:8.0f} {wait:6.1%} {median(rates):8.0f}")


if __name__ == "__main__":
    main()
