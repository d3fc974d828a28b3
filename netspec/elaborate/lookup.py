"""What a name or a path stands for, looked up from a scope outwards."""

from collections.abc import Sequence
from typing import Any

from netspec.counted import counted
from netspec.diagnostics.suggest import nearest
from netspec.elaborate.poison import Poisoned, is_unknown
from netspec.elaborate.scope import Binding, Scope
from netspec.expressions import ExpressionError, HasProperties
from netspec.graph import Blob
from netspec.graph.axes import NAMES, axis_names


class BindingView(HasProperties):
    """A binding as expressions see it: a blob with sizes, and names within."""

    __slots__ = ("binding", "name")

    def __init__(self, name: str, binding: Binding) -> None:
        self.name = name
        self.binding = binding

    def property(self, name: str) -> Any:
        """A size of the blob, or what a name within stands for."""
        members = self.binding.members
        if members is not None and name in members:
            return BindingView(f"{self.name}.{name}", members[name])
        if self.binding.poisoned:
            raise Poisoned
        if name in self.binding.numbers:
            blob = self.binding.blobs[int(name)]
            return BindingView(f"{self.name}.{name}", Binding((blob,)))
        if name not in (*NAMES, "shape"):
            raise ExpressionError(
                "unknown-name", f"`{self.name}` has no `{name}`", help=self._names()
            )
        return self._size(name)

    def _size(self, name: str) -> Any:
        blobs = self.binding.blobs
        if any(is_unknown(blob) for blob in blobs):
            raise Poisoned
        if len(blobs) != 1:
            message = f"`{self.name}` stands for {len(blobs)} blobs, not for one"
            raise ExpressionError("expression-type", message)
        shape = blobs[0].shape
        if name == "shape":
            return list(shape)
        names = axis_names(shape.rank)
        if name not in names:
            message = f"`{self.name}` has no {name}: its shape is {shape}"
            raise ExpressionError("expression-value", message, help=self._names())
        return shape[1 + names.index(name)]

    def _names(self) -> str:
        """The names that a blob has, this one if it's known which."""
        blobs = self.binding.blobs
        if len(blobs) != 1 or is_unknown(blobs[0]):
            return f"a blob has {_listed(*NAMES, 'shape')}"
        rank = blobs[0].shape.rank
        return f"a blob of {counted(rank, 'axis')} has {_listed(*axis_names(rank), 'shape')}"


def _listed(*names: str) -> str:
    return ", ".join(f"`{each}`" for each in names)


def value_of(scope: Scope, name: str, record: set[tuple[str, str]]) -> Any:
    """What an expression sees under a name; ExpressionError where there is none.

    `record` is told of args and vars that are read.
    """
    if name == "input":
        return BindingView(name, _input(scope))
    if name == "previous":
        return BindingView(name, Binding(scope.frame.previous))
    holder = holder_of(scope, name)
    if holder is not None:
        if holder.owner is not None:
            record.add((holder.owner, name))
        return holder.values[name]
    for around in scope.outward():
        if name in around.frame.names:
            return BindingView(name, around.frame.names[name])
    _check_later(scope, name)
    message = f"nothing here is called `{name}`"
    help = _hint(scope, name) or _text_behind(scope, name)
    raise ExpressionError("unknown-name", message, help=help)


def holder_of(scope: Scope, name: str) -> Scope | None:
    """The scope whose value a name is; None for one that stands for blobs.

    A layer may have the name of a value, and isn't meant then; an input of a block hides a var.
    """
    around: Scope | None = scope
    while around is not None:
        if name in around.values:
            return around
        if name in around.frame.inputs:
            return None
        around = around.parent
    return None


def _input(scope: Scope) -> Binding:
    """The scope's only input; ExpressionError where it declares several by name."""
    names = scope.frame.inputs
    if len(names) > 1:
        listed = ", ".join(f"`{name}`" for name in names)
        message = "this scope has several inputs, which have names of their own"
        raise ExpressionError("unknown-name", message, help=f"it reads {listed}")
    return scope.frame.input


def resolve(scope: Scope, path: str) -> tuple[Blob, ...]:
    """The blobs that a bottom's path stands for; ExpressionError where there are none."""
    parts = path.split(".")
    if "*" in parts[1:]:
        at = parts.index("*", 1)
        return _of_all(scope, ".".join(parts[:at]), parts[at + 1 :])
    return _blobs(path, find(scope, path))


