"""Hostile specs: each is refused with a diagnostic, within a second and 200 MB.

Every text is checked in a process of its own, which the kernel would stop at more of either; the
limit on time is a generous multiple, because the machine may be busy.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from netspec import loads
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


def all_of_all(reader: str) -> str:
    """Thousands of entries, each of which reads thousands of blobs."""
    layers = f"""
  - {{name: r, type: Power, shift: $i, repeat: 5000, bottom: input}}
  - {{name: c, {reader}, repeat: 5000}}
  - {{name: sum, type: Eltwise, bottom: ['c.*']}}
"""
    return IMAGE + f"layers:{layers}"


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


def fat_vars() -> str:
    """Lists that take a kilobyte of memory for each character that asks for them."""
    lines = [f'  v{n}: "$([0] * 9999)"' for n in range(5000)]
    return IMAGE + "vars:\n" + "\n".join(lines) + "\nlayers: [{type: ReLU}]\n"


def variants(count: int, layers: str, variables: str = "  w: 1") -> str:
    lines = [f"  n{n}: {{w: {n + 1}}}" for n in range(count)]
    text = IMAGE + f"vars:\n{variables}\nvariants:\n" + "\n".join(lines)
    return text + f"\nlayers:\n{layers}\n"


def reading_all(count: int, times: int) -> str:
    """Sums over many blobs, many times."""
    return (
        IMAGE + "layers:\n"
        f"  - {{name: branch, type: ReLU, repeat: {count}, bottom: data}}\n"
        f"  - {{name: sum, type: Eltwise, bottom: 'branch.*', repeat: {times}}}\n"
        "  - {name: all, type: Eltwise, bottom: 'sum.*'}\n"
    )


def formulas(count: int, times: int) -> str:
    """A height of many symbols, passed on and on."""
    names = [f"x{n}" for n in range(count)]
    inputs = "".join(f"  {name}: [N, 3, H{name[1:]}, 8]\n" for name in names)
    return (
        HEAD + "inputs:\n" + inputs + "layers:\n"
        f"  - {{name: y, type: Concat, axis: 2, bottom: [{', '.join(names)}]}}\n"
        f"  - {{name: r, type: ReLU, repeat: {times}}}\n"
    )


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
    "fat vars": (fat_vars, "too-large"),
    "fat vars in inputs": (
        lambda: (
            HEAD
            + "inputs:\n"
            + "".join(
                f'  x{n}: ["$(len([[0] * 99] * 99))", "$(sum([0] * 9999) + 1)"]\n'
                for n in range(5000)
            )
            + "layers: [{type: ReLU}]\n"
        ),
        "too-large",
    ),
    "many variants of many layers": (
        lambda: variants(2000, "  - {type: ReLU}\n" * 100 + "  - {type: ReLU, when: $(w > 0)}"),
        "too-large",
    ),
    "many variants of many vars": (
        lambda: variants(
            9000,
            "  - {type: ReLU, when: $(w > 0)}",
            "  w: 1\n" + "\n".join(f"  v{n}: {n}" for n in range(9000)),
        ),
        "too-large",
    ),
    "a long doc in a repeat": (
        lambda: IMAGE + f"layers: [{{type: ReLU, repeat: 2000, doc: {'x' * 60_000}}}]\n",
        "too-large",
    ),
    "a long doc in instances of a block": (
        lambda: (
            IMAGE
            + f"blocks: {{b: {{doc: {'x' * 60_000}, layers: [{{type: ReLU}}]}}}}\n"
            + "layers: [{type: b, repeat: 2000}]\n"
        ),
        "too-large",
    ),
    "sums over all, again and again": (lambda: reading_all(5000, 2000), "too-large"),
    "long lists with an expression, again and again": (
        lambda: (
            IMAGE
            + f"layers: [{{type: Eltwise, repeat: 50000, coeff: [{'1, ' * 60_000} '$(1 + 1)'],"
            " bottom: [data, data]}]\n"
        ),
        "too-large",
    ),
    "formulas, again and again": (lambda: formulas(900, 20_000), "too-large"),
    "layers read all layers": (
        lambda: all_of_all("type: Eltwise, bottom: ['r.*']"),
        "too-large",
    ),
    "groups read all layers": (
        lambda: all_of_all("bottom: ['r.*'], layers: [{type: ReLU, bottom: r.0}]"),
        "too-large",
    ),
    "absent layers would read all layers": (
        lambda: all_of_all("type: Eltwise, bottom: ['r.*'], when: false"),
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


def vars_read_once(count: int) -> str:
    variables = "".join(f"  v{n}: {n % 7 + 1}\n" for n in range(count))
    line = "  - {{type: Convolution, num_output: $v{n}, kernel_size: 1}}\n"
    layers = "".join(line.format(n=n) for n in range(count))
    return IMAGE + f"vars:\n{variables}layers:\n{layers}"


def strides(count: int) -> str:
    """Costs of which no two have a term in common."""
    line = "  - {{name: p{n}, type: Pooling, kernel_size: 1, stride: {stride}, bottom: data}}\n"
    layers = "".join(line.format(n=n, stride=n + 1) for n in range(count))
    outputs = ", ".join(f"p{n}" for n in range(count))
    return HEAD + f"inputs: {{data: [N, 3, H, W]}}\nlayers:\n{layers}outputs: [{outputs}]\n"


COSTLY: dict[str, tuple[Callable[[], str], tuple[str, ...]]] = {
    "vars read once": (lambda: vars_read_once(1000), ("compile", "-o", "x.py")),
    "costs without a common term": (lambda: strides(2000), ("summary",)),
    "costs at a height of many symbols": (lambda: formulas(900, 200), ("summary",)),
    "outputs beside outputs": (
        lambda: (
            IMAGE
            + "layers:\n"
            + "".join(f"  - {{name: r{n}, type: ReLU}}\n" for n in range(10_000))
            + f"outputs: [{', '.join(f'r{n}' for n in range(10_000))}]\n"
        ),
        ("compile", "-o", "x.flat.yaml"),
    ),
}
"""Specs that are right, with a command that has much to do for them."""


@pytest.mark.parametrize("name", COSTLY)
def test_cost_follows_the_size_of_the_text(name: str, tmp_path: Path) -> None:
    make, (verb, *options) = COSTLY[name]
    (tmp_path / "x.yaml").write_text(make())
    program = f"import resource, runpy; resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS},) * 2); "
    program += "runpy.run_module('netspec', run_name='__main__', alter_sys=True)"
    command = [sys.executable, "-c", program, verb, "x.yaml", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:] or f"stopped: {done.returncode}"


@pytest.mark.parametrize("operation", ["SUM", "PROD", "MAX"])
def test_python_reads_what_combines_thousands_of_blobs(operation: str) -> None:
    text = (
        HEAD + "inputs: {data: [N, 4]}\nlayers:\n"
        "  - {name: branch, type: Power, shift: $(i / 1000), repeat: 3000, bottom: data}\n"
        f"  - {{type: Eltwise, operation: {operation}, bottom: 'branch.*'}}\n"
    )
    torch = pytest.importorskip("torch")
    data = torch.linspace(-1, 0.5, 4)[None]
    shifts = torch.arange(3000)[:, None, None] / 1000
    branches = (data + shifts).double()
    wanted = {"SUM": branches.sum(0), "PROD": branches.prod(0), "MAX": branches.amax(0)}[operation]
    found = loads(text).to_torch().double()(data.double())
    assert torch.allclose(found, wanted, rtol=1e-4)
