"""How long until one sees shapes, parameters and MACs, as a whole process: netspec and torchinfo.

Both tell the same of the same network, AlexNet as torchvision has it, in turn and several times;
the medians and their ratio are printed.
"""

import subprocess
import sys
import time
from statistics import median

ROUNDS = 5

NETSPEC = [sys.executable, "-m", "netspec", "summary", "alexnet_owt"]
TORCHINFO = """
import torch
from torch import nn
from torchinfo import summary

features = nn.Sequential(
    nn.Conv2d(3, 64, 11, stride=4, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2),
    nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, stride=2),
    nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
    nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
    nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(), nn.MaxPool2d(3, stride=2),
)
classifier = nn.Sequential(
    nn.Dropout(), nn.Linear(9216, 4096), nn.ReLU(),
    nn.Dropout(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, 1000),
)
with torch.device("meta"):
    model = nn.Sequential(features, nn.AdaptiveAvgPool2d(6), nn.Flatten(), classifier)
print(summary(model.to("meta"), input_size=(1, 3, 224, 224), device="meta", verbose=0))
"""


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of a process, its output thrown away."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Run both in turn and print medians and the ratio, pair by pair."""
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "netspec summary": NETSPEC,
        "torchinfo on meta": [sys.executable, "-c", TORCHINFO],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for command in commands.values():
        seconds(command)
    for _ in range(ROUNDS):
        for name, command in commands.items():
            times[name].append(seconds(command))
    for name, taken in times.items():
        print(f"{name:18} {median(taken) * 1000:7.0f} ms  ({min(taken):.3f} to {max(taken):.3f} s)")
    pairs = zip(times["torchinfo on meta"], times["netspec summary"], strict=True)
    print(f"torchinfo takes {median(other / own for other, own in pairs):.1f} times as long")


if __name__ == "__main__":
    main()
