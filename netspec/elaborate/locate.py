"""Where an instance of an entry goes: its name, and the scope of dotted names or of its repeat."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from netspec.elaborate.bind import bind_name
from netspec.elaborate.context import Context, shown
from netspec.elaborate.provenance import container
from netspec.elaborate.scope import Binding, Scope, Site
from netspec.elaborate.tree import Tree, join
from netspec.graph import Phase
from netspec.language.document import Entry
from netspec.language.names import problem
from netspec.language.values import Field

MAX_DEPTH = 128
"""How deep paths may go: two parts for each scope."""
_PHASES = {phase.value: phase for phase in Phase}


@dataclass(slots=True, eq=False)
class Container:
    """The scope `name` that holds the instances `name.0`, `name.1`, … of a repeat."""

    site: Site
    tree: Tree
    binding: Binding
    attached: bool = False


def locate(
    context: Context,
    entry: Entry,
    fields: Mapping[str, Field],
    scope: Scope,
    number: int,
    container: Container | None,
    *,
    present: bool = True,
) -> Site:
    """The site of an instance; PlacedError where its name can't be."""
    tops = _tops(context, fields["top"], scope) if "top" in fields else ()
    frame = scope.frame
    containers: tuple[Binding, ...] = ()
    if container is not None:
        assert container.binding.members is not None
        name, names, tree = str(number), container.binding.members, container.tree
        containers = (container.binding, *container.site.containers)
    elif "name" not in fields:
        name, names, tree = str(frame.count), frame.names, frame.tree
        frame.count += present
    else:
        *outer, name = _parts(context, fields["name"], scope)
        names, tree = frame.names, frame.tree
        if outer:
            for part in outer:
                names, tree = _enter(context, fields["name"], scope, part, names, tree)
            containers = _containers(frame.names, outer)
    path = join(tree.path, name)
    top_names: tuple[dict[str, Binding], ...] = ()
    if tops:
        top_names = tuple([_names_of_top(context, fields["top"], scope, top, path) for top in tops])
    if tree.depth > MAX_DEPTH:
        context.too_large(f"a path of more than {MAX_DEPTH} parts", fields.get("name", entry))
    context.write(len(path), entry, 1)
    module = path if tree.module == tree.path else join(tree.module, name)
    return Site(
        entry, fields, scope, number, name, names, tree, containers, path, module, tops, top_names
    )


def _names_of_top(
    context: Context, field: Field, scope: Scope, top: str, path: str
) -> dict[str, Binding]:
    """Where the name of a top belongs: to the list that its entry stands in."""
    names, tree = scope.frame.names, scope.frame.tree
    if join(tree.path, top) != path:
        for part in top.split(".")[:-1]:
            names, tree = _enter(context, field, scope, part, names, tree)
    return names


def _enter(
    context: Context,
    field: Field,
    scope: Scope,
    part: str,
    names: dict[str, Binding],
    tree: Tree,
) -> tuple[dict[str, Binding], Tree]:
    """The names and the tree of a scope that dotted names make."""
    binding = names.get(part)
    if binding is None or binding.absent:
        if names is scope.frame.names and scope.hides(part):
            message = f"`{part}` is a value of the repeat's turn here; a scope needs another name"
            raise context.error("name-conflict", message, field, scope)
        binding = Binding((), {}, container=True, place=field.node)
        names[part] = binding
        tree.members.pop(part, None)
    inner = tree.container(part)
    if binding.members is None or not binding.container or inner.repeat:
        message = f"`{part}` is the name of something else here, not a scope of dotted names"
        raise context.error("duplicate-name", message, field, scope)
    return binding.members, inner


def _containers(names: dict[str, Binding], parts: list[str]) -> tuple[Binding, ...]:
    found = []
    for part in parts:
        binding = names[part]
        found.append(binding)
        names = binding.members or {}
    return tuple(found)


def hold(context: Context, entry: Entry, scope: Scope) -> Container:
    """The scope that will hold the instances of a repeat."""
    fields = entry.fields
    if "top" in fields and fields["top"].dynamic:  # by what is a turn's, of which there is none
        fields = {name: each for name, each in fields.items() if name != "top"}
    site = locate(context, entry, fields, scope, 0, None)
    binding = Binding((), {}, container=True, place=site.at("name"))
    tree = Tree(site.path, site.module, repeat=True, depth=site.tree.depth + 1)
    tree.written = container(context, site)
    return Container(site, tree, binding)


def attach(context: Context, container: Container) -> None:
    """Bind a repeat's name, as soon as one of its instances is there."""
    if not container.attached:
        container.attached = True
        site = container.site
        bind_name(context, site, site.names, site.name, container.binding)
        if site.name not in site.tree.members:
            site.tree.put(site.name, container.tree)


def phase_of(context: Context, fields: Mapping[str, Field], scope: Scope) -> Phase | None:
    """The phase that an instance is restricted to, by itself or by what it stands in."""
    field = fields.get("phase")
    if field is None:
        return scope.phase
    said = context.evaluate(field, scope)
    phase = _PHASES.get(str(said).upper())
    if phase is None:
        message = f"`phase` should be 'TRAIN' or 'TEST', not {shown(said)}"
        raise context.error("bad-value", message, field, scope)
    if scope.phase is not None and scope.phase is not phase:
        message = f"this stands in something of phase {scope.phase} alone"
        raise context.error("phase-mismatch", message, field, scope)
    return phase


def _parts(context: Context, field: Field, scope: Scope) -> list[str]:
    """The parts of an entry's name."""
    value = context.evaluate(field, scope)
    text = value if isinstance(value, str) else _name_text(context, value, field, scope)
    if _is_good(text):
        return [text]
    parts = text.split(".")
    if len(parts) > MAX_DEPTH:
        context.too_large(f"a path of more than {MAX_DEPTH} parts", field)
    for part in parts:
        _check_name(context, part, field, scope)
    return parts


def _name_text(context: Context, value: Any, field: Field, scope: Scope) -> str:
    if isinstance(value, float):
        message = f"a name is text, but YAML reads this as the number {value}"
        raise context.error("wrong-type", message, field, scope, help="quote it")
    if isinstance(value, bool) or not isinstance(value, str | int):
        message = f"a name is text, not {shown(value)}"
        raise context.error("wrong-type", message, field, scope)
    return str(value)


def _tops(context: Context, field: Field, scope: Scope) -> tuple[str, ...]:
    value = context.evaluate(field, scope)
    found: dict[str, None] = {}
    for each in value if isinstance(value, list) else [value]:
        name = _name_text(context, each, field, scope)
        for part in name.split(".")[: MAX_DEPTH + 1]:
            _check_name(context, part, field, scope)
        if name in found:
            message = f"`top` names `{name}` twice"
            raise context.error("duplicate-name", message, field, scope)
        found[name] = None
    if not found:
        raise context.error("top-count", "`top` names nothing", field, scope)
    return tuple(found)


@lru_cache(maxsize=4096)
def _is_good(name: str) -> bool:
    return problem(name) is None


def _check_name(context: Context, name: str, field: Field, scope: Scope) -> None:
    """Refuse names that can't be attributes of a module."""
    wrong = problem(name)
    if wrong is not None:
        raise context.error("bad-name", wrong[0], field, scope, help=wrong[1])
