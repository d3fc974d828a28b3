"""Train LeNet with scikit-learn's digits, of 8 x 8 pixels.

It runs in one process. `--resume` goes on from a checkpoint, with the data, the rate
and what is random of the next step. Lightning's own ways are left as they are: a signal
ends it without a checkpoint, with status 0 for SIGTERM.
Written by netspec 0.2.0 from lenet.yaml (sha256 c6ae1e7ebe1b) and recipe.yaml (sha256 df0418dad6f2).
"""

import argparse
import math
import os
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import lightning as L
import torch
import torch.nn.functional as F
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.utils.data import DataLoader

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


def seed(*key: str | int) -> int:
    """A seed for everything that is random, by what it is for."""
    return random.Random(repr((SEED, *key))).getrandbits(63)


def rate(step: int) -> float:
    """The learning rate of a step, counted from 0."""
    return BASE_LR * (1 + GAMMA * step) ** -POWER


class SGD(torch.optim.Optimizer):
    """As Caffe's: momentum holds the rates of its time. PyTorch's is multiplied by the newest."""

    @torch.no_grad()
    def step(self, closure: Callable[[], Any]) -> None:  # type: ignore[override]
        with torch.enable_grad():
            closure()  # in which Lightning computes gradients
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
    """The epochs and indices of the items of batches first to last.

    Epoch follows epoch without a gap, so that all batches are of one size.
    """
    epoch, order = -1, [*range(count)]
    for number in range(first, last):
        keys = []
        for at in range(number * BATCH, (number + 1) * BATCH):
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


def figures_of(model: nn.Module, batch: list[Tensor]) -> dict[str, Tensor]:
    """The figures of a test, as means over the batch."""
    data, label = batch
    given = model(data)
    means = [F.cross_entropy(given, label), (given.argmax(1) == label).float().mean()]
    return dict(zip(FIGURES, means, strict=True))


class Data(L.LightningDataModule):
    """The data, as one epoch of Lightning's: the data's own follow each other in it."""

    def __init__(self) -> None:
        super().__init__()
        items = Digits(train=True)
        tests = Digits(train=False)
        self.tests = tests
        self.items = items
        self.steps = math.ceil(EPOCHS * len(items) / BATCH)

    def train_dataloader(self) -> DataLoader[Any]:
        assert self.trainer is not None
        done = self.trainer.global_step  # of a run that goes on
        keys = batches(len(self.items), done, self.steps)
        return self.load(self.items, keys)

    def val_dataloader(self) -> DataLoader[Any]:
        count = len(self.tests)
        keys = [
            [(0, index) for index in range(first, min(first + BATCH, count))]
            for first in range(0, count, BATCH)
        ]
        return self.load(self.tests, keys)

    def load(
        self, items: Any, keys: Iterable[list[tuple[int, int]]]
    ) -> DataLoader[Any]:
        return DataLoader(
            items,
            batch_size=None,  # the keys are of whole batches
            sampler=keys,
            generator=torch.Generator(),  # else it draws from the one of the network
        )


class Training(L.LightningModule):
    """The network, and how it is trained."""

    def __init__(self, count: int, steps: int) -> None:
        super().__init__()
        self.count, self.steps = count, steps  # of items, and of the whole run
        torch.manual_seed(seed("weights"))
        self.model = LeNet()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        groups = self.model.param_groups(1.0, WEIGHT_DECAY)
        self.scales = [group["lr"] for group in groups]
        optimizer = SGD(groups, {})
        return optimizer

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        """Set what depends on the step: what is random, the rate."""
        step = self.global_step
        torch.manual_seed(seed("step", step, 0))
        optimizer = self.optimizers(use_pl_optimizer=False)
        assert isinstance(optimizer, torch.optim.Optimizer)
        lr = rate(step)
        for group, scale in zip(optimizer.param_groups, self.scales, strict=True):
            group["lr"] = lr * scale

    def training_step(self, batch: list[Tensor], batch_idx: int) -> Tensor:
        loss = loss_of(self.model, batch)
        if not torch.isfinite(loss):
            raise SystemExit(f"step {self.global_step + 1}: the loss is {loss.item()}")
        self.log("loss", loss)
        return loss

    def validation_step(self, batch: list[Tensor], batch_idx: int) -> None:
        figures = figures_of(self.model, batch)
        for name, figure in figures.items():
            self.log(f"test_{name}", figure, batch_size=len(batch[0]))


def main() -> None:
    parser = argparse.ArgumentParser(description="Train LeNet.")
    parser.add_argument("--out", type=Path, default="run", help="the run's folder")
    parser.add_argument("--resume", type=Path, help="a checkpoint to go on from")
    asked = parser.parse_args()
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise SystemExit("the data are of one process; train.py shares batches")
    data = Data()
    training = Training(len(data.items), data.steps)
    saving = ModelCheckpoint(asked.out, "{step}", every_n_train_steps=SAVE_EVERY)
    trainer = L.Trainer(
        devices=1,
        precision="32-true",
        max_epochs=1,
        max_steps=data.steps,
        use_distributed_sampler=False,  # the order is the data's
        num_sanity_val_steps=0,
        val_check_interval=TEST_EVERY,  # in batches of the whole run
        check_val_every_n_epoch=None,
        logger=CSVLogger(asked.out, name="metrics"),
        log_every_n_steps=SHOW_EVERY,
        callbacks=[saving],
        enable_model_summary=False,
    )
    if asked.resume is None:
        trainer.validate(training, data)
    trainer.fit(training, data, ckpt_path=asked.resume, weights_only=True)
    if data.steps % TEST_EVERY:
        trainer.validate(training, data)
    trainer.save_checkpoint(asked.out / "last.ckpt", weights_only=False)


if __name__ == "__main__":
    main()
