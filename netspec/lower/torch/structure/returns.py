"""What the network's `forward` gives: a tensor, or several by name or in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from netspec.graph import Blob, Phase
from netspec.lower.torch.code import (
    Assign,
    Block,
    Brackets,
    Do,
    Expr,
    Name,
    Return,
    Statement,
    call,
    conjunction,
)
from netspec.lower.torch.python.layout import quoted
from netspec.lower.torch.structure.steps import PHASES, Condition

TRAINING = PHASES[Phase.TRAIN]
TESTING = PHASES[Phase.TEST]
Conditional: TypeAlias = tuple[Condition, Statement]


@dataclass(frozen=True, slots=True)
class Results:
    """The results in order, with the variables that hold them and what these need.

    `keys` are the names that the user has for them; None where they come as a tuple.
    """

    given: Sequence[Blob]
    values: Mapping[str, Expr]
    needs: Mapping[str, Condition]
    keys: Mapping[str, str] | None

    @property
    def used(self) -> list[str]:
        """The names of those outside of training, where what hangs on an optional input isn't."""
        names = self._without(PHASES[Phase.TRAIN])
        return [name for name in names if all(part in PHASES.values() for part in self._of(name))]

    @property
    def trained(self) -> list[str]:
        """The names of those in training, if all optional inputs are there."""
        return self._without(PHASES[Phase.TEST])

    @property
    def _sure(self) -> list[str]:
        """The names of those in training, if no optional input is there."""
        return [name for name in self.trained if not self._besides_training(name)]

    @property
    def type(self) -> str:
        """As an annotation."""
        used, trained = self.used, self.trained
        counts = {len(used), len(trained), len(self._sure)}
        single, several = 1 in counts, counts != {1}
        together = "dict[str, Tensor]"
        if self.keys is None:
            sizes = ["Tensor"] * len(used) if used == trained else ["Tensor", "..."]
            together = f"tuple[{', '.join(sizes)}]"
        return " | ".join(["Tensor"] * single + [together] * several)

    def statements(self, written: Sequence[Conditional]) -> Iterator[Statement]:
        """What the layers do, and the results: those of training, then those of inference.

        What hangs on a condition stands in one block with the results that hang on it too, behind
        all that is always done: compilers that see no values, as TorchScript's, can follow that.
        """
        parts: dict[Condition, list[Statement]] = {}
        for condition, statement in written:
            parts.setdefault(condition, []).append(statement)
        yield from parts.pop((), ())
        if self.used == self.trained:
            for condition, body in parts.items():
                yield Block("if", conjunction(condition), tuple(body))
        else:
            inference = parts.pop((TESTING,), [])
            yield from self._training(parts, bool(inference))
            yield from inference
        yield self._return(self.used)

    def _training(
        self, parts: Mapping[Condition, Sequence[Statement]], must_return: bool
    ) -> Iterator[Statement]:
        """The block of training; it returns whatever is given if it must."""
        sure = self._sure
        plain = parts.get((TRAINING,), ())
        optional = {each[1:]: body for each, body in parts.items() if each[1:]}
        if len(optional) == 1:
            ((condition, body),) = optional.items()
            given = (*body, self._return([*sure, *self._hung_on(condition)]))
            if not plain and sure == self.used and not must_return:
                yield Block("if", conjunction((TRAINING, *condition)), given)
                return
            plain = (*plain, Block("if", conjunction(condition), given))
        elif optional:
            plain = (*plain, *self._gathered(sure, optional))
        yield Block("if", Name(TRAINING), (*plain, self._return(sure)))

    def _gathered(
        self, sure: Sequence[str], optional: Mapping[Condition, Sequence[Statement]]
    ) -> Iterator[Statement]:
        """What is sure in training, and what hangs on optional inputs behind it."""
        yield Assign(("results",), self._display(sure))
        for condition, body in optional.items():
            added = map(self._addition, self._hung_on(condition))
            yield Block("if", conjunction(condition), (*body, *added))
        whole = Name("results" if self.keys is not None else "tuple(results)")
        yield Block("if", Name(f"len(results) > {len(sure)}"), (Return((whole,)),))

    def _hung_on(self, condition: Condition) -> list[str]:
        """The results of training that hang on these optional inputs."""
        return [name for name in self.trained if self._besides_training(name) == condition]

    def _addition(self, name: str) -> Statement:
        value = self.values[name]
        if self.keys is None:
            return Do(call("results.append", value))
        return Assign((f"results[{quoted(self.keys[name])}]",), value)

    def _return(self, names: Sequence[str]) -> Return:
        if len(names) != 1 and self.keys is not None:
            return Return((self._display(names),))
        values = tuple(self.values[name] for name in names)
        return Return(values or (Brackets("()", ()),))

    def _display(self, names: Sequence[str]) -> Brackets:
        values = tuple(self.values[name] for name in names)
        if self.keys is None:
            return Brackets("[]", values)
        return Brackets("{}", values, tuple(self.keys[name] for name in names))

    def _of(self, name: str) -> Condition:
        return self.needs.get(name, ())

    def _without(self, condition: str) -> list[str]:
        return [blob.name for blob in self.given if condition not in self._of(blob.name)]

    def _besides_training(self, name: str) -> Condition:
        """What a result hangs on in training: optional inputs."""
        return tuple(part for part in self._of(name) if part != TRAINING)
