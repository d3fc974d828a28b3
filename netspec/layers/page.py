"""The pages of the catalogue, made from the layers' classes alone: for a terminal, and for docs/.

A page states what the class states; no fact of any one layer stands here.
"""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from inspect import cleandoc
from typing import Any

from netspec.language.keys import ENTRY_KEYS
from netspec.language.schema.fields import as_written
from netspec.layers.base import Layer
from netspec.layers.elements import in_words
from netspec.layers.fields import MAX_SIZE
from netspec.layers.foreign import folded
from netspec.quick import frozen

LayerType = type[Layer]
Keeps = Callable[[LayerType], str | None]
"""What autograd keeps of a layer's example, in words, as far as that's known."""
WIDTH = 80


@frozen
class FieldFacts:
    """A field in words: what it takes, its default (None: required), what others call it."""

    name: str
    takes: str
    default: str | None
    description: str
    elsewhere: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        match self.default:
            case None:
                return f"{self.takes}; required"
            case "":
                return self.takes
            case _:
                return f"{self.takes}; {self.default} unless given"


@frozen
class Nested:
    """A mapping that stands in fields: its name, what it is, its own fields."""

    name: str
    doc: str
    fields: tuple[FieldFacts, ...]


def layers_called(name: str, layers: Mapping[str, LayerType]) -> list[LayerType]:
    """The layers of a name, in any case, or else those that other frameworks call so."""
    wanted = folded(name)
    named = [layer for key, layer in layers.items() if folded(key) == wanted]
    synonyms = (layer for layer in layers.values() if wanted in map(folded, layer.synonyms))
    return named or list(synonyms)


def overview(layers: Iterable[LayerType], width: int = WIDTH) -> str:
    """All layers by family, with a line for each."""
    families = by_family(layers)
    column = max(len(each.__name__) for family in families.values() for each in family)
    lines = []
    for family, members in families.items():
        lines.append(family)
        for each in members:
            start = f"  {each.__name__:<{column}}  "
            lines += _wrapped(summary(each), width, start, " " * len(start))
        lines.append("")
    return "\n".join([*lines, "`netspec layers TYPE` prints the page of one."]) + "\n"


def by_family(layers: Iterable[LayerType]) -> dict[str, list[LayerType]]:
    """The layers under the headings of their families, both in the order in which they come."""
    families: dict[str, list[LayerType]] = {}
    for each in layers:
        families.setdefault(each.family, []).append(each)
    return families


def summary(layer: LayerType) -> str:
    """The first line of the description."""
    return description(layer).partition("\n")[0]


def description(layer: LayerType) -> str:
    return cleandoc(layer.__doc__ or "")


def unknown(layer: LayerType) -> None:
    """Nothing is said of what autograd keeps."""


def page(layer: LayerType, width: int = WIDTH, keeps: Keeps = unknown) -> str:
    """Everything there is to know about a layer, as text."""
    lines = [f"{layer.__name__} ({layer.family})", "", *_rewrapped(description(layer), width)]
    lines += ["", "Fields"]
    for each in fields(layer):
        lines += _field_lines(each, width)
    lines += _wrapped(f"and those of every layer: {', '.join(COMMON)}", width, "  ", "  ")
    told = facts(layer, keeps)
    label_width = max(len(label) for label, _ in told)
    lines.append("")
    for label, text in told:
        start = f"{label:<{label_width}}  "
        lines += _wrapped(text, width, start, " " * len(start))
    lines += ["", "Example", *textwrap.indent(example(layer), "  ").splitlines()]
    for each_nested in nested(layer):
        lines += ["", f"A {each_nested.name}", ""]
        lines += [*_rewrapped(each_nested.doc, width), ""]
        for each in each_nested.fields:
            lines += _field_lines(each, width)
    return "\n".join(lines) + "\n"


COMMON = tuple(key for key in ENTRY_KEYS if key != "type")


def example(layer: LayerType) -> str:
    """A spec that shows the layer: its own example, or a layer that says no more than its type."""
    entry = f"{{name: {layer.__name__.lower()}, type: {layer.__name__}}}"
    plain = f"inputs: {{data: [N, 64, 56, 56]}}\nlayers:\n  - {entry}"
    return f"netspec: 1\nname: Example\n{cleandoc(layer.example) or plain}"


