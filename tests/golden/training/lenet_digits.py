"""Train LeNet with scikit-learn's digits, of 8 x 8 pixels.

Run it with python, or with torchrun to share each batch among processes. A run that was
stopped goes on where it was, exactly: its data depend on the seed, the epoch and the
index, what is drawn on the seed, the step and the process, the rate on the step.
Written by netspec 0.2.0 from lenet.yaml (sha256 c6ae1e7ebe1b) and recipe.yaml (sha256 df0418dad6f2).
"""

import argparse
import csv
import gc
import math
import os
import random
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from net import LeNet

SEED = 1
BATCH = 64  # items of a pass, over all processes
EPOCHS = 12

BASE_LR = 0.01
GAMMA = 0.0001
POWER = 0.75
MOMENTUM = 0.9
WEIGHT_DECAY = 0.0005

SHOW_EVERY = 20  # steps, as below
TEST_EVERY = 100
FIGURES = ("loss", "accuracy")
SAVE_EVERY = 100

RANK, WORLD = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
DEVICE = torch.device("cpu")
if torch.cuda.is_available():
    DEVICE = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def seed(*key: str | int) -> int:
    """A seed for everything that is random, by what it is for."""
    return random.Random(repr((SEED, *key))).getrandbits(63)


def rate(step: int) -> float:
    """The learning rate of a step, counted from 0."""
    return BASE_LR * (1 + GAMMA * step) ** -POWER


class SGD(torch.optim.Optimizer):
    """As Caffe's: momentum holds the rates of its time. PyTorch's is multiplied by the newest."""

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                if p not in self.state:
                    self.state[p]["update"] = torch.zeros_like(p)
                update = self.state[p]["update"]
                grad = p.grad.add(p, alpha=group["weight_decay"])
                update.mul_(MOMENTUM).add_(grad, alpha=group["lr"])
                p.sub_(update)


class Digits:
    """Those of scikit-learn, of which every sixth is for tests."""

    def __init__(self, train: bool) -> None:
        digits = load_digits()
        chosen = (torch.arange(len(digits.target)) % 6 < 5) == train
        images = torch.tensor(digits.images, dtype=torch.float32)
        images = images[chosen].unsqueeze(1) / 16
        self.images = F.interpolate(images, size=(28, 28), mode="bilinear")
        self.labels = torch.tensor(digits.target)[chosen]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, keys: list[tuple[int, int]]) -> list[Tensor]:
        """A batch: the items of some epochs and indices."""
        indices = [index for _, index in keys]
        return [self.images[indices], self.labels[indices]]


def batches(count: int, first: int, last: int) -> Iterator[list[tuple[int, int]]]:
    """The epochs and indices of this process's items, for passes first to last.

    Epoch follows epoch without a gap, so that all passes are of one size.
    """
    epoch, order = -1, [*range(count)]
    for number in range(first, last):
        keys = []
        start = number * BATCH + BATCH * RANK // WORLD
        for at in range(start, number * BATCH + BATCH * (RANK + 1) // WORLD):
            if at // count != epoch:
                epoch = at // count
                generator = torch.Generator().manual_seed(seed("order", epoch))
                order = torch.randperm(count, generator=generator).tolist()
            keys.append((epoch, order[at % count]))
        yield keys


def loss_of(model: nn.Module, batch: list[Tensor]) -> Tensor:
    """What is made smaller, as a mean over the batch."""
    data, label = batch
    given = model(data)
    return F.cross_entropy(given, label)


@torch.inference_mode()
def test(model: nn.Module, items: Digits) -> dict[str, float]:
    """The figures of a test: means over its items, which the processes share."""
    model.eval()
    count = len(items)
    sums = torch.zeros(len(FIGURES) + 1, dtype=torch.float64, device=DEVICE)
    for first in range(BATCH * RANK, count, BATCH * WORLD):
        keys = [(0, index) for index in range(first, min(first + BATCH, count))]
        data, label = [each.to(DEVICE) for each in items[keys]]
        given = model(data)
        means = [
            F.cross_entropy(given, label),
            (given.argmax(1) == label).float().mean(),
        ]
        sums += len(keys) * torch.tensor([*means, 1.0], device=DEVICE)
    if WORLD > 1:
        dist.all_reduce(sums)
    model.train()
    return dict(zip(FIGURES, (sums[:-1] / sums[-1]).tolist(), strict=True))


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What keeps a path from being written ends the run."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        raise SystemExit(f"can't write {path}: {error}") from error


def write(state: dict[str, Any], path: Path) -> None:
    """Put a file in its place whole, or leave the one that is there."""
    aside = path.with_suffix(".tmp")
    with writing(path):
        with aside.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)


