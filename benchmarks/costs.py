"""What it takes to know what a network costs: beside another commit, and beside other counters.

`python benchmarks/costs.py COMMIT`; the last one before costs were told in full unless said. Here,
there and the counters that are installed take turns, each in a process of its own; what is printed
is the median of the processor's time, and how many times as long the others take.

A further member of a family is a network of the same text under other vars, `depths` of which the
blocks are known already, `group_width` of which none is; the commit before reads the text again.
"""

import os
import resource
import subprocess
import sys
import tarfile
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent.parent
BEFORE = "61d9a44"
ROUNDS = 7
MEMBERS = 1_000

TIMED = """
import time
start = time.process_time()
import netspec
netspec.load
print("import netspec", time.process_time() - start)

from netspec.stock import locate, read_location

location = locate("resnet152")
text = read_location(location).text


def counted(network):
    return network.params, network.macs, network.flops, network.activations


def read(**variables):
    return netspec.loads(text, variant=location.variant, **variables)


def timed(name, make, times=11):
    taken = []
    for number in range(times + 2):
        start = time.process_time()
        counted(make(number))
        taken.append(time.process_time() - start)
    print(name, sorted(taken[2:])[times // 2])


member = netspec.family("resnet152") if hasattr(netspec, "family") else read
timed("ResNet-152, text to counts", lambda number: read())
timed("a member of another depth", lambda number: member(depths=[3, 8, 20 + number, 3]))
timed("a member of another width", lambda number: member(group_width=32 + 4 * number))
"""
SWEPT = f"""
import time
import netspec

widths, depths = range(32, 132, 4), [[3, 4, blocks, 3] for blocks in range(4, 44)]
start = time.perf_counter()
rows = [*netspec.sweep("resnet50", group_width=widths, depths=depths, jobs=2)]
assert len(rows) == {MEMBERS} and not any(row["error"] for row in rows)
print(time.perf_counter() - start)
"""
MODEL = """
import time
import torch

# A torchvision without its compiled extension imports once its operators have a schema.
library = torch.library.Library("torchvision", "FRAGMENT")
for name in ("nms", "qnms"):
    if not hasattr(torch.ops.torchvision, name):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
import torchvision


def model():
    with torch.device("meta"):
        return torchvision.models.resnet152().eval()


image = torch.empty(1, 3, 224, 224, device="meta")
"""
COUNTERS = {
    "torchinfo": "from torchinfo import summary\n"
    "def count(): summary(model(), (1, 3, 224, 224), device='meta', verbose=0)",
    "fvcore": "from fvcore.nn import FlopCountAnalysis\n"
    "def count():\n"
    "    made, image = torchvision.models.resnet152().eval(), torch.empty(1, 3, 224, 224)\n"
    "    FlopCountAnalysis(made, image).unsupported_ops_warnings(False).total()",
    "ptflops": "from ptflops import get_model_complexity_info as count_of\n"
    "def count(): count_of(model(), (3, 224, 224), as_strings=False, print_per_layer_stat=False,\n"
    "    input_constructor=lambda size: {'x': image})",
    "thop": "from thop import profile\ndef count(): profile(model(), (image,), verbose=False)",
}
"""Other counters, by the module that must be there: how each counts ResNet-152 on `meta`; fvcore
traces the model, which it can't do there.
"""
LOOP = """
count()
taken = []
for _ in range(3):
    start = time.process_time()
    count()
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


def output(program: str, root: Path = HERE) -> str:
    """What a program prints with the package of a folder."""
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def timings(program: str, root: Path = HERE) -> dict[str, float]:
    """The seconds that a program prints behind names."""
    pairs = (line.rpartition(" ") for line in output(program, root).splitlines())
    return {name: float(value) for name, _, value in pairs if name}


def process(root: Path) -> dict[str, float]:
    """The processor's time of `netspec summary resnet50` as a whole."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "netspec", "summary", "resnet50"]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    subprocess.run(command, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    taken = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return {"netspec summary resnet50, a process": taken}


def main(commit: str) -> None:
    """Print the times here and there, and those of other counters."""
    there = [name for name in COUNTERS if find_spec(name) and find_spec("torchvision")]
    counters: dict[str, list[float]] = {name: [] for name in there}
    with tempfile.TemporaryDirectory() as folder:
        other = extracted(commit, Path(folder))
        for root in (HERE, other):
            process(root)  # which leaves bytecode behind
        rounds = []
        for _ in range(ROUNDS):
            rounds.append([timings(TIMED, root) | process(root) for root in (HERE, other)])
            for name, taken in counters.items():
                taken.append(float(output(MODEL + COUNTERS[name] + LOOP).split()[-1]))
    print(f"{'':36} {'here':>9} {commit[:12]:>13}")
    for name in rounds[0][0]:
        pairs = [(mine[name], theirs[name]) for mine, theirs in rounds]
        mine, theirs = (median(column) * 1000 for column in zip(*pairs, strict=True))
        ratio = median(theirs / mine for mine, theirs in pairs)
        print(f"{name:36} {mine:6.1f} ms {theirs:10.1f} ms   {ratio:.1f} times as long")
    own = median(mine["ResNet-152, text to counts"] for mine, _ in rounds)
    for name, each in counters.items():
        peer = median(each)
        print(f"{name:36} {peer * 1000:6.0f} ms   {peer / own:.0f} times as long")
    print(f"a sweep of {MEMBERS:,} ResNets on two cores: {float(output(SWEPT)):.1f} s")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else BEFORE)
