"""The statements of a loop of a `forward`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from netspec.lower.torch.code import (
    Assign,
    Block,
    Brackets,
    Comprehension,
    Do,
    Expr,
    Name,
    Statement,
    Subscript,
    call,
    method,
)
from netspec.lower.torch.python.names import plural
from netspec.lower.torch.structure.locals import Locals
from netspec.lower.torch.structure.loops import Carried, Give, Item, Loop, Own, Same
from netspec.lower.torch.structure.steps import Step, assignment


def loop_statements(step: Step, loop: Loop, locals: Locals) -> Iterator[Statement]:
    """The loop of a step, and what stands before it: the variables that it changes."""
    yield from _Looping(step, loop, locals).statements()


@dataclass(slots=True)
class _Looping:
    """A loop with names for its variables.

    `numbered` is the name of the turn's number, if an operand asks for it; `own` are what goes
    along with the elements, by the names of the variables; `before` sets variables for the first
    turn. `taken` are the names of those that each turn sets.
    """

    step: Step
    loop: Loop
    locals: Locals
    numbered: str = ""
    own: dict[str, Expr] = field(default_factory=dict)
    before: list[Statement] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)

    def statements(self) -> Iterator[Statement]:
        loop, locals = self.loop, self.locals
        carried = {each.result: each for each in loop.operands if isinstance(each, Carried)}
        targets = {number: self._carried(each) for number, each in carried.items()}
        element = self._variable(loop.element)
        operands = [Name(element), *self._operands(targets)]
        kept = {each.result for each in loop.gives if each.kept}
        lists = {number: locals.fresh(plural(loop.results[number])) for number in sorted(kept)}
        for blob, give in zip(self.step.outputs, loop.gives, strict=True):
            self._hold(blob, give, targets, lists)
        value = self.step.apply(operands)
        yield from self.before
        if len(loop.results) == len(kept) == 1 and not targets and self.step.unpacked is None:
            made = Comprehension(value, self._variables(element), self._through())
            yield Assign((lists[0],), made)
            return
        for name in lists.values():
            yield Assign((name,), Brackets("[]", ()))
        yield self._block(element, tuple(self._body(value, targets, lists)))

    def _body(
        self, value: Expr, targets: dict[int, str], lists: dict[int, str]
    ) -> Iterator[Statement]:
        count = len(self.loop.results)
        if count == 1 and lists and not targets:
            yield Do(method(Name(lists[0]), "append", value))
            return
        for number in lists:
            if number not in targets:
                targets[number] = self._variable(self.loop.results[number])
        names = tuple(targets.get(number, "_") for number in range(count))
        yield assignment(names, value, self.step)
        for number, name in lists.items():
            yield Do(method(Name(name), "append", Name(targets[number])))

    def _variable(self, wish: str) -> str:
        """A variable that each turn sets."""
        name = self.locals.within(wish, self.taken)
        self.taken.append(name)
        return name

    def _carried(self, operand: Carried) -> str:
        """The variable of what one turn hands on to the next."""
        step, loop = self.step, self.loop
        found = zip(step.outputs, loop.gives, strict=True)
        last = (blob for blob, each in found if each == Give(operand.result))
        blob = next(last, f"{step.name}.{operand.result}")
        is_only = sum(isinstance(each, Carried) for each in loop.operands) == 1
        before = step.inputs[operand.at]
        name, held = self.locals.carry(blob, loop.results[operand.result], before, is_only)
        if name != held:
            self.before.append(Assign((name,), Name(held)))
        return name

    def _operands(self, targets: dict[int, str]) -> Sequence[Expr]:
        """What each turn reads, at the places of the step's inputs."""
        found: list[Expr] = [Name("")] * len(self.step.inputs)
        for operand in self.loop.operands:
            match operand:
                case Same(at):
                    found[at] = self.locals.use(self.step.inputs[at])
                case Carried(at, result):
                    found[at] = Name(targets[result])
                case Item(at, first):
                    found[at] = Subscript(self.locals.use(self.step.inputs[at]), (self._at(first),))
                case Own(at, count, wish):
                    name = self._variable(wish)
                    found[at] = Name(name)
                    blobs = self.step.inputs[at : at + count]
                    self.own[name] = Brackets("()", tuple(map(self.locals.use, blobs)))
        return found

    def _at(self, first: int) -> str:
        """The number of an item, by the turn's."""
        self.numbered = self.numbered or self._variable("i")
        if first < 0:
            return f"{first} - {self.numbered}"
        return f"{self.numbered} + {first}" if first else self.numbered

    def _hold(self, blob: str, give: Give, targets: dict[int, str], lists: dict[int, str]) -> None:
        """Note where a result is found behind the loop."""
        if give.item is not None:
            self.locals.find(blob, f"{lists[give.result]}[{give.item}]")
            return
        if give.result not in targets and not give.kept:
            targets[give.result] = self.locals.fresh(self.loop.results[give.result])
        self.locals.hold(blob, (lists if give.kept else targets)[give.result])

    def _variables(self, element: str) -> str:
        names = ", ".join([element, *self.own])
        if self.numbered:
            return f"{self.numbered}, ({names})" if self.own else f"{self.numbered}, {names}"
        return names

    def _through(self) -> Expr:
        modules: Expr = Name(self.loop.modules)
        through = call("zip", modules, *self.own.values()) if self.own else modules
        return call("enumerate", through) if self.numbered else through

    def _block(self, element: str, body: tuple[Statement, ...]) -> Block:
        return Block(f"for {self._variables(element)} in", self._through(), body)
