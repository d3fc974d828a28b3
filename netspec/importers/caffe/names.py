"""Names that a spec can have for what Caffe calls otherwise, as near as may be.

A `/` becomes a dot, so that what has a beginning in common stands in one scope, unless that
beginning is itself the name of something. What else no name may hold becomes `_`, and before a
digit stands what the layer is: `inception_3a/1x1` is `inception_3a.conv_1x1`.
"""

import re
from collections.abc import Iterable

from netspec.language.names import MAX_NAME, is_identifier, problem

_OTHER = re.compile(r"[^A-Za-z0-9_-]+")
_SHORT = {
    "Convolution": "conv",
    "Deconvolution": "deconv",
    "Pooling": "pool",
    "InnerProduct": "fc",
    "BatchNorm": "bn",
}
"""What stands before a name that begins with a digit, where it isn't the type itself."""


class Names:
    """Gives out names, each once; `taken` are Caffe's, all of them."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = frozenset(taken)
        self._given: set[str] = set()
        self._scopes: set[str] = set()

    def give(self, called: str, type: str) -> str:
        """The path for something of a type that Caffe calls so."""
        return self._unique(".".join(part(each, type) for each in self._parts(called)))

    def give_plain(self, called: str) -> str:
        """An identifier, as inputs have it."""
        return self._unique(part(called, "input").replace("-", "_"))

    def give_scope(self, called: str, type: str) -> str:
        """The path for a scope that has nothing else in it."""
        path = self.give(called, type)
        self._given.remove(path)
        self._scopes.add(path)
        return path

    def give_within(self, scope: str, path: str) -> str:
        """The path for something in a scope of its own, where nothing else is called so."""
        whole = f"{scope}.{path}"
        self._given.add(whole)
        self._scopes.update(scopes(whole))
        return whole

    def _parts(self, called: str) -> list[str]:
        """The scopes that a name stands in, and the rest of it."""
        first, *others = called.split("/")
        parts, whole = [first], first
        for each in others:
            if whole in self._taken or not whole or not each:
                parts[-1] += f"_{each}"
            else:
                parts.append(each)
            whole += f"/{each}"
        return parts

    def _unique(self, path: str) -> str:
        within = scopes(path)
        if path in self._scopes or not self._given.isdisjoint(within):
            path = path.replace(".", "_")
            within = []
        name, number = path, 1
        while name in self._given or name in self._scopes:
            number += 1
            name = f"{path}_{number}"
        self._given.add(name)
        self._scopes.update(within)
        return name


def scopes(path: str) -> list[str]:
    """The scopes that a path stands in."""
    parts = path.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def part(text: str, type: str) -> str:
    """One part of a path."""
    made = _OTHER.sub("_", text).strip("-_")
    made = re.sub("-+", "-", made)
    if not made or made[0].isdigit():
        short = _SHORT.get(type, type.lower())
        made = f"{short}_{made}" if made else short
    made = made[: MAX_NAME - 4]
    return f"{made}_" if problem(made) is not None else made


def class_name(called: str) -> str:
    """A network's name, which is that of a class."""
    made = re.sub(r"\W+", "_", called, flags=re.ASCII).strip("_")
    if not made or made[0].isdigit():
        made = f"Net_{made}" if made else "Net"
    made = made[:MAX_NAME]
    return made if is_identifier(made) else "Net"
