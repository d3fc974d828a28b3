"""Bounds on what a layer may give: sizes above zero, and neither too large nor too involved."""

from collections.abc import Sequence

from netspec.elaborate.context import Context
from netspec.elaborate.scope import Site
from netspec.graph import Shape, SymbolicSize, TensorType
from netspec.graph.sizes import FloorDivision, Size
from netspec.layers import Layer

MAX_ELEMENTS = 2**40
"""Elements of one blob or parameter: more than any machine holds."""
MAX_TERMS = 1_000
"""Terms that all symbolic sizes of a shape may have when multiplied out."""


def check_tops(
    context: Context,
    site: Site,
    layer: Layer,
    bottoms: Sequence[TensorType],
    tops: tuple[TensorType, ...],
) -> int:
    """Refuse tops with a size of zero or less, and those over the limits; of how many terms all
    others are.
    """
    count = 0
    for top in tops:
        elements = 1
        for size in top.shape.sizes:
            if type(size) is int:
                if size <= 0:
                    raise _underflow(context, site, layer, bottoms, top)
                elements *= size
        involved = terms(top.shape)
        too_involved = involved > MAX_TERMS
        count += involved
        if elements > MAX_ELEMENTS or too_involved:
            # The text of the shape may be just as large.
            message = f"{layer.type_name} would give more than {MAX_ELEMENTS:,} elements"
            if too_involved:
                message = f"{layer.type_name} would give a shape too involved to be worked with"
            context.too_large(message, site.entry)
    return count


def terms(shape: Shape) -> int:
    """How many terms the number of a shape's elements has when multiplied out, within floors too;
    something over `MAX_TERMS` where it's more than that.
    """
    count = 1
    for size in shape.sizes:
        if type(size) is not int:
            count *= _terms(size, MAX_TERMS)
    return count


def _underflow(
    context: Context,
    site: Site,
    layer: Layer,
    bottoms: Sequence[TensorType],
    top: TensorType,
) -> Exception:
    message = f"{layer.type_name} would give {top.shape}"
    if bottoms:
        message += f": its bottom {bottoms[0].shape} is too small"
    names = ("kernel_size", "pad", "crop", "shape", "type")
    name = next((each for each in names if each in site.fields), "type")
    return context.error("size-underflow", message, site.at(name), site.scope)


def _terms(size: Size, limit: int) -> int:
    """How many terms a size is made of, those within floors included."""
    if not isinstance(size, SymbolicSize):
        return 1
    count = 0
    for monomial, coefficient in size.terms:
        count += 1 if abs(coefficient) < MAX_ELEMENTS else limit + 1
        for atom in monomial[1:]:
            count += 1 if not isinstance(atom, FloorDivision) else _terms(atom.numerator, limit)
        if monomial and isinstance(monomial[0], FloorDivision):
            count += _terms(monomial[0].numerator, limit)
        if count > limit:
            break
    return count
