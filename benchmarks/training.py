"""Training scripts and a loop written by hand, in turn: time and memory of a run.

The loop trains the same network on the same data with the same batch and PyTorch's own SGD, and
nothing else: no sampler, seed of a step, checkpoint, signal. A ratio is the median of the script's
time over the loop's; `noise` is that of the loop over itself. Both start from the network's class.

Usage: training.py [NAME…] [--steps N] [--rounds N] [--threads N]
"""

import argparse
import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

import netspec
from netspec.diagnostics import Diagnostics, SourceText
from netspec.lower.training import to_script
from netspec.recipes import placed_recipe

BATCH = 32
ITEMS = 512
RECIPES = {"fixed": "lr_policy: fixed\n", "multistep": "lr_policy: multistep\ngamma: 0.1\n"}
"""A rate that changes has an SGD of the script's own: PyTorch's would be another rule."""
TEXT = """\
recipe: 1
data: {{format: npz, train: data.npz}}
batch_size: {batch}
loss: {{{output}: {{label: label_}}}}
base_lr: 0.001
momentum: 0.9
weight_decay: 0.0005
max_iter: {steps}
seed: 1
"""
Run: TypeAlias = Callable[[], None]


def arrays(name: str) -> dict[str, Any]:
    """Random items of a stock network, and labels."""
    drawn = np.random.default_rng(0)
    sizes = netspec.load(name).inputs[0].shape[1:]
    images = drawn.normal(size=(ITEMS, *sizes)).astype(np.float32)
    return {netspec.load(name).inputs[0].name: images, "label_": drawn.integers(0, 10, ITEMS)}


def module(name: str, text: str) -> ModuleType:
    made = ModuleType(name)
    exec(compile(text, f"{name}.py", "exec"), made.__dict__)
    return made


def script(name: str, policy: str, steps: int, folder: Path) -> Run:
    """A run of a script in a folder, where the data are."""
    network = netspec.load(name)
    sys.modules["net"] = module("net", network.to_source())
    output = network.result_name(network.results[0])
    text = TEXT.format(batch=BATCH, steps=steps, output=output) + RECIPES[policy]
    if policy == "multistep":
        text += f"stepvalue: [{steps // 2}]\n"
    asked = placed_recipe(SourceText("recipe.yaml", text), Diagnostics())
    made: Any = module("train", to_script(network, asked))

    def run() -> None:
        with TemporaryDirectory() as out:
            assert made.train(Path(out), folder) == 0

    return run


def by_hand(name: str, steps: int, folder: Path) -> Run:
    """A run of the loop."""
    known = netspec.load(name)
    network: Any = module("net", known.to_source()).__dict__[known.class_name]

    def run() -> None:
        with np.load(folder / "data.npz") as file:
            images, labels = (torch.from_numpy(each) for each in file.values())
        model = network()
        optimizer = torch.optim.SGD(model.parameters(), 0.001, 0.9, weight_decay=0.0005)
        for step in range(steps):
            if step % (ITEMS // BATCH) == 0:
                order = torch.randperm(ITEMS)
            first = step % (ITEMS // BATCH) * BATCH
            chosen = order[first : first + BATCH]
            optimizer.zero_grad()
            loss: Tensor = F.cross_entropy(model(images[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
            loss.item()

    return run


def seconds(run: Run) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def compare(name: str, policy: str, steps: int, rounds: int, folder: Path) -> None:
    """Print a row: the ratio, the time of a step of each, and the noise."""
    contenders = [script(name, policy, steps, folder), by_hand(name, steps, folder)]
    contenders.append(by_hand(name, steps, folder))
    for run in contenders:
        run()
    taken = []
    for turn in range(rounds):
        order = [(turn + each) % 3 for each in range(3)]
        found = {number: seconds(contenders[number]) for number in order}
        taken.append([found[number] for number in range(3)])
    ratio = median(own / other for own, other, _ in taken)
    noise = median(again / other for _, other, again in taken)
    own, other, _ = (median(column) / steps * 1000 for column in zip(*taken, strict=True))
    label = f"{name}, {policy}"
    print(f"{label:24} {ratio:5.3f}  {own:8.2f} ms {other:8.2f} ms  {noise:5.3f}", flush=True)


def peak(name: str, own: bool, steps: int, folder: Path) -> int:
    """The most kilobytes that a process of its own held."""
    made = (
        f"script({name!r}, 'fixed', {steps}, folder)"
        if own
        else f"by_hand({name!r}, {steps}, folder)"
    )
    program = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parent)!r})
from training import by_hand, script
folder = Path({str(folder)!r})
{made}()
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return int(done.stdout.split()[-1])


def main() -> None:
    """Measure the networks named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="stock networks for images")
    parser.add_argument("--steps", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    print(f"{'a step':24} ratio     script     by hand  noise")
    for name in asked.names or ("lenet", "resnet20"):
        with TemporaryDirectory() as found:
            folder = Path(found)
            np.savez(folder / "data.npz", **arrays(name))
            for policy in RECIPES:
                compare(name, policy, asked.steps, asked.rounds, folder)
            held = [peak(name, own, asked.steps, folder) / 1024 for own in (True, False, False)]
            own, other, again = held
            row = f"{name + ', memory':24} {own / other:5.3f}"
            print(f"{row}  {own:8.0f} MB {other:8.0f} MB  {again / other:5.3f}", flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
