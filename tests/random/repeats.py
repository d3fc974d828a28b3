"""Random networks of repeats whose instances read and give several blobs: handed on from one to
the next, the same for all, each its own, gathered behind them.

Every blob has the same shape, as in `nested`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from tests.layers.recipes.recipe import Draw, Fields
from tests.layers.recipes.text import flow
from tests.random.nested import CHANNELS, CONVOLUTION, LAYERS

INPUTS = {"one": ["input"], "two": ["p", "q"], "fork": ["input"], "pair": ["p", "q"]}
OUTPUTS = {"one": ["last"], "two": ["last"], "fork": ["last", "side"], "pair": ["last", "side"]}
COUNTS: list[object] = [2, 3, 3, "$k", "$(k + 1)"]


@dataclass
class Body:
    """The entries of a list; blobs that may be read, and those that repeats have gathered."""

    draw: Draw
    entries: list[Fields] = field(default_factory=list)
    readable: list[str] = field(default_factory=list)
    gathered: list[tuple[str, str]] = field(default_factory=list)

    def one(self) -> str:
        return self.draw(st.sampled_from(self.readable))

    def name(self) -> str:
        return f"r{len(self.entries)}"


def _block(draw: Draw, name: str) -> list[str]:
    """A block that reads all of its inputs, and gives what it's asked for."""
    body: list[Fields] = [{"name": "start", **CONVOLUTION, "kernel_size": 1}]
    body += [dict(draw(st.sampled_from(LAYERS))) for _ in range(draw(st.integers(0, 2)))]
    body.append({"name": "last", "type": "Eltwise", "bottom": ["previous", INPUTS[name][-1]]})
    if "side" in OUTPUTS[name]:
        body.append({"name": "side", **CONVOLUTION, "kernel_size": 1, "bottom": "start"})
    lines = [f"  {name}:", "    args: {k: 1}", f"    outputs: {flow(OUTPUTS[name])}"]
    lines += [f"    inputs: {flow(INPUTS[name])}"] if len(INPUTS[name]) > 1 else []
    return [*lines, "    layers:", *(f"      - {flow(entry)}" for entry in body)]


def _carried(body: Body) -> None:
    """What is handed on, beside what is the same for all, or from all results to all inputs."""
    name = body.name()
    type = body.draw(st.sampled_from([*INPUTS, "conv"]))
    entry: Fields = {"name": name, "type": type, "k": "$(i % 3)", **_count(body)}
    if type == "conv":
        kernel = {"kernel_size": "$(2 * (i % 2) + 1)", "pad": "$(i % 2)"}
        entry = {"name": name, **CONVOLUTION, **kernel, **_count(body)}
    before = f"{name}.$(i - 1)" + (".last" if type in ("fork", "pair") else "")
    first: list[str] = [body.one()]
    bottom = [before]
    if type in ("two", "pair"):
        other = body.one()
        is_pair = type == "pair" and body.draw(st.booleans())
        bottom.append(f"{name}.$(i - 1).side" if is_pair else other)
        first.append(other)
    if len(bottom) == 2 and body.draw(st.booleans()):
        bottom.reverse()
        first.reverse()
    body.entries.append({**entry, "bottom": bottom, "first": {"bottom": first}})
    _given(body, name, type)


def _branches(body: Body) -> None:
    """Branches side by side, each of which reads the same, or what's been gathered before."""
    name = body.name()
    type = body.draw(st.sampled_from([*INPUTS, "conv"]))
    number = body.draw(st.sampled_from(["$i", "$(2 - i)", "$(1 - i)"]))
    own = [f"{each}.{number}{part}" for each, part in body.gathered]
    reads = [body.draw(st.sampled_from([*own, body.one()])) for _ in INPUTS.get(type, [""])]
    is_own = any("$" in each for each in reads)
    count = {"repeat": 2 if number == "$(1 - i)" else 3} if is_own else _count(body)
    made: Fields = {"type": type} if type in INPUTS else {**CONVOLUTION, "kernel_size": 1}
    body.entries.append({"name": name, **made, **count, "bottom": reads})
    _given(body, name, type)