def facts(layer: LayerType, keeps: Keeps = unknown) -> list[tuple[str, str]]:
    """What holds of the layer as a whole, by label."""
    found = [
        ("Reads", _count(*layer.bottom_count, "bottom")),
        *([("Elements", _elements(layer))] if layer.bottom_count[1] != 0 else []),
        ("Gives", f"{_count(*layer.top_count, 'top')}: {layer.shape_rule}"),
        ("Parameters", layer.weights_rule),
        ("MACs", layer.macs_rule),
        ("FLOPs", layer.flops_rule),
    ]
    if kept := keeps(layer):
        found.append(("Backward", f"in the example autograd keeps {kept}"))
    if layer.symbolic_fields:
        fields = ", ".join(f"`{name}`" for name in layer.symbolic_fields)
        found.append(("Symbolic sizes", f"{fields}, as far as the sizes of its bottoms tell them"))
    if layer.nonfinite:
        found.append(("NaN, ∞", layer.nonfinite))
    if synonyms := _distinct(layer.synonyms, layer.__name__):
        found.append(("Elsewhere", ", ".join(synonyms)))
    return [*found, ("Source", layer.source)]


_NUMBERS = ("no", "one", "two", "three", "four")


def _count(least: int, greatest: int | None, what: str) -> str:
    low = _NUMBERS[least] if least < len(_NUMBERS) else str(least)
    if least == greatest:
        return f"{low} {what}{'' if least == 1 else 's'}"
    if greatest is None:
        return f"{low} or more {what}s"
    high = _NUMBERS[greatest] if greatest < len(_NUMBERS) else str(greatest)
    return f"{low} {'or' if greatest == least + 1 else 'to'} {high} {what}s"


def _elements(layer: LayerType) -> str:
    """What the bottoms may hold, in words."""
    *first, last = map(in_words, layer.elements)
    text = ", then ".join([*first, last])
    return f"{text}, all of one type" if layer.one_type and layer.bottom_count != (1, 1) else text


def _distinct(names: Iterable[str], *known: str) -> list[str]:
    """Names that differ by more than case from each other and from those known."""
    kept: dict[str, str] = {folded(name): "" for name in known}
    for name in names:
        kept.setdefault(folded(name), name)
    return [name for name in kept.values() if name]


def fields(layer: LayerType) -> list[FieldFacts]:
    """The layer's own fields, in order."""
    schemas = layer.model_json_schema().get("properties", {})
    found = []
    for name, each in layer.model_fields.items():
        default = None if each.is_required() else _default(as_written(each.default))
        others = [other for other, own in layer.field_synonyms.items() if own == name]
        elsewhere = tuple(_distinct(others, name))
        found.append(
            FieldFacts(name, _takes(schemas[name]), default, each.description or "", elsewhere)
        )
    return found


def nested(layer: LayerType) -> list[Nested]:
    """The mappings that stand in the layer's fields: fillers."""
    defs = layer.model_json_schema().get("$defs", {})
    found = []
    for name, schema in defs.items():
        inner = []
        for key, each in schema["properties"].items():
            required = key in schema.get("required", ())
            default = None if required else _default(each.get("default"))
            inner.append(FieldFacts(key, _takes(each), default, each.get("description", "")))
        found.append(Nested(name.lower(), schema.get("description", ""), tuple(inner)))
    return found


def _default(value: Any) -> str:
    """A default as a spec has it; empty where a field that isn't given has no value."""
    if value in (None, [], {}):
        return ""
    match value:
        case bool():
            return str(value).lower()
        case float():
            return repr(value).removesuffix(".0").replace("e-0", "e-")
        case list():
            return f"[{', '.join(map(_default, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_default(each)}' for key, each in value.items())}}}"
        case _:
            return str(value)


def _takes(schema: Mapping[str, Any], plural: bool = False) -> str:
    """What a field takes, in words, from its JSON Schema."""
    if "anyOf" in schema:
        given = [each for each in schema["anyOf"] if each != {"type": "null"}]
        return " or ".join(_takes(each, plural) for each in given)
    if "$ref" in schema:
        reference: str = schema["$ref"]
        return reference.rpartition("/")[2].lower() + "s" * plural
    words = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if words:
        *most, last = map(str, words)
        return f"{', '.join(most)} or {last}" if most else last
    kind = schema.get("type", "value")
    if kind == "array":
        if "shown" in schema:
            return str(schema["shown"])
        return f"list{'s' * plural} of {_takes(schema.get('items', {}), plural=True)}"
    if kind == "boolean":
        return "true or false"
    name = {"string": "text"}.get(kind, kind + "s" * plural)
    return " ".join([name, *_bounds(schema)])


