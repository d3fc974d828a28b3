"""Numbers for the symbols of a network's inputs: the batch is asked for, others must be known."""

from collections.abc import Collection, Mapping

from netspec.graph import Graph, Size
from netspec.graph.sizes import multiple, substitute, symbols
from netspec.listed import listed

USUAL = 224
"""A size to suggest."""


class Open(ValueError):
    """A most of several can't be told, since sizes hang on symbols: their names, and a shape with
    numbers for each input that has them.
    """

    def __init__(self, names: list[str], shapes: Mapping[str, tuple[int | str, ...]]) -> None:
        self.names = names
        self.shapes = shapes
        given = {name: [*shape] for name, shape in shapes.items()}
        where = f": load it with inputs={given}" if given else ", which shows only when it runs"
        super().__init__(f"the most that is alive at once depends on {listed(names, 'and')}{where}")

    @property
    def options(self) -> str:
        """The same as options of the command line: `--input data=Nx3x224x224`."""
        pairs = (f"{name}={'x'.join(map(str, each))}" for name, each in self.shapes.items())
        return " ".join(f"--input {pair}" for pair in pairs)


def batch_of(graph: Graph) -> Size:
    """The first size of the first input, which stands for the batch: a number, or a symbol."""
    return next((blob.shape[0] for blob in graph.inputs[:1] if blob.shape), 1)


def batch_symbol(graph: Graph) -> str | None:
    """The symbol of the batch; None where the spec fixes that."""
    size = batch_of(graph)
    return None if isinstance(size, int) else str(size)


def sizes_with(graph: Graph, batch: int | None) -> dict[str, int]:
    """Numbers for all symbols of the inputs where the batch has this size; None: as the spec says,
    or 1.

    ValueError where the spec fixes another, Open where there are other symbols.
    """
    require_known(graph)
    return sizes_of_batch(graph, batch)


def sizes_of_batch(graph: Graph, batch: int | None) -> dict[str, int]:
    """The same, where other symbols stay open."""
    size = batch_of(graph)
    if isinstance(size, int):
        if batch not in (None, size):
            raise ValueError(f"`batch` is {size} in the spec: its inputs hold no symbol for it")
        return {}
    return {str(size): 1 if batch is None else batch}


def require_known(graph: Graph) -> None:
    """Open where sizes of inputs hang on other symbols than that of the batch."""
    found = opened(graph)
    if found is not None:
        raise found


def opened(graph: Graph, among: Collection[str] | None = None) -> Open | None:
    """What to say of inputs whose sizes hang on other symbols than that of the batch, if any do;
    of those `among` some alone. Once a symbol has a number, further inputs need none for it.
    """
    batch = batch_symbol(graph)
    shapes: dict[str, tuple[int | str, ...]] = {}
    names: dict[str, None] = {}
    for blob in graph.inputs:
        mine = {name for size in blob.shape for name in symbols(size)} - {batch}
        wanted = mine if among is None else mine.intersection(among)
        if wanted - names.keys():
            names |= dict.fromkeys(sorted(mine))
            shapes[blob.name] = tuple(_suggested(size, batch) for size in blob.shape)
    return Open([*names], shapes) if names else None


def number_of(size: Size, sizes: Mapping[str, int]) -> int:
    """The number that a size is with numbers for symbols; Open where others are left."""
    found = substitute(size, dict(sizes))
    if not isinstance(found, int):
        raise Open(sorted(symbols(found)), {})
    return found


def _suggested(size: Size, batch: str | None) -> int | str:
    if isinstance(size, int) or symbols(size) == {batch}:
        return size if isinstance(size, int) else str(size)
    factor, _ = multiple(size) or (1, "")
    return factor * max(1, USUAL // factor)
