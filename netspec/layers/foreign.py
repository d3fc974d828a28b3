"""What to say of a layer type that none here bears: another framework's name, or a misspelt one."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache

from netspec.diagnostics.suggest import nearest
from netspec.layers.base import Layer

LayerType = type[Layer]

_PREFIXES = ("lazy", "sync")
"""What PyTorch adds to a layer's name without changing what it computes."""


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A name without its module, case and separators: `nn.Conv2d`, `SOFTMAX_LOSS`."""
    return "".join(filter(str.isalnum, name.rpartition(".")[2])).lower()


def help_for(name: str, layers: Mapping[str, LayerType], blocks: Iterable[str] = ()) -> str | None:
    """Help for a type that isn't there; None for a name like nothing that is known."""
    own = [*blocks, *layers]
    wanted = folded(name)
    near = next((each for each in own if folded(each) == wanted), None)
    if near is not None:
        return f"did you mean `{near}`?"
    answer = next(filter(None, (_answer(each, layers) for each in _plain(wanted))), None)
    if answer is not None:
        return answer
    names = dict.fromkeys(own) | {
        other: key for key, layer in layers.items() for other in layer.synonyms if other not in own
    }
    near = nearest(name, names)
    return f"did you mean `{names[near] or near}`?" if near is not None else None


def _plain(wanted: str) -> Iterator[str]:
    yield wanted
    for prefix in _PREFIXES:
        if wanted.startswith(prefix):
            yield wanted.removeprefix(prefix)


def _answer(wanted: str, layers: Mapping[str, LayerType]) -> str | None:
    """The answer to a name that another framework has; None for other names."""
    known = _answers().get(wanted)
    if known is not None:
        return known
    found = called(wanted, layers)
    return f"netspec calls it {found}" if found else None


@cache
def _answers() -> dict[str, str]:
    from netspec.layers.foreign_types import ANSWERS

    return {folded(name): answer for name, answer in ANSWERS.items()}


def called(name: str, layers: Mapping[str, LayerType]) -> str:
    """What to write for a name that some layers answer to; empty where none does.

    >>> from netspec.layers import CATALOGUE
    >>> called("AvgPool2d", CATALOGUE)
    '`Pooling` with `pool: AVE`'
    """
    found = (_called(folded(name), layer) for layer in layers.values())
    return " or ".join(filter(None, found))


def _called(wanted: str, layer: LayerType) -> str | None:
    for other in (layer.__name__, *layer.synonyms):
        if folded(other) == wanted:
            note = layer.synonym_notes.get(other)
            return f"`{layer.__name__}` {note}" if note else f"`{layer.__name__}`"
    return None