def tell(path: Path, row: dict[str, Any], last: bool = True) -> None:
    """Show figures, on a terminal the next in their place, and add them to a table."""
    shown = ", ".join(
        f"{name} {value:.6g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in row.items()
    )
    if sys.stdout.isatty():
        print(f"{shown:79}", end="\n" if last else "\r", flush=True)
    else:
        print(shown, flush=True)
    with writing(path), path.open("a", newline="") as file:
        table = csv.DictWriter(file, [*row])
        if not file.tell():
            table.writeheader()
        table.writerow(row)


def forget(path: Path, step: int) -> None:
    """Drop the rows of a table behind a step: a killed run tells more than it saves."""
    if path.exists():
        header, *rows = [*csv.reader(path.read_text().splitlines())] or [[]]
        kept = [row for row in rows if len(row) == len(header) and int(row[0]) <= step]
        with writing(path), path.open("w", newline="") as file:
            csv.writer(file).writerows([header, *kept] if kept else [])


def train(out: Path) -> int:
    """Train to the end or until a signal says to stop; gives the exit status."""
    if BATCH < WORLD:
        raise SystemExit(f"{WORLD} processes can't share a batch of {BATCH}")
    stops: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: stops.append(number))
    items = Digits(train=True)
    tests = Digits(train=False)
    steps = math.ceil(EPOCHS * len(items) / BATCH)

    torch.manual_seed(seed("weights"))
    model = LeNet().to(DEVICE)
    groups = model.param_groups(1.0, WEIGHT_DECAY)
    scales = [group["lr"] for group in groups]
    optimizer = SGD(groups, {})
    step, checkpoint = 0, out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        model.load_state_dict(state["model"])
        old, own = state["optimizer"], optimizer.state_dict()
        if [*map(set, old["param_groups"])] != [*map(set, own["param_groups"])]:
            raise SystemExit(f"{checkpoint} is of another optimizer")
        optimizer.load_state_dict({**own, "state": old["state"]})  # not the rates
        step = state["step"]
    if RANK == 0:
        with writing(out):
            out.mkdir(parents=True, exist_ok=True)
        forget(out / "log.csv", step or -1)
        forget(out / "test.csv", step or -1)
    parallel = DistributedDataParallel(model) if WORLD > 1 else model
    keys = batches(len(items), step, steps)
    loader = map(items.__getitem__, keys)
    if step == 0:
        figures = test(model, tests)
        if RANK == 0:
            tell(out / "test.csv", {"step": step, **figures})

    if step >= steps and RANK == 0:
        print(f"the run is at its end: step {step} of {steps}", file=sys.stderr)
    stop = 0
    while step < steps and not stop:
        drawn = seed("step", step, RANK)
        torch.default_generator.manual_seed(drawn)
        if DEVICE.type == "cuda":
            torch.cuda.manual_seed(drawn)
        lr = rate(step)
        for group, scale in zip(optimizer.param_groups, scales, strict=True):
            group["lr"] = lr * scale
        optimizer.zero_grad()
        batch = [each.to(DEVICE) for each in next(loader)]
        loss = loss_of(parallel, batch)
        if WORLD > 1:  # the mean of all is taken, whose shares may differ in size
            loss = loss * (len(batch[0]) * WORLD / BATCH)
        loss.backward()
        optimizer.step()
        step += 1

        told = [loss.item() / WORLD, signal.SIGINT in stops, signal.SIGTERM in stops]
        if WORLD > 1:
            shared = torch.tensor(told, dtype=torch.float64, device=DEVICE)
            dist.all_reduce(shared)
            told = shared.tolist()
        if not math.isfinite(told[0]):
            raise SystemExit(f"step {step}: the loss is {told[0]}")
        stop = int(signal.SIGINT if told[1] else signal.SIGTERM if told[2] else 0)
        if RANK == 0 and (step % SHOW_EVERY == 0 or step == steps):
            epoch = step * BATCH / len(items)
            row = {"step": step, "epoch": f"{epoch:.2f}", "lr": lr, "loss": told[0]}
            tell(out / "log.csv", row, last=step == steps or stop > 0)
        if step % TEST_EVERY == 0 or step == steps:
            figures = test(model, tests)
            if RANK == 0:
                tell(out / "test.csv", {"step": step, **figures})
        if RANK == 0 and (stop or step % SAVE_EVERY == 0 or step == steps):
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
            write({**state, "step": step}, checkpoint)
    if stop and step < steps and RANK == 0:
        print(f"stopped after step {step}; the same command goes on", file=sys.stderr)
    return 128 + stop if step < steps else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Train LeNet.")
    parser.add_argument("--out", type=Path, default="run", help="the run's folder")
    asked = parser.parse_args()
    if DEVICE.type == "cuda":
        torch.cuda.set_device(DEVICE)
    if WORLD > 1:
        dist.init_process_group("nccl" if DEVICE.type == "cuda" else "gloo")
    status = train(asked.out)
    if WORLD > 1:
        gc.collect()  # what still holds the group could abort the process at its end
        dist.destroy_process_group()
    return status


if __name__ == "__main__":
    sys.exit(main())
