"""Random networks whose blocks compute: what an arg, a var or a size says decides about numbers,
members, names and wiring.

What the language refuses is left out by whoever draws.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

from tests.layers.recipes.recipe import Draw, Fields
from tests.layers.recipes.text import flow

ARGS = ["k", "c", "width", "in_channels", "stride", "n", "out_channels", "self", "nn", "x", "v"]
"""Names of args: some are words of Python, of PyTorch or of the code, one is a var's."""
DERIVED = ["$(2 * v)", "$(v + w)", "$(v // 2 + 1)", "$(t[1] + v)", "$(v if w > 1 else 2)"]
INTEGERS = [
    "$a",
    "$a",
    "$(2 * a)",
    "$(a + 1)",
    "$(a + b)",
    "$(a // 2 + 1)",
    "$(max(a, 3))",
    "$(min(a, b) + 1)",
    "$(a if b > 2 else 3)",
    "$(t[1])",
    "$(t[a % 3])",
    "$(sum(t))",
    "$(len(t) + a)",
    "$(input.channels)",
    "$(input.channels + a)",
    "$(2 * previous.channels)",
    "$(previous.channels + b)",
    "$(a * (b + 1) - a)",
    "$(ceil(a / 2) + floor(b / 3))",
    "$(a ** 2 % 7 + 1)",
    "$(-a + b + 20)",
    "$(abs(a - b) + 1)",
    "$(3)",
]
CONDITIONS = [
    "a > 2",
    "a == b",
    "a != b",
    "a % 2 == 0",
    "a < b",
    "input.channels != a",
    "input.channels > 4",
    "previous.channels == a",
    "flag",
    "not flag",
    "a > 1 and b < 4",
    "a == 1 or flag",
    "a in [1, 2, 5]",
    "1 < a < 4",
    "t[0] < a",
]
NAMES = ["conv", "a", "b", "out", "norm", "down"]
NUMBERED = ["l$i", "l$(i + 1)", "a.$i", "conv$(2 * i)", "$(i + 2)", "u$(i)x"]


@dataclass
class Place:
    """Where entries are drawn: the names that expressions have, the names that bottoms have."""

    draw: Draw
    blocks: dict[str, Sequence[str]]
    numbers: tuple[str, ...]
    inputs: tuple[str, ...] = ("input",)
    depth: int = 0
    readable: list[str] = field(default_factory=list)
    entries: list[Fields] = field(default_factory=list)

    def one_of(self, choices: Sequence[str]) -> str:
        return self.draw(st.sampled_from(choices))

    def chance(self, of: int) -> bool:
        return self.draw(st.integers(1, of)) == of

    def integer(self) -> str:
        return self._filled(INTEGERS)

    def condition(self) -> str:
        return self._filled(CONDITIONS)

    def _filled(self, choices: Sequence[str]) -> str:
        """An expression with two of the numbers in the places of `a` and `b`."""
        names = {"a": self.one_of(self.numbers), "b": self.one_of(self.numbers)}
        text = self.one_of(choices)
        return re.sub(r"\b[ab]\b", lambda found: names[found[0]], text)


def _convolution(place: Place) -> Fields:
    entry: Fields = {"type": "Convolution", "num_output": place.integer(), "kernel_size": 1}
    if place.chance(6):
        a = place.one_of(place.numbers)
        entry |= {"kernel_size": f"$(1 + 2 * ({a} % 2))", "pad": f"$({a} % 2)"}
    if place.chance(6):
        entry["bias_term"] = f"$({place.condition()})"
    return entry


def _function(place: Place) -> Fields:
    kinds: list[Fields] = [
        {"type": "ReLU"},
        {"type": "Sigmoid"},
        {"type": "BatchNorm"},
        {"type": "Pooling", "kernel_size": 3, "pad": 1},
        {"type": "Dropout", "dropout_ratio": f"$({place.one_of(place.numbers)} / 100)"},
        {"type": "ReLU", "negative_slope": f"$({place.one_of(place.numbers)} / 10)"},
    ]
    return dict(place.draw(st.sampled_from(kinds)))


def _instance(place: Place) -> Fields:
    if not place.blocks:
        return _convolution(place)
    name = place.one_of([*place.blocks])
    entry: Fields = {"type": name}
    for arg in place.blocks[name]:
        if arg.endswith("!") or place.chance(3):
            entry[arg.removesuffix("!")] = place.integer()
    return entry


def _concat(place: Place) -> Fields:
    names = [*place.inputs, *place.readable, *["previous"] * bool(place.entries)]
    first = place.one_of(names)
    return {"type": place.one_of(["Concat"] * 4 + ["Eltwise"])} | {
        "bottom": [first, place.one_of([n for n in names if n != first] or names)]
    }


def _group(place: Place) -> Fields:
    if place.depth > 1:
        return _convolution(place)
    inner = replace(place, depth=place.depth + 1, readable=[], entries=[])
    entry: Fields = {} if place.chance(2) else {"scope": False}
    inner.inputs = ("input",) if not entry else place.inputs
    return {**entry, "layers": entries(inner, 3)}


def _reuse(place: Place) -> Fields:
    if not place.readable:
        return _convolution(place)
    return {"reuse": place.one_of(place.readable)}


KINDS: list[Callable[[Place], Fields]] = [
    *[_convolution] * 4,
    *[_function] * 2,
    *[_instance] * 4,
    *[_concat] * 2,
    *[_group] * 2,
    _reuse,
]


