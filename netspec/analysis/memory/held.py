"""How long a blob is held when the emitted PyTorch module runs: as a rule longer than it's read.

Python frees a tensor when nothing names it any more, and three things do:

- a module's call holds what it was given until it returns, and so do the calls around it;
- a variable of a `forward` holds its value until it's assigned another, at the end of the line
  that makes that one, or until the `forward` returns;
- the caller holds the inputs of the network, and gets its results.

An nn.Sequential has no variables: of its layers each frees what the one before gave. What stands in
a line, and which variable gets its result, is here in brief; at length it's the business of the
target (`netspec/lower/torch/structure`), which this room doesn't know. Measured peaks of the stock
networks tell where they part.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from string import digits
from typing import NamedTuple

from netspec.eager.layers import FUNCTIONS
from netspec.expressions.syntax import names
from netspec.graph import Graph, Node, Scope
from netspec.graph.written import Condition, Written

LONGEST_LAYERS, LONGEST_SCOPES = 5, 4
"""Calls within one another in a line."""
LEAST_ALIKE = 4
"""So many layers whose names differ in a number alone are a chain."""
MAIN, BODY, SHORTCUT = GENERIC = ("x", "out", "shortcut")
"""Variables that get one value after the other; all others keep theirs."""


class Call(NamedTuple):
    """A layer or a scope, called as one: what it reads and gives, and the numbers of its first and
    last layers. `node` is None of a scope. `conditions` are those that an arg of the block decides:
    other uses of it may lack the call. `place` is that of its entry in the text.
    """

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    first: int
    last: int
    node: Node | None = None
    conditions: tuple[Condition, ...] = ()
    place: int = 0

    @property
    def adds(self) -> bool:
        return self.node is not None and self.node.layer.adds

    @property
    def is_link(self) -> bool:
        """Whether it can stand in an nn.Sequential."""
        is_module = self.node is None or self.node.type not in FUNCTIONS
        return is_module and len(self.inputs) == len(self.outputs) == 1

    @property
    def is_weighty(self) -> bool:
        """Whether it's a layer with a matrix of weights: a new line starts at the second."""
        return self.node is not None and any(len(p.shape) > 1 for p in self.node.parameters)


class Held(NamedTuple):
    """Of each blob of a graph of one phase, by name, the number of the layer at whose end it's let
    go; what outlives them all has the number behind the last. `apart` are the paths of sums that
    write over nothing: their operand has a name that it keeps.
    """

    until: Mapping[str, int]
    apart: Collection[str]


def held(graph: Graph) -> Held:
    """What the variables and calls of the emitted module hold."""
    found = _Holding(graph)
    return Held(found.until, found.apart)


