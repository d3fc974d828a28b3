"""The turns of a repeat: how many there are, and what each has of its own."""

from typing import Any

from netspec.counted import counted
from netspec.elaborate.budget import MAX_LAYERS
from netspec.elaborate.context import Context, Placed, shown
from netspec.elaborate.rows import Row, plain_row
from netspec.elaborate.scope import Scope
from netspec.language.document import Entry
from netspec.language.keys import KEYS_OF_THE_WHOLE
from netspec.language.values import PlacedList, PlacedMapping
from netspec.listed import listed
from netspec.source import Mapping, Sequence

WORK_PER_CELL = 4


def rows_of(context: Context, entry: Entry, scope: Scope) -> list[Row]:
    """What each instance has of its own."""
    if entry.instances is not None:
        return [Row(fields) for fields in entry.instances]
    assert entry.repeat is not None
    value = context.evaluate(entry.repeat, scope)
    if entry.columns or isinstance(value, list):
        return _listed(context, entry, value, scope)
    if type(value) is not int:
        message = f"`repeat` should be an integer or a list of rows, not {shown(value)}"
        help = "`//` divides integers" if isinstance(value, float) else None
        raise context.error("wrong-type", message, entry.repeat, scope, help=help)
    if value < 0:
        message = f"`repeat` should be at least 0, not {value}"
        raise context.error("bad-value", message, entry.repeat, scope)
    if value > MAX_LAYERS:
        context.too_many(entry.repeat)
    return [Row()] * value


def _listed(context: Context, entry: Entry, value: Any, scope: Scope) -> list[Row]:
    """The rows that a value of the entry's `repeat` holds."""
    assert entry.repeat is not None
    if not isinstance(value, list):
        message = f"`rows` should be a list of rows, not {shown(value)}"
        raise context.error("wrong-type", message, entry.repeat, scope)
    cells = sum(len(row) for row in value if isinstance(row, list | dict))
    context.spend(len(value) + WORK_PER_CELL * cells, entry.repeat)
    places = value.node.items if isinstance(value, PlacedList) else ()
    found = [places[n] if n < len(places) else None for n in range(len(value))]
    pairs = list(zip(value, found, strict=True))
    if entry.columns:
        return [_cells(context, entry, row, place or entry.repeat, scope) for row, place in pairs]
    for row, place in pairs:
        if isinstance(row, dict):
            _check_keys(context, entry, row, place or entry.repeat, scope)
    return [plain_row(entry, row, place) for row, place in pairs]


def _cells(context: Context, entry: Entry, row: Any, placed: Placed, scope: Scope) -> Row:
    """A row whose cells have names."""
    columns = entry.columns
    if not isinstance(row, list):
        help = "list the cells in the order of the columns"
        message = f"a row should be a list of {counted(len(columns), 'cell')}, not {shown(row)}"
        raise context.error("wrong-type", message, placed, scope, help=help)
    if len(row) != len(columns):
        names = listed([f"`{name}`" for name in columns])
        verb = "is" if len(columns) == 1 else "are"
        message = (
            f"this row has {counted(len(row), 'cell')}, but there {verb} "
            f"{counted(len(columns), 'column')}: {names}"
        )
        raise context.error("bad-value", message, placed, scope)
    return plain_row(entry, row)


def _check_keys(
    context: Context, entry: Entry, row: dict[str, Any], placed: Placed, scope: Scope
) -> None:
    """Refuse keys that no instance has of its own."""
    keys = row.node.keys if isinstance(row, PlacedMapping) else {}
    for name in row:
        misplaced = name in ("type", "reuse") and name not in entry.fields
        if name in KEYS_OF_THE_WHOLE or misplaced:
            message = f"an instance can't have `{name}` of its own"
            raise context.error("field-conflict", message, keys.get(name, placed), scope)


def check_names(context: Context, entry: Entry, rows: list[Row], scope: Scope) -> None:
    """Refuse names of a turn's values that hide others."""
    own = [entry.index, *(rows[0].values if rows else ())]
    seen = [name for name in own if _is_seen(scope, name)]
    if entry.index in entry.columns:
        message = f"the column `{entry.index}` is called as the index of this repeat is"
        help = f"call the column something else: `{entry.index}_`; or the index: `index: k`"
        place = _place_of(entry, entry.index)
        raise context.error("name-conflict", message, place, scope, help=help)
    if seen:
        name = seen[0]
        placed: Placed = entry.fields.get("index", entry)
        what, help = f"the index `{name}`", "name the index of this repeat: `index: k`"
        if name != entry.index:
            placed = _place_of(entry, name)
            what, help = f"the column `{name}`", f"call the column something else: `{name}_`"
        if name != entry.index and not entry.columns:
            what = f"the row's name `{name}`"
            help = "name what it holds: `repeat: {columns: [k], rows: [[1], [2]]}`"
        message = f"{what} hides another value or layer of that name"
        raise context.error("name-conflict", message, placed, scope, help=help)


def _place_of(entry: Entry, name: str) -> Placed:
    """Where an entry names a column, or what it goes through."""
    repeat = entry.node.get("repeat")
    columns = repeat.get("columns") if isinstance(repeat, Mapping) else None
    if isinstance(columns, Sequence):
        return columns.items[entry.columns.index(name)]
    return entry.repeat or entry


def _is_seen(scope: Scope, name: str) -> bool:
    return scope.sees_value(name) or any(name in each.frame.names for each in scope.outward())
