"""Hostile specs: each is refused with a diagnostic, within a second and 200 MB.

Every text is checked in a process of its own, which the kernel would stop at more of either; the
limit on time is a generous multiple, because the machine may be busy.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.checking import HEAD, IMAGE

SECONDS = 10
MEGABYTES = 200

_CHECK = """
import resource, sys
from pathlib import Path
from netspec.api import check_text
from netspec.diagnostics import SourceText
from netspec.stock import Location
import netspec.layers

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]),) * 2)
found = check_text(SourceText("x.yaml", path.read_text()), Location(path, "x.yaml"))
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) // 1024, ",".join(sorted({each.code for each in found.sorted()})))
"""


def tower(levels: int, body: str, use: str, args: str = "{}") -> str:
    """Blocks of blocks of blocks."""
    blocks = [f"  b0: {{args: {args}, layers: [{{type: ReLU}}]}}"]
    blocks += [
        f"  b{n}: {{args: {args}, layers: [{body.format(inner=f'b{n - 1}')}]}}"
        for n in range(1, levels)
    ]
    return IMAGE + "blocks:\n" + "\n".join(blocks) + f"\nlayers: [{{type: b{levels - 1}, {use}}}]\n"


def bomb() -> str:
    lines = ["  a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    return IMAGE + "vars:\n" + "\n".join(lines) + "\nlayers: [{type: ReLU}]\n"


def merges() -> str:
    lines = ["  m0: &m0 {" + ", ".join(f"k{n}: 1" for n in range(500)) + "}"]
    lines += [f"  m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 20)}]}}" for n in range(1, 30)]
    return IMAGE + "vars:\n" + "\n".join(lines) + "\nlayers: [{type: ReLU}]\n"


def chain_of_blocks() -> str:
    blocks = "".join(f"  b{n}: {{layers: [{{type: b{n + 1}}}]}}\n" for n in range(5000))
    return (
        IMAGE + "blocks:\n" + blocks + "  b5000: {layers: [{type: ReLU}]}\nlayers: [{type: b0}]\n"
    )


def conv(**fields: object) -> str:
    listed = ", ".join(f"{name}: {value}" for name, value in fields.items())
    return IMAGE + f"layers: [{{type: Convolution, {listed}}}]\n"


def symbolic_sizes() -> str:
    """A sum of more symbols than anybody wants to see multiplied out."""
    names = [f"x{n}" for n in range(1200)]
    inputs = "".join(f"  {name}: [N, 1, H{name[1:]}, 1]\n" for name in names)
    layer = f"{{name: y, type: Concat, axis: 2, bottom: [{', '.join(names)}]}}"
    return HEAD + "inputs:\n" + inputs + f"layers:\n  - {layer}\n"


def spelling_contest() -> str:
    variables = ", ".join(f"variable_number_{n}: 1" for n in range(3000))
    entries = [f"  - {{type: ReLU, when: $(variable_nummer_{n} > 0)}}\n" for n in range(900)]
    return IMAGE + f"vars: {{{variables}}}\nlayers:\n" + "".join(entries)


HOSTILE: dict[str, tuple[Callable[[], str], str]] = {
    "alias bomb": (bomb, "alias-expansion"),
    "merge bomb": (merges, "alias-expansion"),
    "ten million repeats": (
        lambda: IMAGE + "layers: [{type: ReLU, repeat: 10000000}]\n",
        "too-large",
    ),
    "repeats of repeats": (
        lambda: (
            IMAGE + "layers:\n"
            "  - {repeat: 1000, layers: [{repeat: 1000, index: j, layers: [{type: ReLU}]}]}"
        ),
        "too-large",
    ),
    "repeats of nothing": (
        lambda: (
            IMAGE + "layers:\n"
            "  - {repeat: 100000, layers: [{type: ReLU, when: false, repeat: 99999, index: j}]}"
        ),
        "too-large",
    ),
    "tower": (lambda: tower(12, "{{type: {inner}, repeat: 10}}", "repeat: 10"), "too-large"),
    "tower by args": (
        lambda: tower(
            12, "{{type: {inner}, n: $n, repeat: $n, index: j}}", "n: 10", "{n: required}"
        ),
        "too-large",
    ),
    "tower under whens": (
        lambda: tower(
            12,
            "{{type: {inner}, n: $n, when: $(n > 1), repeat: $(n * 5), index: j}}",
            "n: 2",
            "{n: required}",
        ),
        "too-large",
    ),
    "branching recursion": (
        lambda: (
            IMAGE
            + """blocks:
  b: {args: {n: 0}, layers: [{type: b, n: $(n + 1), when: $(n < 60)}, {type: b, n: $(n + 1),
    when: $(n < 60)}, {type: ReLU}]}