class _Holding:
    """Walks the scopes of a graph, innermost first, and notes what their calls hold."""

    def __init__(self, graph: Graph) -> None:
        self._order = {node.path: number for number, node in enumerate(graph.nodes)}
        self.until: dict[str, int] = {}
        self.apart: set[str] = set()
        self._tensors = {top.name for node in graph.nodes if _is_tensor(node) for top in node.tops}
        for number, node in enumerate(graph.nodes):
            for blob in (*node.bottoms, *node.tops):
                self.until[blob.name] = number
        self._last_read = dict(self.until)
        kept = [*graph.inputs, *graph.results]
        self.until |= {blob.name: len(graph.nodes) for blob in kept}
        self.until |= dict.fromkeys(graph.losses, len(graph.nodes))
        self._last_read |= {blob.name: len(graph.nodes) for blob in graph.results}
        calls = self._calls(graph.root, ())
        if not (_is_numbered(graph.root) and self._chained(calls)):
            self._forward(graph.root, calls)

    def _hold(self, blob: str, number: int) -> None:
        if self.until.get(blob, number) < number:
            self.until[blob] = number

    def _calls(self, scope: Scope, args: Collection[str]) -> list[Call]:
        """What the `forward` of a scope calls, or that of the scope around a mere list. `args` are
        those of the block that it stands in.
        """
        found: list[Call] = []
        for member in scope.members:
            if isinstance(member, Scope):
                found += self._called(member, args)
            elif not _is_tensor(member):
                number = self._order[member.path]
                read = tuple([b.name for b in member.bottoms if b.name not in self._tensors])
                given = tuple([b.name for b in member.tops])
                where = _place(member.written, args)
                found.append(Call(read, given, number, number, member, *where))
        return sorted(found, key=lambda call: call.first)

    def _called(self, scope: Scope, args: Collection[str]) -> list[Call]:
        """The call of a scope, or the calls that stand in a mere list."""
        calls = self._calls(scope, args if scope.block is None else scope.args)
        if not calls:
            return []
        whole = self._whole(calls, *_place(scope.written, args))
        apart = _are_named_apart(scope)
        chained = (_is_numbered(scope) or apart) and self._chained(calls)
        if not chained:
            if scope.block is None and (scope.repeat or not whole.outputs):
                return calls
            self._forward(scope, calls)
        for blob in whole.inputs:
            self._hold(blob, whole.last)
        if not whole.outputs:
            # A module gives something, even where nothing reads it.
            whole = whole._replace(outputs=calls[-1].outputs[-1:])
        return [whole]

    def _whole(self, calls: Sequence[Call], conditions: tuple[Condition, ...], place: int) -> Call:
        made = {blob for call in calls for blob in call.outputs}
        read = dict.fromkeys(blob for call in calls for blob in call.inputs)
        last = max(call.last for call in calls)
        given = [b for call in calls for b in call.outputs if self._last_read[b] > last]
        inputs = tuple([b for b in read if b not in made])
        return Call(inputs, tuple(given), calls[0].first, last, None, conditions, place)

    def _chained(self, calls: Sequence[Call]) -> bool:
        """Whether each call reads what the one before gives, and that alone, and nothing else reads
        that.
        """
        before: Call | None = None
        for call in calls:
            if not call.is_link:
                return False
            if before is not None and (
                call.inputs != before.outputs or self._last_read[call.inputs[0]] > call.last
            ):
                return False
            before = call
        return before is not None

    def _forward(self, scope: Scope, calls: Sequence[Call]) -> None:
        """Note what the lines and the variables of a `forward` hold."""
        last = max((call.last for call in calls), default=0)
        inputs = dict(zip((blob.name for blob in scope.inputs), scope.input_names, strict=False))
        variables = _Variables(calls, inputs, self._last_read, _gaps(scope))
        for line in variables.lines():
            end = line[-1].last
            if line[0].node is not None and line[0].adds and not variables.changes(line[0]):
                self.apart.add(line[0].node.path)
            for blob in line[0].inputs:
                self._hold(blob, end)
            for blob in variables.assigned(line):
                self._hold(blob, end)
        for blob in variables.holds.values():
            self._hold(blob, last)


class _Variables:
    """The variables of one `forward`, and what each holds."""

    def __init__(
        self,
        calls: Sequence[Call],
        inputs: Mapping[str, str],
        last_read: Mapping[str, int],
        gaps: Sequence[int],
    ) -> None:
        """`gaps` are the places where other uses of the block have a call that this one lacks."""
        self.holds: dict[str, str] = {}
        self._gaps = gaps
        self._calls = calls
        made = {blob for call in calls for blob in call.outputs}
        # Of what comes from outside it's no matter who reads it there.
        self._last_read = {blob: last_read[blob] for blob in made}
        for call in calls:
            for blob in call.inputs:
                if blob not in made:
                    self._last_read[blob] = call.last
        self._end = max((call.last for call in calls), default=0)
        self._given = sum(self._last_read[blob] > self._end for blob in made)
        self._reads = Counter(blob for call in calls for blob in call.inputs)
        self._name: dict[str, str] = {}
        self._residual = any(call.adds for call in calls) and all(
            call.adds or len(call.inputs) == 1 for call in calls
        )
        self._roles = _roles(calls, self._reads) if self._residual else {}
        given = [blob for blob in self._reads if blob not in made]
        for blob in given:
            name = MAIN if len(given) == 1 else inputs.get(blob, blob)
            self._name[blob] = name
            self.holds[name] = blob
        # Of several inputs one may be called so.
        self._runs = (MAIN,) if len(given) == 1 or MAIN not in self.holds else ()

    def lines(self) -> Iterator[list[Call]]:
        """The calls that stand within one another, innermost first."""
        line: list[Call] = []
        for call in self._calls:
            if line and not self._joins(line, call):
                yield line
                line = []
            line.append(call)
        if line:
            yield line

    def _joins(self, line: Sequence[Call], call: Call) -> bool:
        before = line[-1]
        if call.inputs != before.outputs or len(call.inputs) != 1 or len(call.outputs) != 1:
            return False
        (blob,) = call.inputs
        is_scope = call.node is None
        if self._reads[blob] > 1 or self._last_read[blob] > call.last:
            return False
        if is_scope != (line[0].node is None) or call.conditions != before.conditions:
            return False
        gap = bisect_right(self._gaps, before.place)
        if gap < len(self._gaps) and self._gaps[gap] < call.place:
            return False
        if is_scope:
            return len(line) < LONGEST_SCOPES
        heavy = call.is_weighty and any(each.is_weighty for each in line)
        return not heavy and len(line) < LONGEST_LAYERS

    def assigned(self, line: Sequence[Call]) -> Iterator[str]:
        """Assign what a line gives; the blobs that its variables held until then."""
        end = line[-1]
        for blob in end.outputs:
            if self._last_read.get(blob, 0) <= end.last and not self._reads[blob]:
                continue  # nothing reads it: the call's result has no name
            name = self._chosen(blob, line)
            self._name[blob] = name
            before = self.holds.get(name)
            self.holds[name] = blob
            if before is not None:
                yield before

    def changes(self, call: Call) -> bool:
        """Whether a sum is written over its first operand: `out += shortcut`."""
        (blob,) = call.outputs
        is_given = self._last_read[blob] > self._end
        several = self._reads[blob] > 0 or self._given > 1
        return self._name.get(call.inputs[0]) in (MAIN, BODY) and not (is_given and several)

    def _chosen(self, blob: str, line: Sequence[Call]) -> str:
        own = f"{blob} itself"
        end, sources = line[-1], line[0].inputs
        if len(end.outputs) > 1:
            return own
        names = [self._name.get(source, "") for source in sources]
        if blob in self._roles:
            wanted = [self._roles[blob]]
        elif len(sources) == 1 and (
            self._reads[sources[0]] > 1
            or names[0] not in GENERIC
            or (self._reads[blob] > 1 and not self._residual)
        ):
            wanted = []
        else:
            wanted = [*self._runs, *(name for name in names if name in GENERIC)]
        return next((name for name in wanted if self._is_free(name, end.last)), own)

    def _is_free(self, name: str, now: int) -> bool:
        """Whether what a variable holds is no longer read in this `forward`, nor given by it."""
        blob = self.holds.get(name)
        return blob is None or self._last_read[blob] <= now


