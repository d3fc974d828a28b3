"""Emitted modules and torchvision's, in turn: how fast, how soon there, how much memory.

A ratio is the median of netspec's time over torchvision's, of runs that take turns: 1.00 is as
fast, below is faster. The column `noise` is the same ratio of a copy of torchvision's model, timed
as another contender: what it is off 1.00 is the machine's. torchvision's models get by hand what a
row names (channels-last; for inference: BatchNorm folded, channels-last).
`tests/specs/test_torchvision_operations.py` compares without a clock.

Usage: torch_models.py [NAME…] [--batch N] [--seconds N] [--compile] [--threads N] [--cuda]
"""

import argparse
import copy
import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle, pairwise, permutations
from statistics import median
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

import netspec

Timed: TypeAlias = Callable[[], object]
Row: TypeAlias = tuple[str, Timed, Timed, Timed]
"""What is compared, and who does it: netspec, torchvision, and torchvision again."""

Use: TypeAlias = Callable[[nn.Module, Tensor], Timed]

OTHER_NAMES = {"googlenet_bn": "googlenet", "alexnet_owt": "alexnet"}
"""What torchvision calls the stock networks that it has by another name."""

DEFAULT = (
    *("resnet18", "resnet50", "googlenet_bn", "alexnet_owt", "vgg16"),
    *("mobilenet_v2", "efficientnet_b0", "convnext_tiny", "vit_b_16", "r3d_18"),
)
ROUNDS = 6
"""Runs of each contender at least, however long they take."""


def torchvision_model(name: str, init: bool = False) -> nn.Module:
    """torchvision's network; GoogLeNet fills its weights only if told, the others always."""
    # Its import asks about two operators that it needn't have.
    library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        with suppress(RuntimeError):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    from torchvision import models

    options: dict[str, Any] = {}
    if "googlenet" in name:
        options = {"init_weights": init, "transform_input": False}
    model = models.get_model(OTHER_NAMES.get(name, name), **options)
    assert isinstance(model, nn.Module)
    return model


def fused(module: nn.Module) -> nn.Module:
    """torchvision's model for inference, by hand."""
    for inner in [*module.eval().modules()]:
        for (name, conv), (other, norm) in pairwise([*inner.named_children()]):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(inner, name, fuse_conv_bn_eval(conv, norm))
                setattr(inner, other, nn.Identity())
    return last(module)


def last(module: nn.Module) -> nn.Module:
    return nn.utils.convert_conv2d_weight_memory_format(module, torch.channels_last)


def forward(model: nn.Module, data: Tensor) -> Timed:
    """One pass without gradients."""

    def run() -> None:
        with torch.inference_mode():
            model(data)
        synchronize()

    model.eval()
    return run


def step(model: nn.Module, data: Tensor) -> Timed:
    """A pass forth and back, all heads included, and a step of an optimizer."""
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-4)

    def run() -> None:
        optimizer.zero_grad()
        results = model(data)
        if isinstance(results, dict):
            results = tuple(results.values())
        scores = (results,) if isinstance(results, Tensor) else tuple(results)
        torch.stack([each.float().logsumexp(1).mean() for each in scores]).sum().backward()
        optimizer.step()
        synchronize()

    model.train()
    return run


def synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def construct_rows(name: str, network: netspec.Graph) -> Iterator[Row]:
    """Building the module, with values and without."""
    network_class: Any = type(network.to_torch(init=False))

    def filled() -> nn.Module:
        return torchvision_model(name, init=True)

    def filled_alike() -> nn.Module:
        model = torchvision_model(name)
        network_class.init_weights(model)
        return model

    def built(label: str, ours: Timed, theirs: Timed) -> Row:
        return label, ours, theirs, theirs

    yield built("construct", network.to_torch, filled)
    yield built("construct on meta", on_meta(network.to_torch), on_meta(filled))
    if name == "alexnet_owt":
        # torchvision's keeps the values of PyTorch's layers; here it is filled as the spec says.
        yield built("construct, filled alike", network.to_torch, filled_alike)
    bare = on_meta(lambda: torchvision_model(name))
    yield built("construct without values / on meta", lambda: network.to_torch(init=False), bare)


def contest(label: str, use: Use, ours: nn.Module, theirs: nn.Module, data: Tensor) -> Row:
    """A use of two models, and of a copy of the second: none may find its weights in a cache."""
    return label, use(ours, data), use(theirs, data), use(copy.deepcopy(theirs), data)


def random_data(network: netspec.Graph, batch: int, **options: Any) -> Tensor:
    """A batch of what the network reads, at the spec's own size."""
    sizes = [size for size in network.inputs[0].shape[1:] if isinstance(size, int)]
    return torch.randn(batch, *sizes, **options)


