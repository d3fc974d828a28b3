"""Random networks on images of any height and width: what is promised of symbolic sizes holds.

At every height and width from the least ones on the formulas give what the network has when it is
loaded with that input, and what PyTorch makes; a refusal that names a size names one that breaks
the network.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import Phase as Explore
from hypothesis import strategies as st

from netspec import SpecError, loads
from netspec.graph import Graph
from netspec.graph.lowest import least_sizes
from netspec.graph.sizes import Size, substitute
from netspec.lower.torch import instrumented
from tests.layers.recipes.recipe import Draw, Fields
from tests.layers.recipes.text import flow

CHANNELS = 2
NAMED = re.compile(r"where ((?:[A-Z] is \d+(?: and )?)+)")

QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Explore.generate, Explore.shrink),
    suppress_health_check=list(HealthCheck),
)
THOROUGH = settings(QUICK, max_examples=1500)


@dataclass
class Sketch:
    """Entries so far, and the images that they give."""

    draw: Draw
    factor: int = 1
    entries: list[Fields] = field(default_factory=list)
    images: list[str] = field(default_factory=lambda: ["data"])

    def text(self, entries: list[Fields]) -> str:
        outputs = [name for each in entries for name in each.get("top", [each["name"]])]
        height = "H" if self.factor == 1 else f"{self.factor}*H"
        shape = f"[N, {CHANNELS}, {height}, {height.replace('H', 'W')}]"
        lines = ["netspec: 1", "name: Net", f"inputs: {{data: {shape}}}", "layers:"]
        lines += [f"  - {flow(each)}" for each in entries]
        return "\n".join([*lines, f"outputs: {flow(outputs)}"]) + "\n"

    def check_advice(self, entry: Fields, error: SpecError) -> None:
        """With the multiples that a refusal advises, the entry is accepted."""
        advised = re.search(r"give the input a multiple: (.*)$", error.diagnostics[0].help or "")
        if advised is None:
            return
        text = self.text([*self.entries, entry])
        for times, name in re.findall(r"`(\d+)\*([HW])` for", advised[1]):
            each = name if self.factor == 1 else f"{self.factor}*{name}"
            text = text.replace(f" {each},", f" {self.factor * int(times)}*{name},", 1)
            text = text.replace(f" {each}]", f" {self.factor * int(times)}*{name}]", 1)
        if (again := refused(text)) is not None:
            # Another rule, or another pair of sizes, may want more.
            assert again.diagnostics[0].message != error.diagnostics[0].message, text

    def size(self) -> str:
        """A size that is computed from another."""
        start = f"{self.image()}.{self.draw(st.sampled_from(['height', 'width']))}"
        for _ in range(self.number(1, 2)):
            operation = self.draw(st.sampled_from(["+ 3", "- 1", "* 2", "* 3", "// 2", "// 3"]))
            start = f"({start} {operation})"
        return f"$({start})"

    def image(self) -> str:
        return self.draw(st.sampled_from(self.images[-3:]))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def add(self, kind: str, bottoms: list[str], tops: int = 0, **fields: object) -> None:
        """Append an entry, if it is accepted; else see that the refusal is right."""
        name = f"l{len(self.entries)}"
        entry: Fields = {"name": name, "type": kind, "bottom": bottoms, **fields}
        if tops:
            entry["top"] = [f"{name}_{number}" for number in range(tops)]
        text = self.text([*self.entries, entry])
        try:
            loads(text)
        except SpecError as error:
            check_refusal(text, error, self.factor)
            self.check_advice(entry, error)
        else:
            self.entries.append(entry)
            if kind not in ("Flatten", "ArgMax"):
                self.images += entry.get("top", [name])


def refused(text: str) -> SpecError | None:
    try:
        loads(text)
    except SpecError as error:
        return error
    return None


def check_refusal(text: str, error: SpecError, factor: int) -> None:
    """A size that a refusal names is one at which the network, loaded with it, is refused too."""
    found = NAMED.search(error.diagnostics[0].message)
    if found is None:
        return
    sizes = dict(each.split(" is ") for each in found[1].split(" and "))
    height, width = (factor * int(sizes.get(name, 60)) for name in "HW")
    data = [int(sizes.get("N", 2)), CHANNELS, height, width]
    try:
        loads(text, inputs={"data": data})
    except SpecError:
        return
    pytest.fail(f"{error}\nbut it runs at {data}:\n{text}")


def windows(sketch: Sketch) -> None:
    fields = {"kernel_size": sketch.number(1, 4), "stride": sketch.number(1, 3)}
    if sketch.draw(st.booleans()):
        fields |= {"pad": sketch.number(0, 2), "dilation": sketch.number(1, 2)}
        sketch.add("Convolution", [sketch.image()], num_output=CHANNELS, **fields)
    else:
        mode = sketch.draw(st.sampled_from(["FLOOR", "CEIL"]))
        pad = sketch.number(0, fields["kernel_size"] - 1)
        sketch.add("Pooling", [sketch.image()], round_mode=mode, pad=pad, **fields)


def painted(sketch: Sketch) -> None:
    fields = {"kernel_size": sketch.number(1, 4), "stride": sketch.number(1, 3)}
    fields["pad"] = sketch.number(0, 1)
    sketch.add("Deconvolution", [sketch.image()], num_output=CHANNELS, **fields)


def enlarged(sketch: Sketch) -> None:
    if sketch.draw(st.booleans()):
        sketch.add("Upsample", [sketch.image()], scale=sketch.number(1, 3))
    else:
        sketch.add("Pad", [sketch.image()], pad=[sketch.number(0, 2) for _ in range(4)])


def alike(sketch: Sketch) -> None:
    both = [sketch.image(), sketch.image()]
    sketch.add(sketch.draw(st.sampled_from(["Upsample", "Crop"])), both)


def cropped(sketch: Sketch) -> None:
    offset = [sketch.number(0, 2), sketch.number(0, 2)]
    sketch.add("Crop", [sketch.image(), sketch.image()], offset=offset)


def told(sketch: Sketch) -> None:
    kind, image = (
        sketch.draw(st.sampled_from(["Upsample", "Pad", "Crop", "Reshape"])),
        sketch.image(),
    )
    if kind == "Upsample":
        sketch.add(kind, [image], size=[sketch.size(), sketch.size()])
    elif kind == "Pad":
        sketch.add(kind, [image], axis=sketch.number(2, 3), after=sketch.size())
    elif kind == "Crop":
        sketch.add(kind, [image, sketch.image()], offset=[sketch.size(), 0])
    else:
        sketch.add(kind, [image], shape=[0, CHANNELS, f"$({image}.width)", -1])


def combined(sketch: Sketch) -> None:
    one, other = sketch.image(), sketch.image()
    kinds = ["Eltwise", "Concat", "Scale", "Bias"]
    if one != other:
        axis = {"axis": sketch.number(1, 3)}
        kind = sketch.draw(st.sampled_from(kinds))
        sketch.add(kind, [one, other], **(axis if kind == "Concat" else {}))


def parted(sketch: Sketch) -> None:
    axis = sketch.number(2, 3)
    if sketch.draw(st.booleans()):
        sketch.add("Slice", [sketch.image()], 2, axis=axis)
    else:
        sketch.add("Slice", [sketch.image()], 2, axis=axis, slice_point=[sketch.number(1, 5)])


def reduced(sketch: Sketch) -> None:
    kind = sketch.draw(st.sampled_from(["Flatten", "ArgMax", "InstanceNorm", "Reshape"]))
    fields: Fields = {}
    if kind == "ArgMax":
        fields = {"axis": sketch.number(2, 3), "top_k": sketch.number(1, 4)}
    elif kind == "Reshape":
        fields = {"shape": [0, -1, sketch.number(1, 2), 0], "axis": 0}
    sketch.add(kind, [sketch.image()], **fields)


MOVES: list[Callable[[Sketch], None]] = [
    *[windows] * 4, painted, painted, enlarged, alike, cropped, cropped, combined, parted, reduced,
    told, told,
]  # fmt: skip


@st.composite
def sketches(draw: Draw) -> Sketch:
    sketch = Sketch(draw, draw(st.sampled_from([1, 1, 2, 4, 6])))
    for move in draw(st.lists(st.sampled_from(MOVES), min_size=2, max_size=8)):
        move(sketch)
    if not sketch.entries:
        sketch.add("ReLU", ["data"])
    return sketch


@QUICK
@given(sketches(), st.integers(0, 9), st.integers(0, 9))
def test_sizes(sketch: Sketch, more: int, wider: int) -> None:
    check_sizes(sketch.text(sketch.entries), sketch.factor, more, wider)


@pytest.mark.slow
@THOROUGH
@given(sketches(), st.integers(0, 9), st.integers(0, 9))
def test_sizes_often(sketch: Sketch, more: int, wider: int) -> None:
    check_sizes(sketch.text(sketch.entries), sketch.factor, more, wider)


def check_sizes(text: str, factor: int, more: int, wider: int) -> None:
    network = loads(text)
    least = least_sizes(network)
    try:
        for extra, beside in ((0, 0), (1, 0), (0, 1), (more, wider)):
            check_at(text, network, factor, (least["H"] + extra, least["W"] + beside))
        check_below(text, network, factor, least)
    except Exception as error:
        error.add_note(text)
        raise


def check_at(text: str, network: Graph, factor: int, symbols: tuple[int, int]) -> None:
    """The formulas give what the network has at that height and width, and what PyTorch makes."""
    sizes: dict[str, Size] = {"N": 2, "H": symbols[0], "W": symbols[1]}
    height, width = (factor * each for each in symbols)
    fixed = loads(text, inputs={"data": [2, CHANNELS, height, width]})
    promised = {top.name: top.shape.substitute(sizes) for n in network.nodes for top in n.tops}
    assert {top.name: top.shape for node in fixed.nodes for top in node.tops} == promised
    recorded = instrumented(network)
    with torch.no_grad():
        recorded.model.eval()(torch.zeros(2, CHANNELS, height, width))
    for node in network.nodes:
        for top in node.tops:
            made = tuple(recorded.blobs[top.name].shape)
            assert made == tuple(substitute(size, sizes) for size in top.shape), top.name


def check_below(text: str, network: Graph, factor: int, least: dict[str, int]) -> None:
    """One row or column less is refused where it is given, but for a need of both together."""
    if any(node.type == "InstanceNorm" for node in network.nodes):
        return
    for name in "HW":
        if least[name] > 1:
            lower = {**least, name: least[name] - 1}
            height, width = (factor * lower[each] for each in "HW")
            with pytest.raises(SpecError):
                loads(text, inputs={"data": [2, CHANNELS, height, width]})
