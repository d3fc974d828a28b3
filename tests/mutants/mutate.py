"""Mutations of specs: most leave a spec that `check` accepts, and that nobody would write."""

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, TypeAlias

import yaml

Fields: TypeAlias = dict[str, Any]
Random: TypeAlias = random.Random

NAMES = ["a", "b", "c", "yes", "null", "on", "y", "0", "1", "7", "x_1", "n", "a.b", "g.0", "N"]
DOCS = [
    *["", " ", "one line", "two\nlines", "a: b", "# no comment", "'", '"', "\\", "tab\there"],
    *[
        "\x85",
        "a\x85b",
        "\u2028",
        "\xa0x",
        "é",
        "\U0001f600",
        "$x $(y)",
        "1e5",
        "0o17",
        "null",
        "~",
    ],
    *["no", "yes", "1_000", "12:30", ".inf", "- a", "{a: b}", "? x", "| x", "x \n", "\n x", "<<"],
    *[
        '"""',
        "=",
        "!!str x",
        "&a",
        "*a",
        "%x",
        "---",
        "...",
        "2001-01-01",
        "0x1f",
        "+1",
        "1.",
        ".5",
    ],
]
PLAIN: list[Fields] = [
    *[{"type": name} for name in ("ReLU", "Dropout", "Sigmoid", "Flatten", "Softmax", "BatchNorm")],
    *[
        {"type": name}
        for name in ("Scale", "Bias", "PReLU", "AbsVal", "DropPath", "LRN", "Normalize")
    ],
    {"type": "Pooling", "kernel_size": 2},
    {"type": "Pooling", "pool": "AVE", "global_pooling": True},
    {"type": "Pooling", "kernel_size": 2, "top": ["pooled", "mask"]},
    {"type": "Convolution", "num_output": 4, "kernel_size": [1, 3], "pad": [0, 1]},
    {"type": "Convolution", "num_output": 3, "kernel_size": 1, "weight_filler": {"type": "xavier"}},
    {"type": "Convolution", "num_output": 3, "kernel_size": 1, "param": [{"name": "w"}, {}]},
    {"type": "InnerProduct", "num_output": 3, "param": [{"name": "1e5", "lr_mult": 0}]},
    {"type": "InnerProduct", "num_output": 2, "bias_filler": {"type": "constant", "value": 1e-7}},
    {"type": "Power", "shift": 1e300},
    {"type": "Power", "scale": 2**62},
    {"type": "Clip", "min": -1, "max": 1e-7},
    {"type": "Slice"},
    {"type": "Slice", "slice_point": 1, "top": ["left", "right"]},
    {"type": "Parameter", "shape": [3]},
    {"type": "Concat"},
    {"type": "Eltwise"},
    {"type": "ArgMax"},
]


def mutated(text: str, choose: Random, accepts: Callable[[str], bool]) -> str:
    """A spec's text after some mutations; most of those that aren't accepted are undone."""
    document = yaml.load(text, yaml.CSafeLoader)
    # What is read is no matter here; else hardly a mutant would pass.
    if choose.random() < 0.8:
        document["allow"] = ["unused-layer"]
    for _ in range(choose.choice([1, 2, 3, 4, 6, 8])):
        before = deepcopy(document)
        choose.choice(MOVES)(document, choose)
        if choose.random() < 0.95 and not accepts(written(document)):
            document = before
    return written(document)


def written(document: Any) -> str:
    """The text of a document, in YAML as netspec reads it."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=False, width=10**6)


class _Dumper(yaml.CSafeDumper):
    """Text is quoted, as YAML 1.1 and 1.2 differ in what else it may be."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


_Dumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
)


def lists(document: Fields) -> list[list[Any]]:
    """Every list of layers of a document."""
    blocks = document.get("blocks")
    owners = [document, *(blocks.values() if isinstance(blocks, dict) else ())]
    return [each for owner in owners for each in _lists(owner)]


def _lists(owner: Any) -> Iterator[list[Any]]:
    found = owner.get("layers") if isinstance(owner, dict) else None
    if isinstance(found, list) and found:
        yield found
        for entry in found:
            yield from _lists(entry)


def spot(document: Fields, choose: Random) -> tuple[list[Any], int] | None:
    """A list of layers and a place in it."""
    found = lists(document)
    if not found:
        return None
    chosen = choose.choice(found)
    return chosen, choose.randrange(len(chosen))


def entry(document: Fields, choose: Random) -> Fields:
    """Some layer; a new one, that stands nowhere, where there is none."""
    place = spot(document, choose)
    found = place[0][place[1]] if place is not None else {}
    return found if isinstance(found, dict) else {}