def _repeated(place: Place, number: int) -> Fields:
    """An entry that comes several times."""
    index = "i" if place.depth == 0 else f"i{place.depth}"
    within = replace(place, numbers=(*place.numbers, index), depth=place.depth + 1)
    kinds = [_convolution, _function, _instance, _group]
    entry: Fields = place.draw(st.sampled_from(kinds))(within)
    a = place.one_of(place.numbers)
    counts: list[object] = [f"$({a})", f"$({a})", f"$(min({a}, 3))", "$w", 2, 3, 5, "$(t[0])"]
    kind = place.draw(st.integers(0, 7))
    if index != "i":
        entry["index"] = index
    entry["repeat"] = place.draw(st.sampled_from(counts))
    if "num_output" in entry and kind == 0:
        entry["repeat"] = [{"num_output": place.integer()} for _ in range(3)]
    elif "num_output" in entry and kind == 2:
        entry["first"] = {"num_output": place.integer()}
    if place.chance(3) and "scope" not in entry:
        entry["name"] = place.one_of(NUMBERED).replace("i", index, 1)
    elif place.chance(2) and "scope" not in entry:
        entry["name"] = f"r{number}"
    if place.chance(4):
        entry["when"] = f"$({place.one_of([f'{index} > 0', f'{index} != 1', within.condition()])})"
    return entry


def _either(place: Place, number: int) -> list[Fields]:
    """Two entries of which one is there, and both have one name."""
    condition = place.condition()
    one, other = (place.draw(st.sampled_from(KINDS[:8]))(place) for _ in range(2))
    name = {"name": f"e{number}"} if place.chance(2) else {}
    sides = [f"$({condition})", f"$(not ({condition}))"]
    if place.chance(4):
        sides[1] = f"$({place.condition()})"
    given = [{**name, **one, "when": sides[0]}, {**name, **other, "when": sides[1]}]
    if name and place.chance(2):
        place.readable.append(f"e{number}")
    return given


def _names(found: list[Fields]) -> set[str]:
    """The names in a list, those in groups without a scope among them."""
    names = {each["name"] for each in found if "name" in each}
    for each in found:
        if "scope" in each:
            names |= _names(each["layers"])
    return names


def entries(place: Place, most: int) -> list[Fields]:
    """The entries of a list."""
    for number in range(place.draw(st.integers(1, most))):
        kind = place.draw(st.integers(0, 7))
        if kind == 0:
            place.entries.append(_repeated(place, number))
            continue
        if kind == 1:
            place.entries += _either(place, number)
            continue
        entry = place.draw(st.sampled_from(KINDS))(place)
        if place.chance(4):
            entry["when"] = f"$({place.condition()})"
        if "scope" not in entry:
            if place.chance(2):
                name = place.one_of([*NAMES, f"n{number}", f"n{number}"])
                if name in _names(place.entries):
                    name = f"n{number}"
                entry = {"name": name, **entry}
                place.readable.append(name)
            if place.chance(6):
                entry.setdefault("bottom", place.one_of([*place.inputs, *place.readable[:-1]]))
        place.entries.append(entry)
    return place.entries


def block(draw: Draw, name: str, blocks: dict[str, Sequence[str]]) -> list[str]:
    """The lines of a block, which is noted with its args; `!` behind one says that it's required.

    It may hold itself once or twice, with a smaller number.
    """
    known: list[str] = draw(st.lists(st.sampled_from(ARGS), min_size=1, max_size=3, unique=True))
    said: Fields = {}
    numbers = ["v", "w"]
    for arg in known:
        place = Place(draw, {}, tuple(numbers))
        default = draw(st.sampled_from(["required", 1, 2, 3, "expression"]))
        if default == "expression":
            default = place.integer().replace("previous", "input")
        said[arg] = default
        numbers.append(arg)
    # What is known best are the args.
    place = Place(draw, blocks, tuple(numbers + known * 2))
    body = entries(place, 5)
    if place.chance(5):
        first, *others = known
        for number in range(draw(st.integers(1, 2))):
            within: Fields = {"type": name, first: f"$({first} - 1)", "when": f"$({first} > 1)"}
            within |= {arg: place.integer() for arg in others if said[arg] == "required"}
            within |= {"bottom": "input"} if place.chance(2) else {}
            body.append({"name": f"deeper{number}", **within})
    lines = [f"  {name}:", f"    args: {flow(said)}", "    layers:"]
    blocks[name] = [arg + "!" * (said[arg] == "required") for arg in known]
    return [*lines, *(f"      - {flow(entry)}" for entry in body)]


def spec(draw: Draw) -> str:
    """A spec with vars, blocks that hold each other, and several instances of the last two."""
    v, w = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    flag = draw(st.sampled_from(["true", "false"]))
    table = draw(st.sampled_from(["[1, 2, 3]", "[4, 4, 4]", "[3, 1, 2]"]))
    vars = f"vars: {{v: {v}, w: {w}, flag: {flag}, t: {table}}}"
    if draw(st.booleans()):
        vars = vars.replace("}", f', d: "{draw(st.sampled_from(DERIVED))}"}}')
    lines = ["netspec: 1", "name: Net"]
    lines += ["allow: [unused-layer, unused-block, unused-arg, unused-var]"]
    channels = draw(st.sampled_from(["3", "3", "3", "$v", "$(2 * v)"]))
    lines += [f"inputs: {{data: [N, {channels}, 4, 4]}}", vars, "blocks:"]
    blocks: dict[str, Sequence[str]] = {}
    for name in ["first", "second", "third"][: draw(st.integers(1, 3))]:
        lines += block(draw, name, blocks)
    numbers = ("v", "w", "v", "w", *["d"] * ("d:" in vars))
    place = Place(draw, blocks, numbers, ("data",))
    body = entries(place, 4)
    for name in [*blocks][-2:]:
        for _ in range(draw(st.integers(1, 3))):
            only = replace(place, blocks={name: blocks[name]})
            body.append(_instance(only))
    lines += ["layers:", *(f"  - {flow(entry)}" for entry in body)]
    return "\n".join(lines) + "\n"
