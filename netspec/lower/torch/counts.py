"""Repeats whose counts follow vars: a loop is right for them, from one instance on.

All instances behind the first are the same if each gives what it reads, in type, and none asks for
its number. What reads the repeat then sees no difference either. Without any instance it reads
what stands before, which may be anything: the constructor refuses that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netspec.graph import Blob, Graph, Node, Scope, TensorType
from netspec.lower.torch.code import Block, Do, Name, Operation, Statement, call
from netspec.lower.torch.layout import quoted
from netspec.lower.torch.reach import Formulas, args_of, scopes, values_read


@dataclass(frozen=True, slots=True)
class Count:
    """How many instances a repeat has in each graph, and the block in which it stands."""

    block: str
    values: tuple[int, ...]


def changing_counts(graphs: Sequence[Graph], formulas: Formulas) -> list[Count] | None:
    """The counts in which these graphs of one spec differ; None where a loop isn't right."""
    found = _differing(graphs)
    if found is None:
        return None
    known = args_of(graphs)
    for block in {each.block for each in found}:
        values = known.get(block, set()) | graphs[0].variables.keys()
        if any(values_read(each.expression) - values for each in formulas.get(block, ())):
            # It reads the number of an instance.
            return None
    return found


def _differing(graphs: Sequence[Graph]) -> list[Count] | None:
    tables = [{scope.path: (block, scope) for block, scope in scopes(g.root)} for g in graphs]
    found: list[Count] = []
    for path, (block, scope) in tables[0].items():
        same = [table[path][1] for table in tables if path in table]
        if scope.repeat and len(same) < len(graphs):
            return None
        members = [[member.name for member in each.members] for each in same]
        if all(each == members[0] for each in members):
            continue
        if not scope.repeat or not all(map(_settles, same)):
            return None
        found.append(Count(block, tuple(map(len, members))))
    return found


def _settles(repeat: Scope) -> bool:
    """Whether each instance gives what the first one gives, and reads that if it's another."""
    first, *rest = repeat.members
    given = _types(_given(first))
    return all(_types(_read(each)) == _types(_given(each)) == given for each in rest)


def _read(member: Node | Scope) -> tuple[Blob, ...]:
    return member.bottoms if isinstance(member, Node) else member.inputs


def _given(member: Node | Scope) -> tuple[Blob, ...]:
    return member.tops if isinstance(member, Node) else member.outputs


def _types(blobs: tuple[Blob, ...]) -> list[TensorType]:
    return [blob.type for blob in blobs]


def refusals(
    counts: Mapping[str, Sequence[str]], variables: Mapping[str, Any]
) -> Iterator[Statement]:
    """What refuses counts below one: these are expressions, by the var that they read."""
    for name, texts in counts.items():
        least, subject = texts[0], texts[0]
        if isinstance(variables[name], list):
            entries = {f"{name}[{at}]" for at in range(len(variables[name]))}
            least = f"min({name})" if entries == set(texts) else least
            subject = f"each of {name}" if entries == set(texts) else subject
        if least == texts[0] and len(texts) > 1:
            least = subject = f"min({', '.join(texts)})"
        error = call("raise ValueError", Name(quoted(f"{subject} should be at least 1")))
        yield Block("if", Operation((Name(least), Name("1")), ("<",)), (Do(error),))