def seen(document: Fields, choose: Random) -> str:
    """A name that may be one of a blob."""
    names = ["input", "previous", *NAMES]
    inputs = document.get("inputs")
    names += list(inputs) if isinstance(inputs, dict) else []
    for each in lists(document):
        for item in each:
            if isinstance(item, dict):
                names += [
                    str(item[key]) for key in ("name", "top") if isinstance(item.get(key), str)
                ]
    name: str = choose.choice(names)
    return choose.choice(
        [name, name, name, f"{name}.*", f"{name}.0", f"{name}.{choose.choice(NAMES)}"]
    )


def switch(document: Fields, choose: Random) -> None:
    """A layer that is there or isn't."""
    values = [False, False, True, "$(1 > 2)", "$(input.channels > 3)", "$(i == 0)"]
    entry(document, choose)["when"] = choose.choice(values)


def repeat(document: Fields, choose: Random) -> None:
    """A layer several times, once or not at all."""
    values = [0, 0, 1, 2, 3, "$(3 - 1)", [{}, {}], [{"doc": "x"}], [{"phase": "TRAIN"}, {}]]
    chosen = entry(document, choose)
    chosen["repeat"] = deepcopy(choose.choice(values))
    if choose.random() < 0.2:
        chosen["first"] = {"name": choose.choice(NAMES)}
    if choose.random() < 0.3:
        chosen["bottom"] = seen(document, choose)


def wire(document: Fields, choose: Random) -> None:
    """Another bottom, or none that is said."""
    chosen = entry(document, choose)
    if choose.random() < 0.2:
        chosen.pop("bottom", None)
    elif choose.random() < 0.5:
        chosen["bottom"] = seen(document, choose)
    else:
        chosen["bottom"] = [seen(document, choose) for _ in range(choose.randint(1, 3))]


def name(document: Fields, choose: Random) -> None:
    """Another name, or none."""
    chosen = entry(document, choose)
    if choose.random() < 0.4:
        chosen.pop("name", None)
    else:
        chosen["name"] = choose.choice([*NAMES, "l$i", "a.$i"])


def top(document: Fields, choose: Random) -> None:
    """Names for what a layer gives."""
    entry(document, choose)["top"] = choose.choice([*NAMES, ["a", "b"], ["p", "mask"], ["a"]])


def insert(document: Fields, choose: Random) -> None:
    """One more layer."""
    place = spot(document, choose)
    if place is None:
        return
    made = deepcopy(choose.choice(PLAIN))
    if choose.random() < 0.6:
        made["name"] = choose.choice(NAMES)
    if made["type"] in ("Concat", "Eltwise"):
        made["bottom"] = [seen(document, choose) for _ in range(choose.randint(1, 3))]
    elif choose.random() < 0.3:
        made["bottom"] = seen(document, choose)
    place[0].insert(place[1] + choose.randint(0, 1), made)


def delete(document: Fields, choose: Random) -> None:
    """One layer, or one of its fields, less."""
    place = spot(document, choose)
    if place is None:
        return
    if choose.random() < 0.5:
        del place[0][place[1]]
    else:
        chosen = entry(document, choose)
        if chosen:
            del chosen[choose.choice(list(chosen))]


def double(document: Fields, choose: Random) -> None:
    """A layer a second time, here or elsewhere."""
    place, other = spot(document, choose), spot(document, choose)
    if place is None or other is None:
        return
    made = deepcopy(place[0][place[1]])
    if isinstance(made, dict) and choose.random() < 0.7:
        made["name"] = choose.choice(NAMES)
    other[0].insert(other[1], made)


def wrap(document: Fields, choose: Random) -> None:
    """Some layers in a group, perhaps repeated."""
    place = spot(document, choose)
    if place is None:
        return
    found, start = place
    end = start + choose.randint(1, 3)
    group: Fields = {"layers": found[start:end]}
    kind = choose.random()
    if kind < 0.4:
        group["scope"] = False
    elif kind < 0.8:
        group["name"] = choose.choice(NAMES)
    if choose.random() < 0.4:
        group["repeat"] = choose.choice([0, 1, 2, 3])
    if choose.random() < 0.2:
        group["outputs"] = seen(document, choose)
    if choose.random() < 0.3:
        group["doc"] = choose.choice(DOCS)
    found[start:end] = [group]