def cpu_rows(name: str, batch: int, compile: bool) -> Iterator[Row]:
    """What is compared, and who does it."""
    network = netspec.load(name)
    yield from construct_rows(name, network)
    theirs = torchvision_model(name)
    ours = network.to_torch(weights=theirs)
    data = random_data(network, batch)
    yield contest("forward", forward, ours, theirs, data)
    yield contest("training step", step, ours, theirs, data)
    theirs = torchvision_model(name)
    best = network.to_torch(weights=theirs, inference=True)
    hand = fused(copy.deepcopy(theirs))
    yield contest("inference form", forward, best, hand, data)
    yield contest("inference form / plain", forward, best, theirs, data)
    if compile:
        ours = network.to_torch(weights=theirs).eval()
        yield contest("torch.compile forward", compiled_forward, ours, theirs.eval(), data)
    ours = network.to_torch(weights=theirs, channels_last=True)
    plain = copy.deepcopy(theirs)
    yield contest("channels-last step", step, ours, last(theirs), data)
    yield contest("channels-last step / plain", step, ours, plain, data)


def compiled_forward(model: nn.Module, data: Tensor) -> Timed:
    compiled: Any = torch.compile(model)
    return forward(compiled, data)


def gpu_rows(name: str) -> Iterator[Row]:
    """In bfloat16 and channels-last; the hand-made one is the other's equal but for its class."""
    theirs = torchvision_model(name)
    network = netspec.load(name)
    data = random_data(network, 64, device="cuda", dtype=torch.bfloat16)
    ours = network.to_torch(weights=theirs, channels_last=True).cuda().bfloat16()
    hand = last(copy.deepcopy(theirs)).cuda().bfloat16()
    yield contest("bf16 forward", forward, ours, hand, data)
    yield contest("bf16 training step", step, ours, hand, data)
    best = network.to_torch(weights=theirs, inference=True).cuda().bfloat16()
    hand = fused(theirs).cuda().bfloat16()
    yield contest("bf16 inference form", forward, best, hand, data)


def on_meta(build: Timed) -> Timed:
    def run() -> None:
        with torch.device("meta"):
            build()

    return run


def seconds(run: Timed) -> float:
    gc.collect()
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def compare(row: Row, budget: float) -> None:
    """Run the three in turn for about so many seconds, and print the row.

    A shared machine is fast now and slow then; neighbouring runs have that in common.
    """
    label, *contenders = row
    for run in contenders:
        run()
    rounds: list[list[float]] = []
    orders = cycle(permutations(range(len(contenders))))
    start = time.perf_counter()
    while len(rounds) < ROUNDS or time.perf_counter() - start < budget:
        taken = {turn: seconds(contenders[turn]) for turn in next(orders)}
        rounds.append([taken[number] for number in range(len(contenders))])
    ratio = median(own / other for own, other, _ in rounds)
    noise = median(again / other for _, other, again in rounds)
    own, other, _ = (median(column) * 1000 for column in zip(*rounds, strict=True))
    line = f"  {label:36} {ratio:5.2f}   {own:8.1f} ms  {other:8.1f} ms"
    print(f"{line}   {noise:5.2f}   ({len(rounds)})", flush=True)


MEMORY = """
import sys
sys.path.insert(0, {folder!r})
import torch_models as bench
network = bench.netspec.load({name!r})
model = network.to_torch() if {ours} else bench.torchvision_model({name!r})
bench.step(model, bench.random_data(network, {batch}))()
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""
"""What `getrusage` says of a child begins with its parent's; Linux says it of each program."""


def peak_memory(name: str, batch: int) -> None:
    """The most memory that a process of its own held for one training step; how the allocator
    cuts it up differs from run to run.
    """
    folder = str(__file__).rpartition("/")[0]
    found: list[list[float]] = [[], [], []]
    for _ in range(3):
        for held, ours in zip(found, (True, False, False), strict=True):
            program = MEMORY.format(folder=folder, name=name, ours=ours, batch=batch)
            done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
            held.append(int(done.stdout) / 1024)
    own, other, again = map(median, found)
    row = f"  {'peak memory of a step':36} {own / other:5.2f}   {own:8.0f} MB  {other:8.0f} MB"
    print(f"{row}   {again / other:5.2f}", flush=True)


def main() -> None:
    """Measure the networks named, or some of each family."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="stock networks of torchvision's")
    parser.add_argument("--batch", type=int, default=8, help="images or clips at once")
    parser.add_argument("--seconds", type=float, default=20, help="for each row, about")
    parser.add_argument("--compile", action="store_true", help="torch.compile too; it takes long")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--cuda", action="store_true", help="on a GPU, in bfloat16")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    for name in given.names or (("resnet50", "vgg16") if given.cuda else DEFAULT):
        print(f"{name:38} ratio     netspec   torchvision   noise  (rounds)")
        for row in gpu_rows(name) if given.cuda else cpu_rows(name, given.batch, given.compile):
            compare(row, given.seconds)
        if not given.cuda:
            peak_memory(name, given.batch)


if __name__ == "__main__":
    main()