layers: [{type: b}]
"""
        ),
        "too-large",
    ),
    "recursion without end": (
        lambda: (
            IMAGE + "blocks: {b: {args: {n: 0}, layers: [{type: b, n: $(n + 1), when: $(n >= 0)},"
            " {type: b, n: $n, when: $(n >= 0)}]}}\nlayers: [{type: b}]\n"
        ),
        "too-deep",
    ),
    "a chain of blocks": (chain_of_blocks, "too-deep"),
    "deep lists": (lambda: IMAGE + "layers: " + "[" * 1_000_000, "too-deep"),
    "deep groups": (
        lambda: IMAGE + "layers: " + "[{layers: " * 60 + "[{type: ReLU}]" + "}]" * 60,
        "too-deep",
    ),
    "deep unscoped groups in blocks": (
        lambda: (
            IMAGE
            + "blocks: {b: {args: {n: 0}, layers: "
            + "[{scope: false, layers: " * 30
            + "[{type: b, n: $(n + 1), when: $(n >= 0)}]"
            + "}]" * 30
            + "}}\nlayers: [{type: b}]\n"
        ),
        "too-deep",
    ),
    "a long dotted name": (
        lambda: IMAGE + "layers: [{type: ReLU, name: " + "a." * 20_000 + "a}]\n",
        "too-large",
    ),
    "long names": (
        lambda: (
            IMAGE
            + f"blocks: {{b: {{args: {{n: 0}}, layers: [{{name: {'x' * 127}, type: b, n: $(n + 1),"
            " when: $(n < 40)}, {type: ReLU, repeat: 50000, when: $(n == 40)}]}}\n"
            "layers: [{type: b}]\n"
        ),
        "too-large",
    ),
    "a huge integer": (lambda: conv(num_output="9" * 60_000, kernel_size=1), "too-large"),
    "a huge power": (
        lambda: conv(num_output='"$(9 ** 9 ** 9 ** 9)"', kernel_size=1),
        "too-large",
    ),
    "a huge list": (
        lambda: conv(num_output='"$(len([0] * 9223372036854775807))"', kernel_size=1),
        "too-large",
    ),
    "a huge string": (
        lambda: IMAGE + f"doc: {'x' * 1_000_000}\nlayers: [{{type: ReLU}}]",
        "too-large",
    ),
    "huge weights": (
        lambda: conv(num_output=2**31 - 1, kernel_size=2**20, pad=2**20),
        "too-large",
    ),
    "huge shapes": (
        lambda: IMAGE + "layers: [{type: Upsample, scale: 1000000, repeat: 100000}]\n",
        "too-large",
    ),
    "many expressions": (
        lambda: (
            IMAGE
            + 'layers: [{type: ReLU, repeat: 100000, when: "$('
            + " + ".join(["sum([0] * 9999)"] * 20)
            + ' == 0)"}]\n'
        ),
        "too-large",
    ),
    "comparing lists of lists": (
        lambda: (
            HEAD + 'inputs: {data: [N, 3]}\nvars: {a: "$([[0] * 90] * 90)", b: "$([a] * 1)"}\n'
            "layers: [{type: ReLU, repeat: 100000, when: $(a == a and b == b)}]\n"
        ),
        "too-large",
    ),
    "symbolic sizes that grow": (symbolic_sizes, "too-large"),
    "ten thousand mistakes": (
        lambda: IMAGE + "layers:\n" + "  - {type: Relu}\n" * 10_000,
        "too-large",
    ),
    "a spelling contest": (spelling_contest, "unknown-name"),
}


def examine(text: str, folder: Path) -> tuple[int, str]:
    """The memory that a check of the text takes, in megabytes, and the codes that it gives."""
    path = folder / "x.yaml"
    path.write_text(text)
    command = [sys.executable, "-c", _CHECK, str(path), str(SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:] or f"stopped: {done.returncode}"
    memory, _, codes = done.stdout.strip().partition(" ")
    return int(memory), codes


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_specs_are_refused(name: str, tmp_path: Path) -> None:
    make, code = HOSTILE[name]
    memory, codes = examine(make(), tmp_path)
    assert code in codes.split(",") if code else codes
    assert memory <= MEGABYTES