def _roles(calls: Sequence[Call], reads: Counter[str]) -> dict[str, str]:
    """The variables of the branches of each sum of two."""
    makers = {blob: call for call in calls for blob in call.outputs}
    found: dict[str, str] = {}
    for call in calls:
        if call.adds and len(call.inputs) == 2:
            branches = [_branch(blob, makers, reads) for blob in call.inputs]
            branches.sort(key=len, reverse=True)
            body, shortcut = branches
            if len(body) > len(shortcut):
                found |= dict.fromkeys(body, BODY) | dict.fromkeys(shortcut, SHORTCUT)
    return found


def _branch(blob: str, makers: dict[str, Call], reads: Counter[str]) -> list[str]:
    """The blobs that lead to an operand from one that several calls read, last first."""
    found: list[str] = []
    while reads[blob] == 1 and blob in makers and len(makers[blob].inputs) == 1:
        found.append(blob)
        (blob,) = makers[blob].inputs
    return found


def _place(written: Written | None, args: Collection[str]) -> tuple[tuple[Condition, ...], int]:
    """The conditions under which an entry stands in its block that the block's args decide, and its
    place in the text.
    """
    if written is None:
        return (), 0
    if not written.controls:
        return (), written.place
    found = [each for each in written.controls if isinstance(each, Condition)]
    mine = [each for each in found if not names(each.formula).isdisjoint(args)]
    return tuple(mine), written.place


def _gaps(scope: Scope) -> list[int]:
    """The places of entries that a block lacks here, by what its args are."""
    lacks = [each for each in scope.absent if isinstance(each, Written)]
    formulas = [(each.place, each.fields.get("when")) for each in lacks]
    mine = (at for at, formula in formulas if formula and names(formula) & scope.args.keys())
    return sorted(mine)


def _is_tensor(node: Node) -> bool:
    """Whether it's a tensor of the module's own, which is read and not called."""
    return node.is_parameter or node.layer.is_constant


def _is_numbered(scope: Scope) -> bool:
    numbers = [str(number) for number in range(len(scope.members))]
    return [member.name for member in scope.members] == numbers


def _are_named_apart(scope: Scope) -> bool:
    """Whether the layers are called `layer1`, `layer2`, … or as no attribute can be."""
    stems = {member.name.rstrip(digits) for member in scope.members}
    alike = len(scope.members) >= LEAST_ALIKE and len(stems) == 1 and "" not in stems
    return alike or any("-" in stem for stem in stems)
