"""The shapes of the inputs: the document's own, and those that are asked for instead."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from netspec.diagnostics import Diagnostics, Span
from netspec.diagnostics.suggest import did_you_mean
from netspec.elaborate.fields import KnownTypes
from netspec.elaborate.poison import UNKNOWN, Poisoned
from netspec.elaborate.variables import Variables
from netspec.graph import Blob, Phase, Shape, Size, SymbolicSize, TensorType
from netspec.graph.sizes import exact_div, multiple, symbol, symbols
from netspec.language.document import Document, Input
from netspec.language.validate import show
from netspec.language.values import Field, PlacedError
from netspec.layers.fields import MAX_SIZE
from netspec.listed import listed
from netspec.source import Sequence

MAX_RANK = 8
_MULTIPLE = re.compile(r"(?:([1-9][0-9]{0,9})\*)?([A-Z][A-Z0-9_]{0,31})\Z")


def input_blobs(
    document: Document,
    variables: Variables,
    overrides: Mapping[str, Any],
    diagnostics: Diagnostics,
    types: KnownTypes,
) -> dict[str, Blob]:
    """The network's inputs with their shapes; none where overrides contradict each other.

    An override that gives another size for a symbol gives it wherever an input has that symbol;
    one for a multiple of a symbol must be such a multiple.
    """
    for name in overrides:
        if name not in document.inputs:
            help = did_you_mean(name, document.inputs)
            help = help or f"its inputs are {listed([f'`{each}`' for each in document.inputs])}"
            message = f"{document.source_text.name} has no input `{name}`"
            diagnostics.error("unknown-var", message, help=help)
    own = {name: _own_shape(each, variables, diagnostics) for name, each in document.inputs.items()}
    given = {
        name: _shape(name, overrides[name], diagnostics)
        for name in document.inputs
        if name in overrides
    }
    sizes = _sizes_given(own, given, diagnostics)
    if sizes is None:
        return {}
    blobs = {}
    for name, each in document.inputs.items():
        shape = given[name] if name in given else own[name]
        if shape is not None and name not in given:
            shape = shape.substitute(sizes)
        type = UNKNOWN if shape is None else types.same(TensorType(shape, each.dtype))
        blobs[name] = Blob(name, type, Phase(each.phase) if each.phase in list(Phase) else None)
    return blobs


def _sizes_given(
    own: Mapping[str, Shape | None], given: Mapping[str, Shape | None], diagnostics: Diagnostics
) -> dict[str, Size] | None:
    """What overrides make of the symbols of the inputs' own shapes; None where they disagree.

    Inputs that share a symbol must agree on it; one that has it on several axes may be given
    different sizes for it, as long as no other input has it.
    """
    found: dict[str, tuple[Size, str]] = {}
    for name, shape in given.items():
        declared = own[name]
        if shape is None or declared is None or shape.rank != declared.rank:
            continue
        for axis, (before, size) in enumerate(zip(declared, shape, strict=True)):
            factor, letter = multiple(before) or (0, "")
            if not factor:
                continue
            part = exact_div(size, factor)
            if part is None:
                _refuse_part(name, axis, before, size, diagnostics)
                return None
            first, where = found.setdefault(letter, (part, name))
            if first != part and _is_shared(letter, own.values()):
                _disagree(letter, (where, first), (name, part), diagnostics)
                return None
    return {letter: size for letter, (size, _) in found.items()}


def _disagree(
    letter: str, one: tuple[str, Size], other: tuple[str, Size], diagnostics: Diagnostics
) -> None:
    (first, size), (second, another) = one, other
    where = f"`{first}`" if first == second else f"`{first}` and `{second}`"
    message = f"the inputs share the size {letter}, but {where} would make it {size} and {another}"
    diagnostics.error("bad-value", message, help=f"give {letter} one size")


def _refuse_part(
    name: str, axis: int, declared: Size, size: Size, diagnostics: Diagnostics
) -> None:
    """Say that a size that is asked for isn't the multiple that the document declares."""
    factor, letter = multiple(declared) or (1, "")
    help = f"give a multiple: `{factor}*{letter}`, or a number"
    if isinstance(size, int):
        near = [each for each in (size // factor * factor, -(-size // factor) * factor) if each]
        help = f"the nearest {'is' if len(near) == 1 else 'are'} {listed([*map(str, near)])}"
    message = f"`{name}` has a multiple of {factor} elements along axis {axis}, not {size}"
    diagnostics.error("bad-value", message, help=help)


def _is_shared(letter: str, shapes: Iterable[Shape | None]) -> bool:
    """Whether more than one of the inputs' shapes have the symbol."""
    return sum(any(letter in symbols(size) for size in shape or ()) for shape in shapes) > 1


def _own_shape(each: Input, variables: Variables, diagnostics: Diagnostics) -> Shape | None:
    """The shape that the document gives; None where it is a mistake or depends on one."""
    variables.place = each.shape.span
    try:
        sizes = each.shape.evaluate(variables)
    except PlacedError as error:
        diagnostics.extend([error.diagnostic] if error.diagnostic is not None else [])
        return None
    except Poisoned:
        return None
    return None if sizes is None else _shape(each.name, sizes, diagnostics, each.shape)


def _shape(
    name: str, sizes: Any, diagnostics: Diagnostics, place: Field | None = None
) -> Shape | None:
    """The sizes as a shape; `place` is where they stand, None for an override."""
    span = None if place is None else place.span
    items = list(sizes) if isinstance(sizes, list | tuple | Shape) else sizes
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_RANK:
        message = f"the shape of `{name}` should be a list of 1 to {MAX_RANK} sizes"
        diagnostics.error("wrong-type", f"{message}, not {show(items)}", span)
        return None
    shape: list[Size] = []
    for number, size in enumerate(items):
        made = _size(size)
        if made is None:
            diagnostics.error("bad-value", _no_size(size), _item_span(place, number))
            return None
        factor, letter = multiple(made) or (1, "")
        if number == 0 and factor > 1:
            message = f"the first axis counts items, one by one: its size can't be {made}"
            help = f"write `{letter}`"
            diagnostics.error("bad-value", message, _item_span(place, number), help=help)
            return None
        shape.append(made)
    return Shape(tuple(shape))


def _no_size(value: Any) -> str:
    if type(value) is int and value > MAX_SIZE:
        return f"a size is at most {MAX_SIZE}, not {show(value)}"
    return (
        "a size is a positive integer, an upper-case word, or a multiple of one such as 32*H, not "
        f"{show(value)}"
    )


def _item_span(place: Field | None, number: int) -> Span | None:
    """Where one of a list's items stands, or the list where it isn't written out."""
    if place is None:
        return None
    node = place.node
    if isinstance(node, Sequence) and number < len(node.items):
        return node.items[number].span
    return place.span


def _size(value: Any) -> Size | None:
    if isinstance(value, SymbolicSize):
        return value
    if type(value) is int and 1 <= value <= MAX_SIZE:
        return value
    found = _MULTIPLE.match(value) if isinstance(value, str) else None
    if found is not None and int(found[1] or 1) <= MAX_SIZE:
        return int(found[1] or 1) * symbol(found[2])
    return None


def parse_shape(text: str) -> list[int | str] | None:
    """The sizes of `1x3x320x320` or `Nx3x32*Hx32*W`; None where the text is no shape."""
    parts = text.split("x")
    sizes = [int(part) if part.isdecimal() and len(part) < 20 else part for part in parts]
    good = all(_size(size) is not None for size in sizes)
    return sizes if good else None
