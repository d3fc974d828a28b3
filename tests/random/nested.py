"""Random networks of blocks: instances whose members, names, phases and wiring differ by an arg.

Every blob has the same shape, so that anything can read anything: what is tried is structure. What
the language refuses is left out; most of what is drawn here it takes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from hypothesis import strategies as st

from tests.layers.recipes.recipe import Draw, Fields
from tests.layers.recipes.text import flow

CHANNELS = 4
Inputs: TypeAlias = Mapping[str, Sequence[str]]
"""The blocks that can be used, and the names of their inputs."""

CONVOLUTION: Fields = {"type": "Convolution", "num_output": CHANNELS}
LAYERS: list[Fields] = [
    {"type": "ReLU"},
    {"type": "ReLU"},
    {"type": "Sigmoid"},
    {"type": "PReLU"},
    {"type": "BatchNorm"},
    {"type": "BatchNorm", "use_global_stats": True},
    {"type": "InstanceNorm"},
    {"type": "Scale", "bias_term": True},
    {"type": "Pooling", "kernel_size": 3, "pad": 1},
    {**CONVOLUTION, "kernel_size": 1},
    {**CONVOLUTION, "kernel_size": 3, "pad": 1},
    {**CONVOLUTION, "kernel_size": "$(2 * (k % 2) + 1)", "pad": "$(k % 2)", "bias_term": False},
    {**CONVOLUTION, "kernel_size": 1, "weight_filler": {"type": "constant", "value": "$(k / 4)"}},
    {**CONVOLUTION, "kernel_size": 1, "param": [{"lr_mult": 0}, {}]}
    | {"bias_filler": {"type": "constant", "value": 0.5}},
]
WIRED: list[list[Fields]] = [
    [{"name": "s", "top": ["p", "q"], "type": "Slice"}, {"type": "Concat"}],
    [
        {"type": "Pooling", "pool": "AVE", "global_pooling": True},
        {"type": "InnerProduct", "num_output": CHANNELS},
        {"type": "Scale", "bottom": ["input", "previous"], "axis": 0},
    ],
    [
        {"name": "g", "type": "Parameter", "shape": [CHANNELS]},
        {"type": "Scale", "bottom": ["input", "g"], "axis": 1},
    ],
]
"""Groups with wiring of their own: several tops, an implicit flattening, a tensor."""

NAMES = ["a", "b", "x", "out", "sum", "conv", "a.b", "a.c", "b.a", "7", "9"]
WHENS = ["$(k == 1)", "$(k != 1)", "$(k > 1)", "$(k == 2)", "$(k < 3)"]
REPEATS: list[object] = ["$k", "$(k - 1)", "$(k // 2)", 2]
NUMBERED = ["l$(i + 1)", "l$i", "a.$i", "$(i + 4)", "l$(k - i)"]
COUNTS: list[object] = ["$k", "$(k - 1)", "$(k + 1)", 1, 2]


@dataclass
class Body:
    """The entries of one list, and the names that a later one may read."""

    draw: Draw
    blocks: Inputs
    inputs: Sequence[str]
    entries: list[Fields] = field(default_factory=list)
    readable: list[str] = field(default_factory=list)

    @property
    def after_phase(self) -> bool:
        """Whether what stands before is of one phase, so that nothing reads it unsaid."""
        return bool(self.entries) and "phase" in self.entries[-1]

    def names(self) -> list[str]:
        return [*self.inputs, *self.readable]

    def two(self) -> list[str]:
        """Two names to read, of different blobs if there are."""
        names = self.names() + ["previous"] * bool(self.entries and not self.after_phase)
        first = self.draw(st.sampled_from(names))
        return [first, self.draw(st.sampled_from([n for n in names if n != first] or names))]


def _layer(body: Body) -> Fields:
    return dict(body.draw(st.sampled_from(LAYERS)))


def _join(body: Body) -> Fields:
    return {"type": "Eltwise", "operation": "SUM", "bottom": body.two()}


def _group(body: Body) -> Fields:
    if body.draw(st.integers(0, 2)) == 0:
        return {"layers": body.draw(st.sampled_from(WIRED))}
    scope: Fields = body.draw(st.sampled_from([{}, {}, {"scope": False}]))
    # Without a scope `input` is the block's.
    inputs = body.inputs if scope else ["input"]
    return {**scope, "layers": entries(body.draw, body.blocks, inputs, most=3)}


def _instance(body: Body) -> Fields:
    if not body.blocks:
        return _layer(body)
    name = body.draw(st.sampled_from([*body.blocks]))
    entry: Fields = {"type": name, "k": body.draw(st.sampled_from(COUNTS))}
    return entry if len(body.blocks[name]) == 1 else {**entry, "bottom": body.two()}


def _reuse(body: Body) -> Fields:
    if not body.readable:
        return _layer(body)
    return {"reuse": body.draw(st.sampled_from(body.readable))}


KINDS: list[Callable[[Body], Fields]] = [
    *[_layer] * 5,
    *[_instance] * 3,
    *[_join] * 2,
    *[_group] * 2,
    _reuse,
]


def entries(draw: Draw, blocks: Inputs, inputs: Sequence[str], most: int = 5) -> list[Fields]:
    """The entries of a block or group, which read `k`."""
    body = Body(draw, blocks, inputs)
    for number in range(draw(st.integers(1, most))):
        entry = draw(st.sampled_from(KINDS))(body)
        if draw(st.integers(0, 2)) == 0:
            entry["when"] = draw(st.sampled_from(WHENS))
        if draw(st.integers(0, 3)) == 0 and "bottom" not in entry:
            entry["repeat"] = draw(st.sampled_from(REPEATS))
        if "scope" not in entry:
            entry = _placed(body, entry, f"n{number}")
        if body.after_phase:
            entry.setdefault("bottom", inputs[0])
        body.entries.append(entry)
    if body.after_phase:
        body.entries.append({"type": "ReLU", "bottom": inputs[0]})
    return body.entries


def _placed(body: Body, entry: Fields, other: str) -> Fields:
    """The entry with a name, perhaps, and with what it reads and the phase that it's in."""
    draw = body.draw
    if draw(st.booleans()):
        many = "repeat" in entry and draw(st.booleans())
        name = draw(st.sampled_from(NUMBERED if many else NAMES))
        if name in {each.get("name") for each in body.entries} and not many:
            name = other
        entry = {"name": name, **entry}
    if draw(st.integers(0, 4)) == 0:
        entry.setdefault("bottom", draw(st.sampled_from(body.names())))
    if draw(st.integers(0, 9)) == 0:
        entry["phase"] = draw(st.sampled_from(["TRAIN", "TEST"]))
        entry.setdefault("bottom", body.inputs[0])
    elif "$" not in entry.get("name", "$"):
        body.readable.append(entry["name"])
    return entry