def block(document: Fields, choose: Random) -> None:
    """Some layers as a block, which is used once more."""
    place = spot(document, choose)
    if place is None or not isinstance(document.setdefault("blocks", {}), dict):
        return
    found, start = place
    end = start + choose.randint(1, 3)
    title = f"made{len(document['blocks'])}"
    body: Fields = {"layers": found[start:end]}
    if choose.random() < 0.3:
        body["inputs"] = choose.choice([["x"], ["x", "y"]])
    if choose.random() < 0.2:
        body["outputs"] = seen(document, choose)
    document["blocks"][title] = body
    found[start:end] = [{"type": title} for _ in range(choose.randint(1, 2))]
    for use in found[start : start + 2]:
        if isinstance(use, dict) and choose.random() < 0.5:
            use["name"] = choose.choice(NAMES)


def reuse(document: Fields, choose: Random) -> None:
    """A layer, a block or a group applied again."""
    place = spot(document, choose)
    if place is None:
        return
    again: Fields = {"reuse": seen(document, choose)}
    if choose.random() < 0.6:
        again["name"] = choose.choice(NAMES)
    if choose.random() < 0.6:
        again["bottom"] = seen(document, choose)
    place[0].insert(place[1] + 1, again)


def phase(document: Fields, choose: Random) -> None:
    """A layer of one phase."""
    entry(document, choose)["phase"] = choose.choice(["TRAIN", "TEST"])


def say(document: Fields, choose: Random) -> None:
    """A text that is only told."""
    owner = choose.choice([document, entry(document, choose), entry(document, choose)])
    owner[choose.choice(["doc", "source"]) if owner is document else "doc"] = choose.choice(DOCS)


def results(document: Fields, choose: Random) -> None:
    """Other results."""
    if choose.random() < 0.2:
        document.pop("outputs", None)
    elif choose.random() < 0.5:
        document["outputs"] = seen(document, choose)
    else:
        document["outputs"] = [seen(document, choose) for _ in range(choose.randint(1, 3))]


def inputs(document: Fields, choose: Random) -> None:
    """Other inputs, or one more."""
    found = document.get("inputs")
    if not isinstance(found, dict) or not found:
        return
    shapes = [["N", 3, 8, 8], ["N", 4, "H", "W"], [2, 3, 8, 8], ["N", 3], ["N"], [5]]
    chosen = choose.choice([*found, *NAMES])
    made: Any = deepcopy(choose.choice(shapes))
    if choose.random() < 0.4:
        made = {"shape": made}
        if choose.random() < 0.6:
            made["dtype"] = choose.choice(
                ["float16", "float64", "int32", "int64", "bool", "float32"]
            )
        if choose.random() < 0.6:
            made["phase"] = choose.choice(["TRAIN", "TEST"])
    found[chosen] = made


def structure(document: Fields, choose: Random) -> None:
    """An expression where a structure belongs."""
    values = ["$x", "$([1, 2])", "$(['a'])", "$(1 + 1)", "$('a')"]
    owners = [document, entry(document, choose)]
    blocks = document.get("blocks")
    owners += [each for each in (blocks or {}).values() if isinstance(each, dict)] if blocks else []
    owner = choose.choice(owners)
    keys = ["layers", "blocks", "inputs", "vars", "variants", "outputs", "args", "bottom", "top"]
    keys += ["param", "repeat", "first", "when", "name", "type", *owner]
    owner[choose.choice(keys)] = choose.choice(values)


def variants(document: Fields, choose: Random) -> None:
    """Another variant."""
    values = document.get("vars")
    if not isinstance(values, dict) or not values:
        return
    changed = {choose.choice(list(values)): choose.choice([0, 1, 2, 3, False, "$(1 + 1)", [1, 2]])}
    found = document.setdefault("variants", {})
    if isinstance(found, dict):
        found[choose.choice(["v", "w"])] = changed


def field(document: Fields, choose: Random) -> None:
    """Another number."""
    chosen = entry(document, choose)
    keys = [key for key, value in chosen.items() if type(value) in (int, float, bool)]
    if keys:
        values = [0, 1, 2, 3, 1e-7, 1e20, 2**31 - 1, True, False, 0.5, [1, 2], float("inf"), "$(2)"]
        chosen[choose.choice(keys)] = choose.choice(values)


def sharing(document: Fields, choose: Random) -> None:
    """How parameters are shared and trained."""
    values: list[Any] = [{}, {"name": "w"}, {"name": "w", "lr_mult": 2}, {"lr_mult": 0}]
    values += [{"decay_mult": 1e-7}, {"name": "null"}, {"lr_mult": float("inf")}]
    chosen = [deepcopy(choose.choice(values)) for _ in range(choose.randint(1, 2))]
    entry(document, choose)["param"] = chosen


MOVES: list[Callable[[Fields, Random], None]] = [
    *[insert] * 3,
    *[switch, repeat, wire, wrap] * 2,
    *[name, top, delete, double, block, reuse, phase, say, results, inputs, structure],
    *[variants, field, sharing],
]