def _blobs(path: str, binding: Binding) -> tuple[Blob, ...]:
    if not binding.blobs:
        what = "isn't there, nor is what it would read" if binding.absent else "gives nothing"
        raise ExpressionError("unknown-name", f"`{path}` {what}")
    return binding.blobs


def _of_all(scope: Scope, path: str, within: Sequence[str]) -> tuple[Blob, ...]:
    """What all instances of a repeat give, or what a path within each of them stands for."""
    binding = find(scope, path)
    if binding.poisoned:
        return binding.blobs
    if binding.chained and not within:
        raise ExpressionError(
            "chained-branches",
            f"the instances of `{path}` read one another, each the one before; "
            "`.*` is for branches",
            help="in the repeat, `bottom: input` makes branches, `bottom: previous` says that a "
            "chain is meant",
        )
    if not binding.container:
        message = f"`{path}` is no repeat; `.*` stands for all instances of one"
        raise ExpressionError("unknown-name", message)
    found: list[Blob] = []
    for name, each in (binding.members or {}).items():
        if not each.absent:
            whole = ".".join([path, name, *within])
            found += (
                _blobs(whole, _walked(f"{path}.{name}", each, within)) if within else each.blobs
            )
    return tuple(found)


def find(scope: Scope, path: str) -> Binding:
    """What a path stands for: its first part is sought from here outwards, and decides."""
    first, *rest = path.split(".")
    if first == "input":
        binding = _input(scope)
    elif first == "previous":
        binding = Binding(scope.frame.previous)
    else:
        binding = _binding(scope, first)
    return _walked(first, binding, rest)


def _walked(path: str, binding: Binding, rest: Sequence[str]) -> Binding:
    """What a path stands for that goes on within a binding."""
    for part in rest:
        if binding.poisoned:
            break
        binding = _member(path, binding, part)
        path = f"{path}.{part}"
    return binding


def _binding(scope: Scope, name: str) -> Binding:
    around: Scope | None = scope
    while around is not None:
        if name in around.frame.names:
            return around.frame.names[name]
        around = around.parent
    _check_later(scope, name)
    message, help = f"no layer is called `{name}`", _hint(scope, name)
    if scope.sees_value(name):
        message, help = f"`{name}` is a value, not a layer", f"its value is `${name}`"
    raise ExpressionError("unknown-name", message, help=help)


def _check_later(scope: Scope, name: str) -> None:
    if any(name in around.frame.later for around in scope.outward()):
        raise ExpressionError(
            "unknown-name",
            f"`{name}` stands further down; a layer reads only what stands before it",
        )


def _hint(scope: Scope, name: str) -> str | None:
    """Help for a name that isn't seen."""
    names: list[str] = []
    for around in scope.outward():
        names += [*around.values, *around.frame.names]
    near = nearest(name, [*names, "input", "previous"])
    return f"did you mean `{near}`?" if near else None


def _text_behind(scope: Scope, name: str) -> str | None:
    """Help for a value with text behind it that a name may hold, too: `bn$i_a`."""
    seen = [each for around in scope.outward() for each in around.values]
    found = max((each for each in seen if name.startswith(f"{each}_")), key=len, default=None)
    return f"`$({found}){name[len(found) :]}` is `{found}` and text behind it" if found else None


def _member(walked: str, binding: Binding, part: str) -> Binding:
    if binding.absent:
        message = f"`{walked}` isn't there, because its `when` is false or its `repeat` 0"
        raise ExpressionError("unknown-name", message)
    if binding.members is None:
        if part in binding.numbers:
            number = int(part)
            return Binding(binding.blobs[number : number + 1], place=binding.place)
        message = f"`{walked}` is a layer, which has no names within"
        raise ExpressionError("unknown-name", message)
    if part not in binding.members:
        near = nearest(part, binding.members)
        help = f"did you mean `{walked}.{near}`?" if near else _in_the_last(walked, binding, part)
        raise ExpressionError("unknown-name", f"`{walked}` has no `{part}`", help=help)
    return binding.members[part]


def _in_the_last(walked: str, binding: Binding, part: str) -> str | None:
    """Help for a name that the instances of a repeat have within, or for one instance too many."""
    name, last = [*(binding.members or {"": binding}).items()][-1]
    if not binding.container:
        return None
    if part in (last.members or {}):
        return f"the last instance's is `{walked}.{name}.{part}`"
    return f"the last instance is `{walked}.{name}`" if name else None