def block(draw: Draw, name: str, blocks: Inputs, inputs: Sequence[str]) -> list[str]:
    """The lines of a block; it may hold itself, with a smaller number."""
    body = entries(draw, blocks, inputs)
    if len(inputs) == 1 and draw(st.integers(0, 5)) == 0:
        within = {"name": "deeper", "type": name, "k": "$(k - 1)", "when": "$(k > 1)"}
        body.append({**within, "bottom": inputs[0]})
    lines = [f"  {name}:", "    args: {k: 1}"]
    if len(inputs) > 1:
        lines.append(f"    inputs: {flow(inputs)}")
    lines += ["    layers:", *(f"      - {flow(entry)}" for entry in body)]
    given = [e["name"] for e in body if "$" not in e.get("name", "$") and "phase" not in e]
    if given and draw(st.integers(0, 5)) == 0:
        lines.append(f"    outputs: {flow(_some(draw, given))}")
    return lines


def _some(draw: Draw, names: Sequence[str]) -> list[str]:
    found: list[str] = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    return found


def _uses(draw: Draw, blocks: Inputs) -> list[Fields]:
    """The network's own list: some instances of its last blocks."""
    body = Body(draw, blocks, ["data"])
    for number in range(draw(st.integers(2, 4))):
        name = draw(st.sampled_from([*blocks][-2:]))
        entry: Fields = {"type": name, "k": draw(st.sampled_from([0, 1, 1, 2, 2, 3]))}
        if body.readable and draw(st.integers(0, 3)) == 0:
            again = {"reuse": draw(st.sampled_from(body.readable))}
            body.entries.append({"name": f"r{number}", **again, "bottom": "data"})
        if len(blocks[name]) == 2:
            entry["bottom"] = body.two()
        if body.after_phase or (body.readable and draw(st.integers(0, 3)) == 0):
            entry.setdefault("bottom", draw(st.sampled_from(body.names())))
        if draw(st.booleans()):
            entry = {"name": f"u{number}", **entry}
        if number and draw(st.integers(0, 9)) == 0:
            entry["phase"] = draw(st.sampled_from(["TRAIN", "TEST"]))
            entry.setdefault("bottom", "data")
            if entry["phase"] == "TRAIN" and isinstance(entry["bottom"], list):
                entry["bottom"] = ["data", "aim"]
        elif "name" in entry:
            body.readable.append(entry["name"])
        body.entries.append(entry)
    if body.after_phase:
        body.entries.append({"name": "last", "type": "Sigmoid", "bottom": "data"})
        body.readable.append("last")
    return body.entries


def spec(draw: Draw) -> str:
    """A spec with blocks that hold each other."""
    blocks: dict[str, Sequence[str]] = {}
    shape = f"[N, {CHANNELS}, 4, 4]"
    lines = ["netspec: 1", "name: Net", "allow: [unused-layer, unused-block, unused-arg]"]
    lines += [f"inputs: {{data: {shape}, aim: {{shape: {shape}, phase: TRAIN}}}}", "blocks:"]
    for name in ["first", "second", "third"][: draw(st.integers(1, 3))]:
        inputs = draw(st.sampled_from([["input"]] * 4 + [["p", "q"]]))
        lines += block(draw, name, blocks, inputs)
        blocks[name] = inputs
    uses = _uses(draw, blocks)
    named = [each["name"] for each in uses if "name" in each and "phase" not in each]
    says, learns = draw(st.booleans()), draw(st.booleans())
    outputs = _some(draw, named) if named and says else []
    if named and learns:
        loss = {"name": "loss", "type": "EuclideanLoss", "phase": "TRAIN", "loss_weight": 2}
        uses.append({**loss, "bottom": [named[-1], "aim"]})
        outputs = outputs or named[-1:]
    lines += ["layers:", *(f"  - {flow(entry)}" for entry in uses)]
    if outputs:
        lines.append(f"outputs: {flow(outputs)}")
    return "\n".join(lines) + "\n"
