"""Entries in order: repeats, `when`, phases and names. What an entry is comes in `kinds`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from netspec.elaborate.context import MAX_LAYERS, Context
from netspec.elaborate.kinds import place
from netspec.elaborate.scope import Scope
from netspec.elaborate.site import Site, bind, bottoms, check_name, fail
from netspec.elaborate.tree import Tree, join
from netspec.elaborate.values import Binding
from netspec.graph import Phase
from netspec.language.document import Entry
from netspec.language.values import Field, PlacedError


def run(context: Context, entries: tuple[Entry, ...], scope: Scope) -> None:
    """Elaborate the entries of a list, each on what stands before it."""
    for entry in entries:
        around = scope
        if entry.allow:
            around = replace(scope, allow=scope.allow | entry.allow)
        try:
            if entry.repeats:
                _repeat(context, entry, around)
            else:
                _instance(context, entry, entry.fields, around, 0, None)
        except PlacedError as error:
            context.report(error, around)


def _repeat(context: Context, entry: Entry, scope: Scope) -> None:
    """The instances of a repeat, in a scope of their own or each under its own name."""
    fields_of = _instances(context, entry, scope)
    if entry.index in scope.values_around() or entry.index in scope.frame.names:
        span = entry.fields["index"].span if "index" in entry.fields else entry.span
        message = f"the index `{entry.index}` hides another value of that name"
        help = "name the index of this repeat: `index: k`"
        raise context.error("name-conflict", message, span, scope, help=help)
    container = None
    named = "name" in entry.fields and not _names_instances(entry, fields_of)
    if named and entry.scope:
        container = _container(context, entry, scope)
    if not fields_of and container is not None:
        # Like a false `when`: the name stands for what the entry would have read.
        container.names.clear()
        _bind_absent(context, container.site)
        return
    for number, fields in enumerate(fields_of):
        inner = scope.inner({entry.index: number})
        _instance(context, entry, fields, inner, number, container)


def _instances(
    context: Context, entry: Entry, scope: Scope
) -> list[Mapping[str, Field]]:
    """The fields of each instance."""
    if entry.instances is not None:
        overlays = list(entry.instances)
    else:
        assert entry.repeat is not None
        count = context.evaluate(entry.repeat, scope)
        if type(count) is not int or count < 0:
            message = f"`repeat` is a number of instances, not {count!r}"
            help = "`//` divides integers" if isinstance(count, float) else None
            raise context.error("wrong-type", message, entry.repeat.span, scope, help=help)
        if count > MAX_LAYERS:
            context.too_large(entry.repeat.span)
        overlays = [{}] * count
    if overlays and entry.first:
        overlays[0] = {**overlays[0], **entry.first}
    return [{**entry.fields, **overlay} if overlay else entry.fields for overlay in overlays]


def _names_instances(entry: Entry, fields_of: list[Mapping[str, Field]]) -> bool:
    """Whether instances have names of their own: by the index, or by their own fields."""
    return any(
        "name" in fields
        and (fields["name"] is not entry.fields["name"] or entry.index in fields["name"].names)
        for fields in fields_of
    )


class _Container:
    """The scope `name` that holds the instances `name.0`, `name.1`, …"""

    def __init__(self, site: Site, tree: Tree, binding: Binding) -> None:
        self.site = site
        self.tree = tree
        self.binding = binding

    @property
    def names(self) -> dict[str, Binding]:
        assert self.binding.members is not None
        return self.binding.members


def _container(context: Context, entry: Entry, scope: Scope) -> _Container:
    site = _locate(context, entry, entry.fields, scope, 0, None)
    binding = Binding((), members={}, container=True, place=site.span("name"))
    tree = Tree(site.path, site.module, repeat=True)
    previous = scope.frame.previous
    if site.name in site.tree.members:
        tree.members = {}
    else:
        site.tree.members[site.name] = tree
    bind(context, site, binding)
    scope.frame.previous = previous
    return _Container(site, tree, binding)


def _instance(
    context: Context,
    entry: Entry,
    fields: Mapping[str, Field],
    scope: Scope,
    number: int,
    container: _Container | None,
) -> None:
    """One instance of an entry: absent, mistaken, or placed."""
    context.step(entry.span)
    present, mistaken = True, id(entry.node) in context.types.bad
    try:
        if "when" in fields:
            present = _boolean(context, fields["when"], scope)
    except PlacedError as error:
        context.report(error, scope)
        mistaken = True
    try:
        site = _locate(context, entry, fields, scope, number, container, present)
    except PlacedError as error:
        context.report(error, scope)
        return
    try:
        if mistaken:
            fail(context, site)
        elif present:
            place(context, site)
        else:
            _bind_absent(context, site)
    except PlacedError as error:
        context.report(error, scope, site.path)
        fail(context, site)


def _boolean(context: Context, field: Field, scope: Scope) -> bool:
    value = context.evaluate(field, scope)
    if not isinstance(value, bool):
        message = f"`when` takes a boolean, not {value!r}"
        raise context.error("wrong-type", message, field.span, scope)
    return value


def _bind_absent(context: Context, site: Site) -> None:
    """An entry that isn't there: its name and tops stand for its first bottom."""
    blobs = site.scope.frame.previous
    if "bottom" in site.fields:
        blobs = tuple(read.blob for read in bottoms(context, site))
    if "name" in site.fields:
        bind(context, site, Binding(blobs[:1], place=site.span("name"), absent=True))


