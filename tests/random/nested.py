"""Random networks of blocks: instances whose members, names, phases and wiring differ by an arg.

Every blob has the same shape, so that anything can read anything: what is tried is structure. What
the language refuses is left out; most of what is drawn here it takes.
"""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.layers.recipes.recipe import Draw, Fields
from tests.layers.recipes.text import flow

CHANNELS = 3
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
    {"type": "Convolution", "num_output": CHANNELS, "kernel_size": 1},
    {"type": "Convolution", "num_output": CHANNELS, "kernel_size": 3, "pad": 1},
    {"type": "Convolution", "num_output": CHANNELS, "kernel_size": "$(2 * (k % 2) + 1)"}
    | {"pad": "$(k % 2)", "bias_term": False},
    {"type": "Convolution", "num_output": CHANNELS, "kernel_size": 1}
    | {"weight_filler": {"type": "constant", "value": "$(k / 4)"}},
    {"type": "Convolution", "num_output": CHANNELS, "kernel_size": 1}
    | {"bias_filler": {"type": "constant", "value": 0.5}, "param": [{"lr_mult": 0}, {}]},
]
NAMES = ["a", "b", "x", "out", "sum", "conv", "a.b", "a.c", "b.a", "7", "9"]
WHENS = ["$(k == 1)", "$(k != 1)", "$(k > 1)", "$(k == 2)", "$(k < 3)"]
REPEATS: list[object] = ["$k", "$(k - 1)", "$(k // 2)", 2]
NUMBERED = ["l$(i + 1)", "l$i", "a.$i", "$(i + 4)", "l$(k - i)"]


@dataclass
class Body:
    """The entries of one list, and the names that a later one may read."""

    entries: list[Fields] = field(default_factory=list)
    readable: list[str] = field(default_factory=lambda: ["input"])


def _layer(draw: Draw, body: Body, blocks: list[str]) -> Fields:
    return dict(draw(st.sampled_from(LAYERS)))


def _join(draw: Draw, body: Body, blocks: list[str]) -> Fields:
    """A sum of two blobs; `previous` where nothing stands before it is refused."""
    before = body.entries and "phase" not in body.entries[-1]
    names = body.readable + ["previous"] * bool(before)
    first = draw(st.sampled_from(names))
    second = draw(st.sampled_from([each for each in names if each != first] or names))
    return {"type": "Eltwise", "operation": "SUM", "bottom": [first, second]}


def _group(draw: Draw, body: Body, blocks: list[str]) -> Fields:
    inner = entries(draw, blocks, most=3)
    scope: Fields = draw(st.sampled_from([{}, {}, {"scope": False}]))
    return {**scope, "layers": inner}


def _instance(draw: Draw, body: Body, blocks: list[str]) -> Fields:
    if not blocks:
        return _layer(draw, body, blocks)
    count = draw(st.sampled_from(["$k", "$(k - 1)", "$(k + 1)", 1, 2]))
    return {"type": draw(st.sampled_from(blocks)), "k": count}


def _reuse(draw: Draw, body: Body, blocks: list[str]) -> Fields:
    if len(body.readable) == 1:
        return _layer(draw, body, blocks)
    return {"reuse": draw(st.sampled_from(body.readable[1:]))}


KINDS = [_layer] * 5 + [_instance] * 3 + [_join] * 2 + [_group] * 2 + [_reuse]


def entries(draw: Draw, blocks: list[str], most: int = 5) -> list[Fields]:
    """The entries of a block or group, which read `k`."""
    body = Body()
    for number in range(draw(st.integers(1, most))):
        kind = draw(st.sampled_from(KINDS))
        entry = kind(draw, body, blocks)
        if draw(st.integers(0, 2)) == 0:
            entry["when"] = draw(st.sampled_from(WHENS))
        if draw(st.integers(0, 3)) == 0 and "bottom" not in entry:
            entry["repeat"] = draw(st.sampled_from(REPEATS))
        inside = entry.get("scope") is False
        if draw(st.integers(0, 1)) and not inside:
            many = "repeat" in entry and draw(st.booleans())
            name = draw(st.sampled_from(NUMBERED if many else NAMES))
            if name in {each.get("name") for each in body.entries} and not many:
                name = f"n{number}"
            entry = {"name": name, **entry}
            if "$" not in name:
                body.readable.append(name)
        if draw(st.integers(0, 4)) == 0 and "bottom" not in entry and not inside:
            entry["bottom"] = draw(st.sampled_from(body.readable[:1] + body.readable[:-1]))
        if draw(st.integers(0, 9)) == 0 and not inside:
            entry["phase"] = draw(st.sampled_from(["TRAIN", "TEST"]))
            entry.setdefault("bottom", "input")
        if body.entries and "phase" in body.entries[-1]:
            entry.setdefault("bottom", "input")
        body.entries.append(entry)
    if "phase" in body.entries[-1]:
        body.entries.append({"type": "ReLU", "bottom": "input"})
    return body.entries


def _uses(draw: Draw, blocks: list[str]) -> list[Fields]:
    """The network's own list: some instances of each block."""
    found: list[Fields] = []
    for number in range(draw(st.integers(2, 4))):
        entry: Fields = {"type": draw(st.sampled_from(blocks[-2:]))}
        entry["k"] = draw(st.sampled_from([0, 1, 1, 2, 2, 3]))
        if draw(st.booleans()):
            entry = {"name": f"u{number}", **entry}
        named = [each["name"] for each in found if "name" in each and "phase" not in each]
        if named and draw(st.integers(0, 3)) == 0:
            again = {"reuse": draw(st.sampled_from(named)), "bottom": "data"}
            found.append({"name": f"r{number}", **again})
        if named and draw(st.integers(0, 3)) == 0:
            entry["bottom"] = draw(st.sampled_from([*named, "data"]))
        if found and "phase" in found[-1]:
            entry["bottom"] = draw(st.sampled_from([*named, "data"]))
        elif number and draw(st.integers(0, 9)) == 0:
            entry["phase"] = draw(st.sampled_from(["TRAIN", "TEST"]))
            entry.setdefault("bottom", "data")
        found.append(entry)
    if "phase" in found[-1]:
        found.append({"type": "Sigmoid", "bottom": "data"})
    return found


def spec(draw: Draw) -> str:
    """A spec with blocks that hold each other."""
    names = ["first", "second", "third"][: draw(st.integers(1, 3))]
    lines = ["netspec: 1", "name: Net", "allow: [unused-layer, unused-block, unused-arg]"]
    lines += [f"inputs: {{data: [N, {CHANNELS}, 4, 4]}}", "blocks:"]
    for number, name in enumerate(names):
        lines += [f"  {name}:", "    args: {k: 1}", "    layers:"]
        body = entries(draw, names[:number])
        lines += [f"      - {flow(entry)}" for entry in body]
        given = [e["name"] for e in body if "$" not in e.get("name", "$") and "phase" not in e]
        if given and draw(st.integers(0, 5)) == 0:
            lines.append(f"    outputs: {flow(draw(st.lists(st.sampled_from(given), min_size=1, max_size=2, unique=True)))}")
    uses = _uses(draw, names)
    lines += ["layers:", *(f"  - {flow(entry)}" for entry in uses)]
    named = [each["name"] for each in uses if "name" in each]
    if named and draw(st.booleans()):
        outputs = draw(st.lists(st.sampled_from(named), min_size=1, max_size=2, unique=True))
        lines.append(f"outputs: {flow(outputs)}")
    return "\n".join(lines) + "\n"
