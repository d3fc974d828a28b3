"""A stock network as a spec of one's own: the text of its file, comments and all, made its own.

Where the network is a variant, the file's vars take the variant's values and the variants go; so
do the blocks and vars that only other variants used. What the file expects goes as well: it is
published of the stock network, and not of what its user will make of it. The text is edited in
place and never written anew, and no edit stays that would change the network.
"""

import re

from netspec.api import check_text, compile_text
from netspec.diagnostics import Diagnostics, SourceText, SpecError
from netspec.elaborate import Overrides
from netspec.graph import Graph
from netspec.language.keys import ABOUT_KEYS, EXPECT
from netspec.source import Mapping, Scalar, Value, read
from netspec.stock import Location, locate_stock, read_location


def own_text(name: str) -> str:
    """The text of a spec that is the stock network `name` and nothing else."""
    location = locate_stock(name)
    stock = read_location(location)
    text = stock.text
    if location.variant is not None:
        network = compile_text(stock, location, Overrides())
        text = _without_unused(_without_expect(_of_variant(stock, location.variant)), network)
    else:
        text = _without_expect(text)
    return f"# Begun as netspec's stock network {name}.\n{text}"


def _of_variant(stock: SourceText, variant: str) -> str:
    """The text with a variant's values in its vars and what it says of itself, without variants."""
    top = read(stock, Diagnostics())
    assert isinstance(top, Mapping)
    values = _section(_section(top, "variants"), variant)
    kept = [name for name in values.items if name != EXPECT]
    own = {name: top if name in ABOUT_KEYS else _section(top, "vars") for name in kept}
    said = stock.text.splitlines(keepends=True)
    lines = list(said)
    # From the end, so that the places of what comes before stay true.
    for name in sorted(own, key=lambda name: own[name][name].span.key, reverse=True):
        _replace(lines, own[name].keys[name], own[name][name], values[name], said)
    return _without("".join(lines), "variants")


def _section(value: Value, name: str) -> Mapping:
    inner = value[name] if isinstance(value, Mapping) else None
    assert isinstance(inner, Mapping)
    return inner


def _written(lines: list[str], value: Value) -> list[str]:
    """The lines of a value as the text has it, without the blanks and comments behind it."""
    span = value.span
    found = lines[span.line - 1 : span.end_line]
    found[-1] = found[-1][: span.end_column - 1]
    found[0] = found[0][span.column - 1 :]
    while len(found) > 1 and (not found[-1].strip() or found[-1].lstrip().startswith("#")):
        found.pop()
    found[-1] = found[-1].rstrip("\n")
    return found


def _replace(lines: list[str], key: Scalar, value: Value, other: Value, stock: list[str]) -> None:
    """Put another value, as another text has it, where one stands."""
    (first, *rest), indent = _written(stock, other), other.column
    if re.fullmatch(r"&\S+\s*", first):  # the anchor of what stands on the lines below
        (first, *rest), indent = rest, _indent(rest[0]) + 1
        first = first.lstrip()
    start, column = value.line - 1, value.column
    old = _written(lines, value)
    before, behind = lines[start][: column - 1], lines[start + len(old) - 1]
    behind = behind[len(old[-1]) + (column - 1 if len(old) == 1 else 0) :]
    if first.startswith("- ") and value.line == key.line:
        column = key.column + 2
        before = f"{before.rstrip()}\n{' ' * (column - 1)}"
    shift = column - indent
    rest = [" " * (_indent(line) + shift) + line.lstrip() for line in rest]
    lines[start : start + len(old)] = ["".join([before, first, *rest, behind])]


def _without_unused(text: str, network: Graph) -> str:
    """The text without the blocks and vars that `check` finds unused, and that nothing names.

    A block without which a var has no reader left goes first.
    """
    for section, name in _unused(text):
        shorter = _without(text, section, name)
        if _is(shorter, network) and not _mentions(shorter, name):
            return _without_unused(shorter, network)
    return text


def _without_expect(text: str) -> str:
    top = read(SourceText("", text), Diagnostics())
    assert isinstance(top, Mapping)
    return _without(text, EXPECT) if EXPECT in top else text


def _unused(text: str) -> list[tuple[str, str]]:
    """The blocks, then the vars, that nothing uses: sections of the file, and names in them.

    Only those on lines of their own, which can be cut out.
    """
    source = SourceText("", text)
    found = check_text(source, Location(None, "")).sorted()
    places = {each.span.key for each in found if each.span and each.code.startswith("unused-")}
    top = read(source, Diagnostics())
    assert isinstance(top, Mapping)
    return [
        (section, name)
        for section in ("blocks", "vars")
        if section in top
        for name, key in _section(top, section).keys.items()
        if key.span.key in places and source.lines[key.line - 1].lstrip().startswith(f"{name}:")
    ]


def _is(text: str, network: Graph) -> bool:
    """Whether a text describes a network."""
    try:
        other = compile_text(SourceText("", text), Location(None, ""), Overrides())
    except SpecError:
        return False
    return _essence(other) == _essence(network)


def _essence(graph: Graph) -> tuple[object, ...]:
    return graph.inputs, graph.nodes, graph.results, graph.losses


def _mentions(text: str, name: str) -> bool:
    """Whether an expression or an entry's type speaks of a name."""
    word = re.escape(name)
    return re.search(rf"\$({word}\b|\(.*\b{word}\b)|\btype: *{word}\b", text) is not None


def _without(text: str, *path: str) -> str:
    """The text without the section at a path of keys: its line and those indented below it.

    Comments right above it go with it, and so do blank lines behind it, but for those that kept
    it apart from what stands before.
    """
    value: Value = read(SourceText("", text), Diagnostics())
    key: Scalar | None = None
    for name in path:
        assert isinstance(value, Mapping)
        key, value = value.keys[name], value[name]
    assert key is not None
    lines = text.splitlines(keepends=True)
    start = end = key.line - 1
    while start and _is_comment(lines[start - 1], key.column - 1):
        start -= 1
    end += 1
    while end < len(lines) and _is_below(lines[end], key.column - 1):
        end += 1
    while end > key.line and not lines[end - 1].strip() and start and lines[start - 1].strip():
        end -= 1
    return "".join(lines[:start] + lines[end:])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_comment(line: str, indent: int) -> bool:
    return line.lstrip().startswith("#") and _indent(line) == indent


def _is_below(line: str, indent: int) -> bool:
    return not line.strip() or _indent(line) > indent
