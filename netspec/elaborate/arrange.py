"""`state_order`: whose parameters come first in a state_dict, before those of earlier layers."""

from netspec.diagnostics.suggest import did_you_mean
from netspec.elaborate.context import Context
from netspec.elaborate.scope import Scope
from netspec.elaborate.tree import Tree
from netspec.language.values import Compiled, Field
from netspec.source import Sequence


def arrange(context: Context, scope: Scope, field: Field | None) -> None:
    """Put what a scope's `state_order` names first in the tree, each in the scope that holds it.

    What `when` has left out has a place as well, which nothing takes. A name that nothing here
    bears is reported, and one that is there twice.
    """
    if field is None or not isinstance(field.node, Sequence) or not _is_text(field.compiled):
        return  # where it's there, its mistake has been reported
    order: dict[Tree, list[str]] = {}
    for path, item in zip(field.compiled, field.node.items, strict=True):
        *containers, last = path.split(".")
        tree = _container(scope.frame.tree, containers)
        if (tree is None or last not in tree.members) and not _is_gone(scope, path):
            message = f"no layer here is called `{path}`"
            help = did_you_mean(path, scope.frame.names)
            context.report(context.error("unknown-name", message, item, scope, help=help), scope)
        elif tree is not None and last in order.setdefault(tree, []):
            message = f"`{path}` is named before"
            context.report(context.error("duplicate-name", message, item, scope), scope)
        elif tree is not None:
            order[tree].append(last)
    for tree, names in order.items():
        tree.state_order = tuple(names)
        first = {name: tree.members[name] for name in names if name in tree.members}
        tree.members = first | tree.members


def _is_text(names: Compiled) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _container(tree: Tree, parts: list[str]) -> Tree | None:
    """The scope of that path within another, unless it is a repeat, whose instances have an order
    of their own.
    """
    for part in parts:
        member = tree.members.get(part)
        if not isinstance(member, Tree):
            return None
        tree = member
    return None if tree.repeat else tree


def _is_gone(scope: Scope, path: str) -> bool:
    """Whether the path's first part is an entry that isn't there, or is mistaken."""
    binding = scope.frame.names.get(path.partition(".")[0])
    return binding is not None and (binding.absent or binding.poisoned)
