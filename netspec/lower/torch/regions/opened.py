"""A layer on bottoms whose sizes know their terms, its own fields likewise."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from netspec.expressions.syntax import Binary, Index, Literal, Name, children, names
from netspec.graph import Node, TensorType
from netspec.graph.types import Shape
from netspec.graph.written import Written
from netspec.layers import Layer, LayerError
from netspec.lower.torch.layers.fillers import initializer
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.regions.region import Region
from netspec.lower.torch.terms.formulas import Formula, formula
from netspec.lower.torch.terms.numbers import Log, Open, opened, plain, term_of
from netspec.lower.torch.terms.symbols import turns_of
from netspec.lower.torch.terms.terms import Opaque, Resolver, Term, folded, is_open, value_of


def open_layer(region: Region, node: Node) -> Layer:
    """The layer with fields that know their terms."""
    layer, written = node.layer, node.written
    assert isinstance(layer, Layer)
    region.note(written)
    if written is None:
        return layer
    updates: dict[str, Any] = {}
    resolver = region.resolver(written.controls, written.asked)
    values = region.at(turns_of(written.controls))
    for name, expression in written.fields.items():
        if expression is None or not names(expression):
            continue
        if name == layer.tabulates and written.fields.get("axes"):
            updates[name] = _tabulated(region, layer, written, resolver)
            continue
        try:
            term = resolver.term(expression)
            value = value_of(term, values) if is_open(term) else None
        except Opaque:
            region.fix_names(expression, written.controls)
            continue
        if value is not None:
            tagged = _tagged(getattr(layer, name), value, term, region.log)
            if tagged is None:
                region.log.fix(term)
            else:
                updates[name] = tagged
    return layer.model_copy(update=updates) if updates else layer


def _tabulated(region: Region, layer: Layer, written: Written, resolver: Resolver) -> Any:
    """The elements of a tensor with the formula that gives them; without where it has no term."""
    elements = getattr(layer, layer.tabulates or "")
    values = region.at(turns_of(written.controls))
    expression, said = written.fields[layer.tabulates or ""], written.fields["axes"]
    assert expression is not None
    try:
        axes = value_of(resolver.term(said), values) if said is not None else []
        indices = {axis: Name(0, 0, axis) for axis in axes}
        term = replace(resolver, terms={**resolver.terms, **indices}).term(expression)
        return formula(elements, term, axes, lambda part: value_of(part, values), region.log)
    except Opaque:
        region.fix_names(expression, written.controls)
        return elements


def note_fillers(
    region: Region, layer: Layer, types: tuple[TensorType, ...], filled: Collection[str]
) -> None:
    """Note what the fillers' own numbers hang on, but for those that the module itself knows."""
    if not has_open(layer, types):
        return

    def codes() -> list[str]:
        weights = (each for each in layer.weights(types) if each.suffix not in filled)
        return [flat(initializer(each.filler, each.shape)("_")) for each in weights]

    region.log.trial(codes, lambda texts: texts, LayerError)


def has_open(layer: Layer, types: tuple[TensorType, ...]) -> bool:
    """Whether a field or the size of a bottom has a term."""
    if any(isinstance(size, Open) for type in types for size in type.shape):
        return True
    return any(_holds_open(value) for _, value in layer)


def _holds_open(value: object) -> bool:
    if isinstance(value, Formula):
        return False  # of its many elements
    if isinstance(value, list | tuple):
        return any(map(_holds_open, value))
    return isinstance(value, Open)


def flat_image(type: TensorType, log: Log) -> TensorType:
    """The type of an image with a mere height and width, where these aren't what the spec itself
    may say, a product or a share: nobody writes what windows make of it.
    """
    if type.shape.rank < 4:
        return type
    sizes = list(type.shape)
    for axis in range(2, len(sizes)):
        size = sizes[axis]
        if isinstance(size, Open) and _holds_sum(size.term):
            log.fix(size.term)
            sizes[axis] = plain(size)
    return replace(type, shape=Shape(tuple(sizes)))


def _holds_sum(term: Term) -> bool:
    if isinstance(term, Binary) and term.operator in "+-":
        return True
    return any(map(_holds_sum, children(term)))


def _tagged(current: Any, value: Any, term: Term, log: Log) -> Any:
    """A layer's field with the term that gave it; None where it can't be told."""
    if isinstance(current, list | tuple):
        if isinstance(value, list):
            if len(value) != len(current) or list(current) != value:
                return None
            terms = [folded(Index(0, 0, term, Literal(0, 0, at))) for at in range(len(value))]
        elif all(type(each) is type(value) and each == value for each in current):
            terms = [term] * len(current)
        else:
            return None
        items = zip(current, terms, strict=True)
        return type(current)(
            _tagged(each, each, of, log) if isinstance(each, list) else opened(each, of, log)
            for each, of in items
        )
    if type(current) in (int, float, bool) and current == value:
        return opened(current, term, log)
    return None


def seen(types: tuple[TensorType, ...]) -> object:
    """What can be compared of types: sizes and their terms."""
    return [
        [(plain(size), term_of(size)) if isinstance(size, int) else size for size in type.shape]
        for type in types
    ]
