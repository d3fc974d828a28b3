"""How long `netspec list` takes, as a whole process: with the figures that are kept of the stock
networks, and with all of them elaborated, as it was before.

Both list the same networks, in turn and several times; the medians and their ratio are printed.
"""

import subprocess
import sys
import time
from statistics import median

ROUNDS = 3

COMMANDS = {
    "netspec list": [sys.executable, "-m", "netspec", "list"],
    "all elaborated": [
        sys.executable,
        "-c",
        "from netspec.stock_table import Kept; Kept.of_all()",
    ],
}


def seconds(command: list[str]) -> float:
    """Wall-clock seconds of a process, its output thrown away."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Run both in turn and print medians and the ratio, pair by pair."""
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS):
        for name, command in COMMANDS.items():
            times[name].append(seconds(command))
    for name, taken in times.items():
        print(f"{name:16} {median(taken):7.2f} s")
    kept, elaborated = times.values()
    ratio = median(other / own for own, other in zip(kept, elaborated, strict=True))
    print(f"without the kept figures it takes {ratio:.0f} times as long")


if __name__ == "__main__":
    main()
