"""What stands between a Caffe network and its spec: blobs that nothing writes over, and entries."""

from dataclasses import dataclass, field
from typing import Any

from netspec.importers.caffe.parts import CaffeLayer, Made, Member, Part, Values
from netspec.importers.caffe.told import Told
from netspec.source.values import Place


@dataclass(eq=False)
class Blob:
    """A blob as one layer, or the network's user, gives it.

    `called` is Caffe's name for it, which others may have had before. `lost` is one that nobody
    can say anything of, as its layer isn't understood.
    """

    called: str
    maker: "Entry | Input | None" = None
    number: int = 0
    lost: bool = False


@dataclass(eq=False)
class Input:
    """An input of the network; `place` is where the file names it."""

    name: str
    place: Place
    blob: Blob
    shape: Told | None
    label: bool = False
    phase: str | None = None
    why: str = ""


@dataclass(eq=False)
class Entry:
    """An entry of the spec to be: a layer, what it reads and what it gives.

    `source` are the Caffe layers that it does the work of, each with the names of the parameters
    that are its blobs. `reuse` is the entry whose parameters it has. `later` makes the parts that
    stand in its place once the shapes of its bottoms are known, `alike` is a part that gives the
    same shape. `member` is its place in a cell.
    """

    type: str
    layer: CaffeLayer
    called: str
    bottoms: list[Blob]
    tops: list[Blob]
    fields: Values
    phase: str | None = None
    param: Told | None = None
    reuse: "Entry | None" = None
    source: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    name: str = ""
    top_names: list[str] = field(default_factory=list)
    allow: list[str] = field(default_factory=list)
    later: Made | None = None
    alike: Part | None = None
    member: Member | None = None

    def value(self, name: str, default: Any = None) -> Any:
        """A field's value, or what it is where the entry doesn't say."""
        return self.fields[name].value if name in self.fields else default
