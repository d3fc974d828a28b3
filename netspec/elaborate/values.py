"""What the names of a spec stand for: bindings, and the values that expressions see of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netspec.diagnostics import Span
from netspec.expressions import ExpressionError
from netspec.graph import Blob, Shape, TensorType
from netspec.language.document import Entry
from netspec.language.values import Field

if TYPE_CHECKING:
    from netspec.elaborate.scope import Scope
    from netspec.layers import Layer

UNKNOWN = TensorType(Shape(()), "unknown")
"""The type of what a mistaken layer would give: nothing more is said about it."""

BLOB_PROPERTIES = ("channels", "height", "width", "shape")


class Poisoned(Exception):
    """A value depends on something that has already been reported."""


def is_unknown(blob: Blob) -> bool:
    return blob.type is UNKNOWN


@dataclass(frozen=True, slots=True)
class Instance:
    """What a name was given to, as a reuse needs it to apply it again.

    `scope` is where its entry stands, with the index of its repeat; `module` the path of its
    parameters; `layer` its layer, or `args` its block's arguments; neither for a group.
    """

    entry: Entry
    fields: Mapping[str, Field]
    scope: "Scope"
    module: str
    layer: "Layer | None" = None
    block: str | None = None
    args: Mapping[str, Any] | None = None


@dataclass(slots=True, eq=False)
class Binding:
    """What a name stands for: its blobs in order, and the names within it.

    `members` is None for a layer; for a group, a block or a repeat it maps the names inside.
    `container` is true for what only holds instances: a repeat, or the first part of dotted
    names. `absent` is true for an entry that `when` has left out, whose name another may bear.
    """

    blobs: tuple[Blob, ...]
    members: "dict[str, Binding] | None" = None
    container: bool = False
    instance: Instance | None = None
    place: Span | None = None
    absent: bool = False


@dataclass(frozen=True, slots=True)
class BindingView:
    """A binding as expressions see it: a blob with sizes, and names within."""

    name: str
    binding: Binding

    def property(self, name: str) -> Any:
        """A size of the blob, or what a name within stands for."""
        members = self.binding.members
        if members is not None and name in members:
            return BindingView(f"{self.name}.{name}", members[name])
        if name not in BLOB_PROPERTIES:
            raise ExpressionError(
                "unknown-name",
                f"`{self.name}` has no `{name}`",
                help=f"a blob has {', '.join(f'`{each}`' for each in BLOB_PROPERTIES)}",
            )
        return self._size(name)

    def _size(self, name: str) -> Any:
        if len(self.binding.blobs) != 1:
            count = len(self.binding.blobs)
            raise ExpressionError("expression-type", f"`{self.name}` stands for {count} blobs")
        blob = self.binding.blobs[0]
        if is_unknown(blob):
            raise Poisoned
        shape = blob.shape
        if name == "shape":
            return list(shape)
        axis = 1 + BLOB_PROPERTIES.index(name)
        if axis >= shape.rank or (axis > 1 and shape.rank != 4):
            message = f"`{self.name}` has no {name}: its shape is {shape}"
            raise ExpressionError("expression-value", message)
        return shape[axis]
