"""What the network's `forward` gives: a tensor, or several by name or in order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

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
)
from netspec.lower.torch.layout import quoted
from netspec.lower.torch.steps import PHASES, Condition

TRAINING = PHASES[Phase.TRAIN]


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
    def type(self) -> str:
        """As an annotation."""
        used, trained = self.used, self.trained
        counts = {len(used), len(trained)}
        single, several = 1 in counts, max(counts) > 1
        together = "dict[str, Tensor]"
        if self.keys is None:
            sizes = ["Tensor"] * len(used) if used == trained else ["Tensor", "..."]
            together = f"tuple[{', '.join(sizes)}]"
        return " | ".join(["Tensor"] * single + [together] * several)

    def statements(self) -> Iterator[Statement]:
        """The results that hold in training, then those of inference."""
        used, trained = self.used, self.trained
        if used == trained:
            yield self._return(used)
            return
        sure = [name for name in trained if all(part == TRAINING for part in self._of(name))]
        if sure == trained:
            yield Block("if", Name(TRAINING), (self._return(trained),))
        else:
            yield Block("if", Name(TRAINING), tuple(self._gathered(sure, trained)))
        yield self._return(used)

    def _gathered(self, sure: Sequence[str], trained: Sequence[str]) -> Iterator[Statement]:
        """What is sure in training, and what hangs on optional inputs behind it."""
        yield Assign(("results",), self._display(sure))
        for condition, names in groupby(trained, key=self._besides_training):
            if condition:
                body = tuple(map(self._addition, names))
                yield Block("if", Name(" and ".join(condition)), body)
        whole = "results" if self.keys is not None else "tuple(results)"
        if len(sure) == 1:
            only = self.values[sure[0]]
            assert isinstance(only, Name)
            whole = f"{whole} if len(results) > 1 else {only.text}"
        yield Return((Name(whole),))

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
