"""What the author wrote, recorded beside what came of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from netspec.elaborate.context import Context
from netspec.elaborate.fields import Said
from netspec.elaborate.lookup import find, holder_of
from netspec.elaborate.rows import Row, columns_of
from netspec.elaborate.scope import Scope, Site
from netspec.expressions import ExpressionError
from netspec.expressions.syntax import Call, Expression
from netspec.graph.written import Condition, Turn, Written
from netspec.language.document import Entry, own_fields
from netspec.language.formulas import asked, expressions, formula, formulas, parts
from netspec.language.values import Field

NOTHING: Mapping[str, str] = {}


def written(context: Context, site: Site) -> Written:
    """What a site's entry says."""
    entry, known = site.entry, None
    if site.fields is entry.fields:
        known = context.types.said.get(id(entry))
    if known is None:
        of_entry = site.fields is entry.fields
        own = entry.own if of_entry else own_fields(dict(site.fields))
        known = _said(context.places[id(entry)], site.fields, own)
        if of_entry:
            context.types.said[id(entry)] = known
    controls, said = site.scope.controls, known.written
    if not controls and not known.paths:
        return said
    blobs = _blobs(site.scope, known.paths) if known.paths else NOTHING
    return Written(said.place, said.fields, said.fixed, said.name, controls, blobs)


def _said(place: int, fields: Mapping[str, Field], own: Mapping[str, Field]) -> Said:
    """What an entry of these fields says, some of which are its type's own."""
    found = formulas(own)
    fixed: list[Expression] = []
    read: list[Expression] = []
    for name, field in fields.items():
        expression = found.get(name)
        if not field.dynamic or name == "when":
            continue  # what decides about being there is noted by itself
        if expression is None:
            fixed += expressions(field.compiled)
        else:
            read.append(expression)
    name_parts = parts(fields["name"]) if "name" in fields else ()
    paths = tuple({path for each in (*fixed, *read) for path in asked(each)})
    return Said(Written(place, found, tuple(fixed), name_parts), paths)


def container(context: Context, site: Site) -> Written:
    """What is said of the scope that holds the instances of a repeat: its place and its name."""
    place = context.places[id(site.entry)]
    name = parts(site.fields["name"]) if "name" in site.fields else ()
    return Written(place, {}, name=name, controls=site.scope.controls)


def condition(field: Field, scope: Scope) -> tuple[Condition, ...]:
    """A `when` that has been found true; none where it holds no expression."""
    expression = formula(field) if field.dynamic else None
    if expression is None:
        return ()
    return (Condition(expression, _blobs(scope, tuple(asked(expression)))),)


def leave_out(context: Context, entry: Entry, field: Field, scope: Scope) -> None:
    """Note an entry that isn't there, the field that says so, its `when` or its `repeat`, and what
    says what it stands for.
    """
    expression = formula(field) if field.dynamic else None
    stands = [entry.fields[name] for name in ("bottom", "otherwise") if name in entry.fields]
    fixed = tuple(each for said in stands for each in expressions(said.compiled))
    if expression is not None or fixed:
        read = (*fixed, *((expression,) if expression is not None else ()))
        blobs = _blobs(scope, tuple(path for each in read for path in asked(each)))
        fields = {} if expression is None else {"when": expression}
        place = context.places[id(entry)]
        absent = Written(place, fields, fixed, controls=scope.controls, asked=blobs)
        scope.frame.tree.absent.append(absent)


def note_inputs(scope: Scope, fields: Iterable[Field]) -> None:
    """Note the expressions in shapes of inputs that aren't made of values alone: `$stride*H`."""
    for field in fields:
        if formula(field) is None:
            note_outputs(scope, field)


def note_outputs(scope: Scope, field: Field | None) -> None:
    """Note the expressions in what a scope gives."""
    found = tuple(expressions(field.compiled)) if field is not None and field.dynamic else ()
    if found:
        blobs = _blobs(scope, tuple(path for each in found for path in asked(each)))
        noted = Written(-1, {}, found, controls=scope.controls, asked=blobs)
        scope.frame.tree.absent.append(noted)


def turns(context: Context, entry: Entry, scope: Scope, rows: Sequence[Row]) -> Iterator[Turn]:
    """The turns of a repeat."""
    said = None if entry.repeat is None else formula(entry.repeat)
    blobs = NOTHING if said is None else _blobs(scope, tuple(asked(said)))
    count, table = said, None
    if said is not None and rows and rows[0].values:
        count, table = Call(0, 0, "len", (said,)), said
    columns = columns_of(entry, rows)
    place = context.places[id(entry)]
    for number in range(len(rows)):
        yield Turn(place, entry.index, number, count, blobs, table, columns)


def _blobs(scope: Scope, paths: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in paths:
        if holder_of(scope, path.partition(".")[0]) is not None:
            continue
        try:
            blobs = find(scope, path).blobs
        except ExpressionError:  # it isn't reached, as the other side of an `if`
            continue
        if len(blobs) == 1:
            found[path] = blobs[0].name
    return found
