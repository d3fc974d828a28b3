"""The time that PyTorch source takes to write, beside another commit's, in turn in the same run.

`python benchmarks/torch_source.py COMMIT`; the commit before this one unless said. Each round is a
process of its own; what counts is the processor's time of the best of some calls in it.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from statistics import median

ROUNDS = 5
NETWORKS = ("resnet152", "preresnet164", "googlenet", "vgg16")
HERE = Path(__file__).parent.parent
TIMED = """
import sys, time, netspec
for name in sys.argv[1:]:
    network, taken = netspec.load(name), []
    network.to_source()
    for _ in range(5):
        start = time.process_time()
        network.to_source()
        taken.append(time.process_time() - start)
    print(min(taken))
"""


def extracted(commit: str, folder: Path) -> Path:
    """The files of a commit."""
    archive = folder / "commit.tar"
    subprocess.run(["git", "archive", "-o", archive, commit], cwd=HERE, check=True)
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "commit", filter="data")
    return folder / "commit"


def times(root: Path) -> list[float]:
    """Seconds for each network."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", TIMED, *NETWORKS]
    done = subprocess.run(
        command, cwd=root, env=environment, check=True, capture_output=True, text=True
    )
    return [float(line) for line in done.stdout.split()]


def main(commit: str) -> None:
    """Print both times and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        other = extracted(commit, Path(folder))
        rounds = [(times(HERE), times(other)) for _ in range(ROUNDS)]
    print(f"{'to_source':14} {'here':>9} {commit[:12]:>13}")
    for number, name in enumerate(NETWORKS):
        here = median(mine[number] for mine, _ in rounds)
        there = median(theirs[number] for _, theirs in rounds)
        ratio = median(theirs[number] / mine[number] for mine, theirs in rounds)
        print(
            f"{name:14} {here * 1000:6.1f} ms {there * 1000:10.1f} ms   {ratio:.1f} times as long"
        )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "HEAD^")
