"""Train resnet20 with CIFAR-10.

Run it with python, or with torchrun to share each batch among processes. A run that was
stopped goes on where it was, exactly: its data depend on the seed, the epoch and the
index, what is drawn on the seed, the step and the process, the rate on the step.
Written by netspec 0.2.0 from resnet_cifar.yaml (sha256 ef2b8efac933) and recipe.yaml (sha256 9515c44f9b39).
"""

import argparse
import atexit
import csv
import gc
import math
import multiprocessing
import os
import random
import signal
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, Dataset

from net import CifarResNet

SEED = 1
BATCH = 128  # items of a pass, over all processes
STEPS = 64000
WORKERS = 2  # processes that read ahead
TRAIN = "cifar-10-batches-bin"  # the folder of the files
TRAIN_FILES = (
    "data_batch_1.bin",
    "data_batch_2.bin",
    "data_batch_3.bin",
    "data_batch_4.bin",
    "data_batch_5.bin",
)
TEST_FILES = ("test_batch.bin",)
ARCHIVE = "cifar-10-binary.tar.gz"
RECORD = 3073  # bytes
HEIGHT = 32  # of what the network sees
WIDTH = 32
MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.247, 0.2435, 0.2616)
PAD = 4

BASE_LR = 0.1
GAMMA = 0.1
STEPVALUES = (32000, 48000)
MOMENTUM = 0.9
WEIGHT_DECAY = 0.0001

TEST_EVERY = 500
FIGURES = ("loss", "accuracy")

RANK, WORLD = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
DEVICE = torch.device("cpu")
if torch.cuda.is_available():
    DEVICE = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def seed(*key: str | int) -> int:
    """A seed for everything that is random, by what it is for."""
    return random.Random(repr((SEED, *key))).getrandbits(63)


def rate(step: int) -> float:
    """The learning rate of a step, counted from 0."""
    return BASE_LR * GAMMA ** sum(step >= each for each in STEPVALUES)


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


def part(image: Image.Image, left: int, top: int) -> Image.Image:
    """A part of the network's size; what is beyond the border is black."""
    return image.crop((left, top, left + WIDTH, top + HEIGHT))


def pixels(image: Image.Image) -> Tensor:
    """The pixels of an image, channels first."""
    values = torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8)
    return values.view(HEIGHT, WIDTH, 3).permute(2, 0, 1)


def augmented(image: Image.Image, draw: random.Random) -> Tensor:
    """What training sees of an image, as it is drawn."""
    left = draw.randint(-PAD, image.width + PAD - WIDTH)
    top = draw.randint(-PAD, image.height + PAD - HEIGHT)
    image = part(image, left, top)
    if draw.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return pixels(image)


def normalised(images: Tensor) -> Tensor:
    """The values of pixels as the network takes them."""
    mean = torch.tensor(MEAN).view(-1, 1, 1)
    std = torch.tensor(STD).view(-1, 1, 1)
    return (images / 255 - mean) / std


class Cifar(Dataset[list[Tensor]]):
    """CIFAR-10's binary files: records of a label and an image."""

    def __init__(self, folder: Path, train: bool) -> None:
        found = bytearray()
        for name in TRAIN_FILES if train else TEST_FILES:
            try:
                data = (folder / name).read_bytes()
            except OSError as error:
                told = f"can't read {folder / name}: {error.strerror}"
                raise SystemExit(f"{told}; it's in {ARCHIVE}") from error
            if not data or len(data) % RECORD:
                told = f"{folder / name} is of {len(data)} bytes"
                raise SystemExit(f"{told}, and should be of records of {RECORD}")
            found += data
        records = torch.frombuffer(found, dtype=torch.uint8).view(-1, RECORD)
        self.images = records[:, 1:].view(-1, 3, 32, 32)
        self.labels = records[:, 0].to(torch.int64)
        self.train = train
        if self.labels.max() >= 10:
            told = f"{folder} has a label of {int(self.labels.max())}"
            raise SystemExit(f"{told}, and the set's are from 0 to 9")

    def __len__(self) -> int:
        return len(self.labels)

    def image(self, index: int) -> Image.Image:
        """An image as it is in the file."""
        return Image.fromarray(self.images[index].permute(1, 2, 0).numpy())

    def inputs(self, keys: list[tuple[int, int]]) -> Tensor:
        """The images of some epochs and indices, as the network takes them."""
        if not self.train:
            return normalised(self.images[[index for _, index in keys]])
        drawn = [random.Random(seed("image", *key)) for key in keys]
        seen = [
            augmented(self.image(index), draw)
            for (_, index), draw in zip(keys, drawn, strict=True)
        ]
        return normalised(torch.stack(seen))

    def __getitem__(self, keys: list[tuple[int, int]]) -> list[Tensor]:
        """A batch: the items of some epochs and indices."""
        labels = self.labels[[index for _, index in keys]]
        return [self.inputs(keys), labels]


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


