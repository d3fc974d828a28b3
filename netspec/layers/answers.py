"""What a layer answers with when it is asked: mistakes, weights, conditions and warnings."""

from collections.abc import Callable
from functools import cached_property

from netspec.graph.fillers import Filler
from netspec.graph.sizes import Size
from netspec.quick import frozen


class LayerError(Exception):
    """A layer can't be built: from its fields alone, or on these bottoms.

    `field` names the field at fault, `bottom` the number of the bottom at fault; the front end
    finds the place in the text. What takes work to find, message and help together, may be a
    function: it's called when someone reads them.
    """

    def __init__(
        self,
        code: str,
        message: str | Callable[[], tuple[str, str | None]],
        *,
        field: str | None = None,
        bottom: int | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.bottom = bottom
        self._words = (message, help) if isinstance(message, str) else message

    def __str__(self) -> str:
        return self.message

    @cached_property
    def message(self) -> str:
        return self._said[0]

    @cached_property
    def help(self) -> str | None:
        return self._said[1]

    @cached_property
    def _said(self) -> tuple[str, str | None]:
        return self._words if isinstance(self._words, tuple) else self._words()


@frozen
class Weight:
    """A tensor that a layer holds: the last part of its name, its shape and how it is filled.

    Weights proper come first, in the order of Caffe's `param` list; buffers follow. `values` are
    the elements of one that is never trained, a single one for all; no filler draws that.
    """

    suffix: str
    shape: tuple[int, ...]
    filler: Filler
    buffer: bool = False
    dtype: str = "float32"
    values: tuple[float, ...] | None = None


@frozen
class Condition:
    """That a size is 1 or more, and the complaint where it isn't.

    A symbolic size must be so for every height and width that the network runs at, or else the
    back ends would give something else than was promised. `told` is true where both refuse to run
    on one that isn't: the condition then has a part in what the least height and width are.
    """

    size: Size
    error: LayerError
    told: bool = False


@frozen
class Lint:
    """A warning: legal, and seldom meant.

    In the text `{here}` stands for the layer and `{0}`, `{1}`, … for those that give its bottoms.
    `bottom` is the number of a bottom if the warning is about the layer that gives it.
    """

    code: str
    message: str
    help: str | None = None
    bottom: int | None = None
