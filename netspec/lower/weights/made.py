"""Weights as a target is given them."""

from collections.abc import Callable, Iterator, Mapping

from netspec.lower.values import Array, Stored


class Weights(Mapping[str, Array]):
    """Arrays by parameter name, made on demand and not kept; of the parameters' own dtypes."""

    def __init__(
        self,
        makers: Mapping[str, Callable[[], Array]],
        stored: Mapping[str, Stored] | None = None,
    ) -> None:
        self._makers = makers
        self._stored = stored or {}

    def stored(self, name: str) -> Stored | None:
        """The place in a file where the values lie as they are, whatever their element type."""
        return self._stored.get(name)

    def overlaid(self, makers: Mapping[str, Callable[[], Array]]) -> "Weights":
        """These weights with some made in another way."""
        stored = {name: each for name, each in self._stored.items() if name not in makers}
        return Weights({**self._makers, **makers}, stored)

    def __getitem__(self, name: str) -> Array:
        return self._makers[name]()

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)