def _bounds(schema: Mapping[str, Any]) -> Iterator[str]:
    signs = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    stated = [
        f"{sign} {_default(schema[key])}"
        for key, sign in signs.items()
        if schema.get(key, MAX_SIZE) != MAX_SIZE
    ]
    if stated:
        yield " and ".join(stated)


def _field_lines(each: FieldFacts, width: int) -> list[str]:
    text = each.description
    if each.elsewhere:
        text += f" (elsewhere {', '.join(each.elsewhere)})"
    head = _wrapped(f"{each.name}: {each.heading}", width, "  ", "      ")
    return [*head, *_wrapped(text, width, "      ", "      ")]


def _wrapped(text: str, width: int, start: str, rest: str) -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=start, subsequent_indent=rest, break_on_hyphens=False
    )


def _rewrapped(text: str, width: int) -> list[str]:
    """Paragraphs and lists, their lines joined and broken again."""
    lines: list[str] = []
    for number, paragraph in enumerate(text.split("\n\n")):
        lines += [""] if number else []
        for item in _items(paragraph):
            rest = "  " if item.startswith("- ") else ""
            lines += _wrapped(item, width, "", rest)
    return lines


def _items(paragraph: str) -> Iterator[str]:
    """A paragraph as one line, or a list's items as one each."""
    gathered = ""
    for line in paragraph.split("\n"):
        if line.startswith("- ") and gathered:
            yield gathered
            gathered = ""
        gathered = f"{gathered} {line.strip()}".strip()
    yield gathered


def markdown(layers: Iterable[LayerType], keeps: Keeps = unknown) -> str:
    """All pages as one document."""
    families = by_family(layers)
    lines = ["# Layers", "", INTRODUCTION, ""]
    for family, members in families.items():
        lines += [f"**{family}**", ""]
        lines += [f"- [{each.__name__}]({_anchor(each)}): {summary(each)}" for each in members]
        lines.append("")
    mappings: dict[str, Nested] = {}
    for family, members in families.items():
        lines += [f"## {family}", ""]
        for each in members:
            lines += _markdown_page(each, keeps)
            mappings |= {found.name: found for found in nested(each)}
    for found in mappings.values():
        lines += [f"## {found.name}", "", found.doc, "", *_markdown_fields(found.fields), ""]
    return "\n".join(lines).rstrip() + "\n"


INTRODUCTION = (
    "The page of each layer, made by `make docs` from its class; `netspec layers TYPE` prints the "
    "same, and answers to what other frameworks call the layer. Every layer also has the fields "
    f"{', '.join(f'`{key}`' for key in COMMON)}. FLOPs and MACs are those of one item of the "
    "batch. Backward is what PyTorch keeps for the pass back where a gradient is wanted of every "
    "input. Elements are what the bottoms may hold, the last one named going for all that follow: "
    "real numbers are float16, float32 and float64, numbers int32 and int64 as well, anything bool "
    "too. A layer with weights of its own computes in their type, float32. What is said of a "
    "symbolic height or width holds from the least one on at which every window fits, which "
    "`netspec summary` states; nothing is promised of a smaller image, on which PyTorch and ONNX "
    "Runtime mostly refuse to run."
)


def _anchor(layer: LayerType) -> str:
    return f"#{layer.__name__.lower()}"


def _markdown_page(layer: LayerType, keeps: Keeps) -> list[str]:
    lines = [f"### {layer.__name__}", "", description(layer), ""]
    if own := fields(layer):
        lines += [*_markdown_fields(own), ""]
    lines += [f"- **{label}**: {text}" for label, text in facts(layer, keeps)]
    return [*lines, "", "```yaml", example(layer), "```", ""]


def _markdown_fields(own: Iterable[FieldFacts]) -> list[str]:
    lines = ["| field | takes | default | |", "|---|---|---|---|"]
    for each in own:
        default = "required" if each.default is None else f"`{each.default}`" * bool(each.default)
        text = each.description
        if each.elsewhere:
            text += f" (elsewhere {', '.join(f'`{name}`' for name in each.elsewhere)})"
        cells = (f"`{each.name}`", each.takes, default, text)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return lines
