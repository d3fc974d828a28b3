"""The values of a layer's fields, one of which may be a formula for each element of a tensor."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any

from netspec.elaborate.context import Context, View
from netspec.elaborate.fields import LayerType
from netspec.elaborate.poison import Poisoned
from netspec.elaborate.scope import Scope, Site
from netspec.expressions import Elements, Environment, ExpressionError, HasProperties
from netspec.language.names import SCOPE_NAMES, SOURCE_NAMES, is_identifier
from netspec.language.values import Dynamic, Field

MAX_NUMBERS = 2**20
"""Elements of a tensor that a formula gives."""


def evaluated(
    context: Context, site: Site, kind: LayerType, fields: Mapping[str, Field]
) -> dict[str, Any]:
    """The values of fields by name; PlacedError where one has none."""
    table = fields.get(kind.tabulates or "")
    if table is None or not table.dynamic or "axes" not in fields:
        return {name: context.evaluate(each, site.scope) for name, each in fields.items()}
    others = {name: each for name, each in fields.items() if each is not table}
    values = {name: context.evaluate(each, site.scope) for name, each in others.items()}
    axes, sizes = values.pop("axes"), values.get("shape", [])
    if not _is_list(sizes, int) or not _is_list(axes, str) or len(axes) != len(sizes):
        message = "`axes` needs a name for each axis of `shape`"
        raise context.error("bad-value", message, fields["axes"], site.scope)
    _check_names(context, site.scope, axes, fields["axes"])
    if prod(sizes) > MAX_NUMBERS:
        message = f"a formula gives at most {MAX_NUMBERS:,} elements"
        raise context.error("too-large", message, fields["shape"], site.scope)
    values[kind.tabulates or ""] = _table(context, site.scope, table, axes, sizes)
    return values


def _is_list(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(type(each) is kind for each in value)


def _check_names(context: Context, scope: Scope, axes: list[str], placed: Field) -> None:
    for axis in axes:
        if not is_identifier(axis) or axis in SOURCE_NAMES | SCOPE_NAMES or axes.count(axis) > 1:
            message = f"an index of a formula can't be called `{axis}`"
            help = "a name of its own for each axis, `axes: [i, j]`"
            raise context.error("bad-name", message, placed, scope, help=help)
        if any(axis in each.values or axis in each.frame.names for each in scope.outward()):
            message = f"the index `{axis}` hides another value or layer of that name"
            raise context.error("name-conflict", message, placed, scope)


def _table(context: Context, scope: Scope, field: Field, axes: list[str], sizes: list[int]) -> Any:
    """The elements in lists; those of the same formula over the same values are known."""
    view = Elements(View(context, scope, field), dict.fromkeys(axes, 0))
    key = (id(field), tuple(axes), tuple(sizes), _read(view, field))
    known, said = context.types.tables, field  # kept, so that no other field has its identity
    if key[-1] is None or key not in known:
        if isinstance(field.compiled, Dynamic):
            formula = replace(field.compiled, template=view.template(field.compiled.template))
            field = replace(field, compiled=formula)
        rows = _rows(lambda: context.evaluate(field, scope, view), view.indices, axes, sizes)
        known[key] = said, rows
    return known[key][1]


def _read(view: Environment, field: Field) -> str | None:
    """All that a formula reads, as text; None where it reads a blob, or what isn't there."""
    try:
        values = [view.value(name) for name in sorted(field.names)]
    except (ExpressionError, Poisoned):
        return None
    return None if any(isinstance(each, HasProperties) for each in values) else repr(values)


def _rows(
    element: Callable[[], Any], indices: dict[str, int], axes: list[str], sizes: list[int]
) -> Any:
    if not axes:
        return element()
    rows = []
    for indices[axes[0]] in range(sizes[0]):
        rows.append(_rows(element, indices, axes[1:], sizes[1:]))
    return rows