def _upwards(body: Body) -> None:
    """What is handed on, beside what's been gathered before, in its order or backwards."""
    if not body.gathered:
        return _carried(body)
    name = body.name()
    gathered, part = body.draw(st.sampled_from(body.gathered))
    number = body.draw(st.sampled_from(["$i", "$(2 - i)"]))
    each = f"{gathered}.{number}{part}"
    entry: Fields = {"name": name, "type": "two", "repeat": 3, "bottom": [f"{name}.$(i - 1)", each]}
    body.entries.append({**entry, "first": {"bottom": [body.one(), each]}})
    return _given(body, name, "two")


def _count(body: Body) -> Fields:
    return {"repeat": body.draw(st.sampled_from(COUNTS))}


def _given(body: Body, name: str, type: str) -> None:
    """What later entries may read of a repeat: what's last, or all, in a layer that joins them."""
    parts = [f".{each}" for each in OUTPUTS[type]] if type in ("fork", "pair") else [""]
    count = body.entries[-1]["repeat"]
    is_gathered = isinstance(count, int) and body.draw(st.booleans())
    if not is_gathered or body.draw(st.booleans()):
        joined = f"last{len(body.entries)}"
        body.entries.append({"name": joined, "type": "Eltwise", "bottom": [name, body.one()]})
        body.readable.append(joined)
    if isinstance(count, int) and is_gathered:
        part = body.draw(st.sampled_from(parts))
        blobs = [f"{name}.{number}{part}" for number in range(count)]
        more = [body.one() for _ in range(body.draw(st.integers(0, 1)))]
        at = body.draw(st.integers(0, 1)) * len(more)
        joined = f"all{len(body.entries)}"
        made = [*more[:at], *blobs, *more[at:]]
        if body.draw(st.booleans()):
            body.entries.append({"name": joined, "type": "Eltwise", "bottom": made})
        else:
            body.entries.append({"name": f"{joined}_", "type": "Concat", "bottom": made})
            body.entries.append({"name": joined, **CONVOLUTION, "kernel_size": 1})
        body.readable.append(joined)
        if count == 3:
            body.gathered.append((name, part))


KINDS: list[Callable[[Body], None]] = [_carried, _carried, _branches, _upwards]


def _entries(draw: Draw, inputs: list[str], most: int) -> Body:
    body = Body(draw, readable=list(inputs))
    for _ in range(draw(st.integers(1, most))):
        draw(st.sampled_from(KINDS))(body)
    ends = dict.fromkeys([body.readable[-1], body.one()])
    body.entries.append({"name": "end", "type": "Eltwise", "bottom": [*ends]})
    return body


def spec(draw: Draw) -> str:
    """A spec whose blocks and whose own list hold such repeats."""
    shape = f"[N, {CHANNELS}, 4, 4]"
    lines = ["netspec: 1", "name: Net", "allow: [unused-layer, unused-block, unused-arg]"]
    lines += [f"inputs: {{data: {shape}, aim: {{shape: {shape}, phase: TRAIN}}}}", "vars: {k: 2}"]
    lines.append("blocks:")
    for name in INPUTS:
        lines += _block(draw, name)
    lines += ["  stage:", "    inputs: [p, q]", "    args: {k: 2}", "    layers:"]
    lines += [f"      - {flow(entry)}" for entry in _entries(draw, ["p", "q"], 2).entries]
    body = _entries(draw, ["data"], 3)
    for number in range(draw(st.integers(0, 2))):
        count = draw(st.sampled_from([1, 2, 3, "$k"]))
        entry: Fields = {"name": f"s{number}", "type": "stage", "k": count}
        body.entries.append({**entry, "bottom": [body.one(), body.one()]})
        body.readable.append(f"s{number}")
    lines += ["layers:", *(f"  - {flow(entry)}" for entry in body.entries)]
    return "\n".join(lines) + "\n"