ENDING = multiprocessing.RawValue("b", False)
"""Whether the run is at its end, where Python ends by SIGTERM what workers are left."""
atexit.register(setattr, ENDING, "value", True)


def ignore_signals(ending: Any, worker: int) -> None:
    """A signal to all of a run ends it after a step, for which the data must still come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0) if ending.value else None)


def read(items: Cifar, keys: Iterable[list[tuple[int, int]]]) -> Iterator[list[Tensor]]:
    """Batch after batch, read ahead by other processes."""
    loader = DataLoader(
        items,
        batch_size=None,  # the keys are of whole batches
        sampler=keys,
        num_workers=WORKERS,
        worker_init_fn=partial(ignore_signals, ENDING),
        generator=torch.Generator(),  # else it draws from the one of the network
    )
    yield from loader


def loss_of(model: nn.Module, batch: list[Tensor]) -> Tensor:
    """What is made smaller, as a mean over the batch."""
    data, label = batch
    given = model(data)
    return F.cross_entropy(given, label)


@torch.inference_mode()
def test(model: nn.Module, items: Cifar) -> dict[str, float]:
    """The figures of a test: means over its items, which the processes share."""
    model.eval()
    if WORLD > 1:  # the statistics of a BatchNorm are those of the first process
        for buffer in model.buffers():
            dist.broadcast(buffer, 0)
    count = len(items)
    sums = torch.zeros(len(FIGURES) + 1, dtype=torch.float64, device=DEVICE)
    asked = [
        [(0, index) for index in range(first, min(first + BATCH, count))]
        for first in range(BATCH * RANK, count, BATCH * WORLD)
    ]
    for keys, batch in zip(asked, read(items, asked), strict=True):
        data, label = [each.to(DEVICE) for each in batch]
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


def train(out: Path, folder: Path) -> int:
    """Train to the end or until a signal says to stop; gives the exit status."""
    if BATCH < WORLD:
        raise SystemExit(f"{WORLD} processes can't share a batch of {BATCH}")
    stops: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: stops.append(number))
    items = Cifar(folder / TRAIN, train=True)
    tests = Cifar(folder / TRAIN, train=False)
    steps = STEPS

    torch.manual_seed(seed("weights"))
    model = CifarResNet().to(DEVICE)
    if RANK == 0 and WORLD > 1:
        told = "BatchNorm takes the statistics of each process's share of a batch"
        print(f"{told}; `sync_batchnorm: true` has them shared", file=sys.stderr)
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
    loader = read(items, keys)
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
        if step % TEST_EVERY == 0 or step == steps:
            figures = test(model, tests)
            if RANK == 0:
                tell(out / "test.csv", {"step": step, **figures})
        if RANK == 0 and (stop or step == steps):
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
            write({**state, "step": step}, checkpoint)
    if stop and step < steps and RANK == 0:
        print(f"stopped after step {step}; the same command goes on", file=sys.stderr)
    return 128 + stop if step < steps else 0


def main() -> int:
    parser = argparse.ArgumentParser(description="Train CifarResNet.")
    parser.add_argument("--out", type=Path, default="run", help="the run's folder")
    parser.add_argument("--data", type=Path, default=".", help="where its data are")
    asked = parser.parse_args()
    if DEVICE.type == "cuda":
        torch.cuda.set_device(DEVICE)
    if WORLD > 1:
        dist.init_process_group("nccl" if DEVICE.type == "cuda" else "gloo")
    status = train(asked.out, asked.data)
    if WORLD > 1:
        gc.collect()  # what still holds the group could abort the process at its end
        dist.destroy_process_group()
    return status


if __name__ == "__main__":
    sys.exit(main())
