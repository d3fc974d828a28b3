"""The front end's time, imports aside: text to a graph with shapes and counts.

First ResNet-152, beside torchinfo on torchvision's model on the meta device, in turn in the same
process; then how time and memory grow with the number of layers, written out one by one and
through blocks.
"""

import gc
import importlib.util
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from statistics import median

import netspec
from netspec.stock import locate, read_location

ROUNDS = 15
SIZES = (100, 1_000, 10_000, 100_000)


def seconds(action: Callable[[], object]) -> float:
    """Wall-clock seconds of a call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def resnet152() -> None:
    """netspec's front end on ResNet-152 and what PyTorch's users do instead."""
    location = locate("resnet152")
    text = read_location(location).text

    def front_end() -> int:
        network = netspec.loads(text, variant=location.variant)
        return network.params + int(str(network.macs)) + int(str(network.flops))

    actions: dict[str, Callable[[], object]] = {"netspec": front_end}
    if importlib.util.find_spec("torchvision") and importlib.util.find_spec("torchinfo"):
        actions["torchvision on meta, torchinfo"] = peer()
    for action in actions.values():
        action()
    times: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(ROUNDS):
        for name, action in actions.items():
            times[name].append(seconds(action))
    print("ResNet-152")
    for name, taken in times.items():
        print(f"  {name:32} {median(taken) * 1000:8.1f} ms")
    names = list(times)
    if len(names) == 2:
        ratio = median(b / a for a, b in zip(times[names[0]], times[names[1]], strict=True))
        print(f"  the peer takes {ratio:.0f} times as long")


def peer() -> Callable[[], object]:
    """torchvision's model built on the meta device and run through torchinfo."""
    import torch

    # A torchvision without its compiled extension imports once its operators have a schema.
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, name):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchinfo
    import torchvision

    def build_and_count() -> object:
        with torch.device("meta"):
            model = torchvision.models.resnet152()
        return torchinfo.summary(model, (1, 3, 224, 224), device="meta", verbose=0)

    return build_and_count


def flat(layers: int) -> str:
    """A network of layers written out one by one."""
    head = "netspec: 1\nname: Flat\ninputs: {data: [N, 8, 32, 32]}\nlayers:\n"
    conv = "  - {{name: conv{0}, type: Convolution, num_output: 8, kernel_size: 3, pad: 1}}\n"
    relu = "  - {{name: relu{0}, type: ReLU}}\n"
    return head + "".join((conv + relu).format(number) for number in range(layers // 2))


def blocks(layers: int) -> str:
    """As many layers in residual blocks of five, repeated."""
    return f"""
netspec: 1
name: Blocks
inputs: {{data: [N, 8, 32, 32]}}
blocks:
  basic:
    args: {{width: required}}
    layers:
      - {{name: conv1, type: Convolution, num_output: $width, kernel_size: 3, pad: 1}}
      - {{name: relu1, type: ReLU}}
      - {{name: conv2, type: Convolution, num_output: $width, kernel_size: 3, pad: 1}}
      - {{name: sum, type: Eltwise, bottom: [conv2, input]}}
      - {{name: relu2, type: ReLU}}
layers:
  - {{name: body, type: basic, repeat: {layers // 5}, width: 8}}
"""


def growth() -> None:
    """Time and memory a layer, over three orders of magnitude."""
    print(f"{'layers':>8}  {'flat µs/layer':>14} {'blocks µs/layer':>16} {'flat bytes/layer':>17}")
    for layers in SIZES:
        texts = flat(layers), blocks(layers)
        rounds = 5 if layers <= 1_000 else 1
        best = [min(seconds(partial(netspec.loads, t)) for _ in range(rounds)) for t in texts]
        gc.collect()
        tracemalloc.start()
        network = netspec.loads(texts[0]) if layers <= 10_000 else None
        used = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        memory = f"{used / layers:17,.0f}" if network is not None else f"{'':>17}"
        each = [taken / layers * 1e6 for taken in best]
        print(f"{layers:8,}  {each[0]:14.1f} {each[1]:16.1f} {memory}")


if __name__ == "__main__":
    resnet152()
    growth()
