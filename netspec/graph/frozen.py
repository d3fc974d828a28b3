"""A mapping that nobody can change; it can be copied and pickled, as `MappingProxyType` can't."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

V = TypeVar("V")


class Frozen(Mapping[str, V]):
    """Values by name. A list among them is given as a copy, which is the taker's own."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, V]) -> None:
        self._values: dict[str, V] = dict(values._values if isinstance(values, Frozen) else values)

    def __getitem__(self, name: str) -> V:
        return _own(self._values[name])  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)

    def __reduce__(self) -> tuple[Any, ...]:
        return Frozen, (self._values,)


def _own(value: Any) -> Any:
    return [_own(item) for item in value] if isinstance(value, list) else value
