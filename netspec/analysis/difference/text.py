"""What makes one network another, in lines: `+` is new, `-` gone, `~` other, `>` elsewhere."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from netspec.analysis.columns.column import Unit, Value
from netspec.analysis.difference.facts import COSTS, Change, Facts, to_plain
from netspec.analysis.difference.folding import Alike, Part, alike, listed, moves, parts
from netspec.analysis.totals import TOTALS
from netspec.counted import counted
from netspec.graph import Node, Shape, Size
from netspec.graph.sizes import total
from netspec.printable import printable

MANY = 100
"""Lines with one mark that a text has."""
FEW = 4
"""How many values of a field a line shows."""
LONGEST = 60
"""Characters of a value that a line shows."""
WORDS = {"params": "parameters", "macs": "MACs", "flops": "FLOPs", "activations": "activations"}


def render(difference: Facts) -> str:
    """The lines, alike things told once, above the figures of both; ends with a newline."""
    title = f"{printable(difference.name_a)} → {printable(difference.name_b)}"
    lines = [*_shortened(told(difference))]
    return "\n".join([title, "", *lines, *[""] * bool(lines), *_table(difference)]) + "\n"


def _shortened(lines: Iterable[str]) -> Iterator[str]:
    """The lines; of many with one mark the first."""
    for mark, those in groupby(lines, key=lambda line: line[0]):
        found = list(those)
        yield from found[:MANY]
        if len(found) > MANY:
            yield f"{mark} … and {len(found) - MANY:,} more"


def told(difference: Facts) -> Iterator[str]:
    """A line for each thing that differs; one more for what a network reads and gives."""
    for what, shapes in (("input", difference.inputs), ("output", difference.outputs)):
        for name, (a, b) in shapes.items():
            yield _of_shape(f"{what} {name}", a, b)
    for part in parts(difference.a, difference.removed):
        yield f"- {_part(part)}"
    for part in parts(difference.b, difference.added):
        yield f"+ {_part(part)}"
    for before, after, count in moves(difference):
        yield f"> {before} → {after}" + (f", {counted(count, 'layer')}" if count > 1 else "")
    groups, behind = alike(difference)
    for each in groups:
        yield f"~ {_alike(each)}"
    if behind:
        yield f"~ {_behind(behind)}"


def _of_shape(what: str, a: Shape | None, b: Shape | None) -> str:
    if a is None:
        return f"+ {what}: {b}"
    return f"- {what}: {a}" if b is None else f"~ {what}: {a} → {b}"


def _part(part: Part) -> str:
    single = len(part.nodes) == 1 and part.first == part.nodes[0].path
    what = part.what if part.count == 1 else f"{part.count} × {part.what}".removesuffix(" × ")
    gives = [str(top) for top in part.nodes[0].top[:1]]
    words = [what, *(gives if single else [counted(len(part.nodes), "layer")])]
    words += [text for name in COSTS[:2] if (text := _cost(part.nodes, name))]
    return f"{part.place}: {', '.join(filter(None, words))}"


def _cost(nodes: Sequence[Node], name: str) -> str:
    size = total(getattr(node, name) for node in nodes)
    return f"{number(size)} {WORDS[name]}" if size != 0 else ""


def _alike(each: Alike) -> str:
    fields = ", ".join(_field(name, each.changes) for name in each.changes[0].fields)
    return f"{place_of(each)}: {fields}{effects(each.changes)}"


def place_of(each: Alike) -> str:
    """Which layers they are."""
    if each.block is not None:
        return f"{each.name} of {each.block}, in {listed(each.places)}"
    return listed(each.places)


def _field(name: str, changes: Sequence[Change]) -> str:
    """What a field is in both networks; where that isn't the same everywhere, the first of it."""
    pairs = (each.fields[name] for each in changes)
    found = list(dict.fromkeys(f"{shown(a)} → {shown(b)}" for a, b in pairs))
    return f"{name} {', '.join(found[:FEW])}{', …' if len(found) > FEW else ''}"


def shown(value: object) -> str:
    """The value of a field in a line."""
    plain = to_plain(value)
    if isinstance(plain, float):
        return f"{plain:.4g}"
    text = "nothing" if plain is None else plain if isinstance(plain, str) else json.dumps(plain)
    text = printable(text.replace('"', "")) if isinstance(plain, list | dict) else printable(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def effects(changes: Sequence[Change]) -> str:
    """What changes of fields come to: the shape of a single layer, and the costs of all."""
    words = []
    top = changes[0].top
    if len(changes) == 1 and top is not None:
        words.append(f"gives {_shapes(top[0])} → {_shapes(top[1])}")
    for name in COSTS[:2]:
        before, after = (_total(changes, side, name) for side in ("before", "after"))
        if before != after:
            words.append(f"{WORDS[name]} {number(before)} → {number(after)}")
    return f" ({', '.join(words)})" if words else ""


def _total(changes: Sequence[Change], side: str, name: str) -> Size:
    return total(getattr(getattr(each, side), name) for each in changes)


def _shapes(shapes: Sequence[Shape]) -> str:
    return ", ".join(map(str, shapes))


def _behind(changes: Sequence[Change]) -> str:
    first = changes[0]
    top = first.top
    gives = f"gives {_shapes(top[0])} → {_shapes(top[1])}" if top else "holds other shapes"
    if len(changes) == 1:
        return f"{first.path}, behind these, {gives}"
    count = counted(len(changes), "layer")
    return f"{count} behind these{effects(changes)}: the first, {first.path}, {gives}"


def number(value: Value) -> str:
    """A figure with thousands separated."""
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def rows_of_totals(difference: Facts) -> list[tuple[str, str, str, str]]:
    """The figures of both networks: what each is, both values, and the change."""
    rows, totals = [], difference.totals
    needless = {"activation_bytes"}  # they follow from the activations
    if totals.get("params") == totals.get("trainable_params"):
        needless.add("trainable_params")
    for each in TOTALS:
        if each.name in totals and each.name not in needless:
            a, b = totals[each.name]
            if a is not None and b is not None and (a or b):
                unit = " B" if each.unit is Unit.BYTES else ""
                values = number(a) + unit, number(b) + unit, change(a, b, unit)
                rows.append((each.heading.strip(), *values))
    return rows


def change(a: Value, b: Value, unit: str = "") -> str:
    """By how much a figure is more or less; nothing where it's the same."""
    if a == b:
        return ""
    if not isinstance(a, int | float) or not isinstance(b, int | float):
        return ""
    share = (b - a) / a if a else None
    if share is None or round(share, 3) == 0:
        return f"{b - a:+,}{unit}"
    return f"{b - a:+,}{unit} ({share:+.1%})"


def _table(difference: Facts) -> list[str]:
    rows = rows_of_totals(difference)
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for name, a, b, change in rows:
        cells = (name.ljust(widths[0]), a.rjust(widths[1]), b.rjust(widths[2]), change)
        lines.append("  ".join(cells).rstrip())
    return lines
