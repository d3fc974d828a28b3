"""Entries in order: repeats, `when` and phases. What an entry is comes in `kinds`."""

from collections.abc import Mapping
from dataclasses import replace

from netspec.elaborate.bind import bind, fail
from netspec.elaborate.body import check_depth, close
from netspec.elaborate.context import Context, shown
from netspec.elaborate.copies import Recording
from netspec.elaborate.kinds import place
from netspec.elaborate.locate import Container, attach, hold, locate, phase_of
from netspec.elaborate.poison import UNKNOWN
from netspec.elaborate.provenance import condition, leave_out, turns
from netspec.elaborate.reads import check_otherwise, note_reads, stand_in
from netspec.elaborate.rows import names_of_rows
from netspec.elaborate.scope import Binding, Scope, Site
from netspec.elaborate.turns import check_names, rows_of
from netspec.graph import Blob
from netspec.language.document import Entry
from netspec.language.values import Field, PlacedError

_UNSCOPED_MISFITS = ("name", "bottom", "top", "outputs", "otherwise", "state_order")


def run(context: Context, entries: tuple[Entry, ...], scope: Scope) -> None:
    """Elaborate the entries of a list, each on what stands before it."""
    for entry in entries:
        around = scope.within(allow=entry.allow) if entry.allow else scope
        try:
            if entry.repeats:
                _repeat(context, entry, around)
            else:
                _instance(context, entry, entry.fields, around, 0, None)
        except PlacedError as error:
            context.report(error, around)
            _poison(context, entry, around)


def _repeat(context: Context, entry: Entry, scope: Scope) -> None:
    """The instances of a repeat, in a scope of their own or each under its own name."""
    rows = rows_of(context, entry, scope)
    fields_of = [row.over(entry.fields) for row in rows]
    if fields_of and entry.first:
        fields_of[0] = {**fields_of[0], **entry.first}
    check_names(context, entry, rows, scope)
    if not fields_of and entry.repeat is not None:
        leave_out(context, entry, entry.repeat, scope)
    container = None
    if "name" in entry.fields and entry.scope and not _name_themselves(entry, fields_of):
        container = hold(context, entry, scope)
        chained = not any("bottom" in fields for fields in fields_of)
        container.binding.chained = chained and len(fields_of) > 1
    found = turns(context, entry, scope, rows)
    for each, row, fields in zip(found, rows, fields_of, strict=True):
        number = each.number
        inner = scope.within(values={entry.index: number, **row.values}, controls=(each,))
        _instance(context, entry, fields, inner, number, container)
    if container is not None and not container.attached:
        # Like a false `when`: the name stands for what the entry would have read.
        _bind_absent(context, container.site, container.binding.members)


def _name_themselves(entry: Entry, fields_of: list[Mapping[str, Field]]) -> bool:
    """Whether instances have names of their own: by what is a turn's, or by their own fields."""
    name = entry.fields["name"]
    own = {entry.index, *names_of_rows(entry)}
    return not own.isdisjoint(name.names) or any(fields["name"] is not name for fields in fields_of)


def _instance(
    context: Context,
    entry: Entry,
    fields: Mapping[str, Field],
    scope: Scope,
    number: int,
    container: Container | None,
) -> None:
    """One instance of an entry: absent, mistaken, or placed."""
    context.step(entry)
    present, mistaken = True, entry.bad or id(entry) in context.types.bad
    try:
        phase = phase_of(context, fields, scope)
        if phase is not scope.phase:
            scope = replace(scope, phase=phase)
        if "when" in fields:
            present = _condition(context, fields["when"], scope)
            controls = condition(fields["when"], scope) if present else ()
            scope = scope if not controls else scope.within(controls=controls)
            if not present:
                leave_out(context, entry, fields["when"], scope)
    except PlacedError as error:
        context.report(error, scope)
        mistaken = True
    if entry.body is not None and not entry.scope:
        _unscoped(context, entry, fields, scope, number, present=present, mistaken=mistaken)
        return
    if container is not None and (present or mistaken):
        attach(context, container)
    try:
        site = locate(context, entry, fields, scope, number, container, present=present)
    except PlacedError as error:
        context.report(error, scope)
        _poison(context, entry, scope)
        return
    if mistaken:
        note_reads(context, site)
        fail(context, site)
    elif not present:
        _bind_absent(context, site)
    else:
        _place(context, site)


def _place(context: Context, site: Site) -> None:
    try:
        if "otherwise" in site.fields:
            check_otherwise(context, site)
        body = place(context, site)
        if body is not None:
            tree = body.scope.frame.tree
            if site.name not in site.tree.members:
                site.tree.put(site.name, tree)
            with Recording(context, body):
                run(context, body.entries, body.scope)
                close(context, site, body)
    except PlacedError as error:
        context.report(error, site.scope, site.path)
        note_reads(context, site)
        fail(context, site)


def _condition(context: Context, field: Field, scope: Scope) -> bool:
    value = context.evaluate(field, scope)
    if not isinstance(value, bool):
        message = f"`when` takes a boolean, not {shown(value)}"
        help = "compare it: `$(x != 0)`"
        raise context.error("wrong-type", message, field, scope, help=help)
    return value


def _unscoped(
    context: Context,
    entry: Entry,
    fields: Mapping[str, Field],
    scope: Scope,
    number: int,
    *,
    present: bool,
    mistaken: bool,
) -> None:
    """A group with `scope: false`: its layers belong to the list around it."""
    for name in _UNSCOPED_MISFITS:
        if name in fields:
            message = f"a group with `scope: false` opens no scope and has no `{name}`"
            raise context.error("field-conflict", message, fields[name].key_span, scope)
    if mistaken:
        raise PlacedError(None)
    if not present:
        _leave_out(context, entry.body or (), scope)
        return
    check_depth(context, scope, entry)
    run(context, entry.body or (), scope.within(deeper=1, turns=(number,)))


def _leave_out(context: Context, entries: tuple[Entry, ...], scope: Scope) -> None:
    """Entries that aren't there because the group that holds them isn't."""
    for entry in entries:
        context.step(entry)
        if entry.body is not None and not entry.scope:
            _leave_out(context, entry.body, scope)
        elif "name" in entry.fields and not entry.fields["name"].dynamic and not entry.bad:
            site = locate(context, entry, entry.fields, scope, 0, None, present=False)
            _bind_absent(context, site, members={} if entry.repeats else None)


def _bind_absent(context: Context, site: Site, members: dict[str, Binding] | None = None) -> None:
    """An entry that isn't there: its name and tops stand for its first bottom, or for what its
    `otherwise` says.
    """
    if "name" not in site.fields and not site.tops:
        return
    container, place = members is not None, site.at("name")
    blobs = stand_in(context, site)
    bind(context, site, Binding(blobs, members, container, place=place, absent=True))
    frame = site.scope.frame
    own = site.containers[0] if site.tree.repeat else site.names[site.name]
    if own.blobs != frame.previous:
        frame.doubt = site
    elif "bottom" in site.fields or "otherwise" in site.fields:
        frame.doubt = None


def _poison(context: Context, entry: Entry, scope: Scope) -> None:
    """Say nothing more of what reads a mistaken entry that has no proper name."""
    context.usage.certain = False
    blob = Blob(f"{scope.frame.tree.path}.?", UNKNOWN, scope.phase)
    scope.frame.previous = (blob,)
    name = entry.fields.get("name")
    if name is not None and isinstance(name.compiled, str | int):
        first = str(name.compiled).partition(".")[0]
        scope.frame.names.setdefault(first, Binding((blob,)))
