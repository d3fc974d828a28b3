"""What the names of a spec stand for: bindings, and the values that expressions see of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netspec.expressions import ExpressionError, HasProperties
from netspec.graph import Blob, Shape, TensorType
from netspec.language.document import Block
from netspec.source.values import Place

if TYPE_CHECKING:
    from netspec.elaborate.site import Site
    from netspec.layers import Layer

UNKNOWN = TensorType(Shape(()), "unknown")
"""The type of what a mistaken layer would give: nothing more is said about it."""

FAILED = object()
"""The value of a var or an arg whose mistake has been reported."""

BLOB_PROPERTIES = ("channels", "height", "width", "shape")


class Poisoned(Exception):
    """A value depends on something that has already been reported."""


def is_unknown(blob: Blob) -> bool:
    return blob.type is UNKNOWN


@dataclass(slots=True, eq=False)
class Instance:
    """What a name was given to, as a reuse needs it to apply it again.

    It has its layer, or its block and the block's arguments; neither for a group.
    """

    site: "Site"
    layer: "Layer | None" = None
    block: Block | None = None
    args: Mapping[str, Any] | None = None


@dataclass(slots=True, eq=False)
class Binding:
    """What a name stands for: its blobs in order, and the names within it.

    `members` is None for a layer; for a group, a block or a repeat it maps the names inside.
    `container` is true for what only holds instances: a repeat, or the first part of dotted
    names. `absent` is true for an entry that `when` has left out, whose name another may bear;
    `chained` for a repeat whose instances read one another because nothing says otherwise.
    """

    blobs: tuple[Blob, ...]
    members: "dict[str, Binding] | None" = None
    container: bool = False
    instance: Instance | None = None
    place: Place | None = None
    absent: bool = False
    chained: bool = False

    @property
    def numbers(self) -> tuple[str, ...]:
        """What a layer's several tops are called within it, where it names none of them."""
        instance = self.instance
        if instance is None or instance.layer is None or instance.site.tops or len(self.blobs) < 2:
            return ()
        return tuple(map(str, range(len(self.blobs))))

    @property
    def poisoned(self) -> bool:
        """Whether it is what a mistaken entry would have given."""
        return self.members is None and bool(self.blobs) and is_unknown(self.blobs[0])


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
        if name not in BLOB_PROPERTIES:
            raise ExpressionError(
                "unknown-name",
                f"`{self.name}` has no `{name}`",
                help=f"a blob has {', '.join(f'`{each}`' for each in BLOB_PROPERTIES)}",
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
        axis = 1 + BLOB_PROPERTIES.index(name)
        if axis >= shape.rank or (axis > 1 and shape.rank != 4):
            message = f"`{self.name}` has no {name}: its shape is {shape}"
            raise ExpressionError("expression-value", message)
        return shape[axis]