def _locate(
    context: Context,
    entry: Entry,
    fields: Mapping[str, Field],
    scope: Scope,
    number: int,
    container: _Container | None,
    present: bool = True,
) -> Site:
    """The site of an instance: its name and where it goes."""
    phase = _phase(context, fields, scope)
    scope = scope if phase is scope.phase else replace(scope, phase=phase)
    frame = scope.frame
    tops = _top_names(context, fields, scope)
    if container is not None:
        parts = [str(number)]
        names, tree, containers = container.names, container.tree, (container.binding,)
        containers += container.site.containers
    else:
        parts = _name(context, fields, scope, entry, present)
        names, tree, containers = frame.names, frame.tree, ()
    for part in parts[:-1]:
        binding = names.get(part)
        if binding is None or binding.absent:
            binding = Binding((), members={}, container=True, place=fields["name"].span)
            names[part] = binding
        elif binding.members is None or not binding.container or tree.container(part, False).repeat:
            message = f"`{part}` is the name of another layer here, not a scope of dotted names"
            raise context.error("duplicate-name", message, fields["name"].span, scope)
        assert binding.members is not None
        names, tree = binding.members, tree.container(part, repeat=False)
        containers += (binding,)
    name = parts[-1]
    module = join(tree.module, name)
    return Site(
        entry,
        fields,
        scope,
        number,
        name,
        names,
        tree,
        containers,
        module,
        phase,
        scope.reusing,
        tops,
    )


def _phase(context: Context, fields: Mapping[str, Field], scope: Scope) -> Phase | None:
    field = fields.get("phase")
    if field is None or str(field.compiled).upper() not in list(Phase):
        return scope.phase
    phase = Phase(str(field.compiled).upper())
    if scope.phase is not None and scope.phase is not phase:
        message = f"this stands in something of phase {scope.phase} alone"
        raise context.error("phase-mismatch", message, field.span, scope)
    return phase


def _name(
    context: Context, fields: Mapping[str, Field], scope: Scope, entry: Entry, present: bool
) -> list[str]:
    """The parts of an entry's name; a number where it has none."""
    if "name" not in fields:
        if not entry.scope and entry.body is not None:
            return ["0"]
        name = str(scope.frame.count)
        scope.frame.count += present
        return [name]
    field = fields["name"]
    value = context.evaluate(field, scope)
    text = _name_text(context, value, field, scope)
    parts = text.split(".")
    for part in parts:
        check_name(context, part, field.span, scope)
    return parts


def _name_text(context: Context, value: Any, field: Field, scope: Scope) -> str:
    if isinstance(value, float):
        message = f"a name is text, but YAML reads this as the number {value}"
        raise context.error("bad-name", message, field.span, scope, help="quote it")
    if isinstance(value, bool) or not isinstance(value, str | int):
        message = f"a name is text, not {value!r}"
        raise context.error("wrong-type", message, field.span, scope)
    return str(value)


def _top_names(
    context: Context, fields: Mapping[str, Field], scope: Scope
) -> tuple[str, ...]:
    field = fields.get("top")
    if field is None:
        return ()
    value = context.evaluate(field, scope)
    names = value if isinstance(value, list) else [value]
    for name in names:
        check_name(context, _name_text(context, name, field, scope), field.span, scope)
    return tuple(str(name) for name in names)
