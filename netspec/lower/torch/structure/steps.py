"""What a class's `forward` does, one call after the other, before it's put into statements."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeGuard

from netspec.graph import Node, Parameter, Phase, Scope
from netspec.lower.torch.code import Assign, Call, Expr, Name, Subscript, call
from netspec.lower.torch.python.layout import quoted
from netspec.lower.torch.registry import Augment, Functional, Lowered
from netspec.lower.torch.structure.forms import Form, Forms
from netspec.lower.torch.structure.loops import (
    Lists,
    Loop,
    Operands,
    element_name,
    listed,
    lists_of,
    result_names,
    used,
)
from netspec.lower.torch.structure.wiring import Member, Wiring

Condition = tuple[str, ...]
"""What must hold for a step to run; all of it. Empty: it always runs."""

PHASES = {Phase.TRAIN: "self.training", Phase.TEST: "not self.training"}


@dataclass(frozen=True, slots=True)
class Step:
    """One call: of a layer, or of a scope that is a module.

    `apply` gives the expression for its operands. `weighty` marks layers with a matrix of
    weights, before which a person starts a new line. `repeats`, `augments` and `unpacked` as in
    Lowered.
    `names` are what the class calls the outputs, where nothing speaks against it.
    `optional` is the expression of a module that some instances of the class don't have; the last
    of the inputs then stands for what it gives. `instead` is the blob that stands for the result
    where the condition doesn't hold. With a `loop` the step calls the elements of a container;
    `apply` then takes an element and its operands, at the places of the inputs that they come from.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    names: tuple[str, ...]
    apply: Callable[[Sequence[Expr]], Expr]
    is_scope: bool = False
    weighty: bool = False
    adds: bool = False
    repeats: bool = False
    condition: Condition = ()
    optional: str | None = None
    instead: str | None = None
    augments: Augment | None = None
    unpacked: Callable[[Sequence[str]], tuple[str, ...]] | None = None
    loop: Loop | None = None

    @property
    def arity(self) -> int:
        """How many operands `apply` takes."""
        return len(self.inputs) + (self.loop is not None)


class Steps:
    """Makes the steps of classes."""

    def __init__(self, forms: Forms, wiring: Wiring, probe: bool) -> None:
        self._forms = forms
        self._wiring = wiring
        self._probe = probe

    def of(self, scope: Scope) -> list[tuple[Member, Step]]:
        """The members that a class calls, in order, and the step that each is."""
        members = sorted(self._forms.called(scope), key=self._wiring.first)
        given: dict[str, Condition] = {
            blob.name: (f"{blob.name} is not None",)
            for blob in scope.inputs
            if not scope.path and blob.phase is Phase.TRAIN
        }
        steps: list[tuple[Member, Step]] = []
        lists: dict[str, Sequence[str]] = {}
        for member in members:
            border = self._wiring.interface(member)
            condition = _condition(member, scope, (given.get(name, ()) for name in border.inputs))
            given |= dict.fromkeys(border.outputs, condition)
            steps.append((member, self._step(member, scope, condition, lists)))
            if self._is_loop(member):
                lists.update(lists_of(member, self._forms.repeat(member)))
        return self._used(steps, scope) if any(step.loop for _, step in steps) else steps

    def _is_loop(self, member: Member) -> TypeGuard[Scope]:
        return isinstance(member, Scope) and self._forms.of(member) is Form.LOOP

    def _used(
        self, steps: Sequence[tuple[Member, Step]], scope: Scope
    ) -> list[tuple[Member, Step]]:
        """The steps, those that are loops with what is used of their results."""
        read = {name for _, step in steps for name in step.inputs}
        read |= self._wiring.results if not scope.path else {*self._wiring.interface(scope).outputs}
        return [(member, self._with_results(step, member, read)) for member, step in steps]

    def _with_results(self, step: Step, member: Member, read: Collection[str]) -> Step:
        if step.loop is None or not self._is_loop(member):
            return step
        gives = dict(used(member, self._forms.repeat(member), read))
        loop = replace(step.loop, gives=tuple(gives.values()))
        names = (loop.results[each.result] for each in loop.gives)
        return replace(step, loop=loop, outputs=tuple(gives), names=tuple(names))

    def access(self, scope: Scope, path: str) -> str:
        """The expression by which a class reaches a module below it."""
        text, current = "self", scope.path
        for part in relative(path, scope).split("."):
            form = self._forms.at(current)
            is_key = not part.isidentifier()
            if form is Form.DICT or (is_key and self._forms.has_items(current)):
                text += f'["{part}"]'
            elif form is not Form.CLASS and part.isdecimal():
                text += f"[{part}]"
            else:
                text += f'.get_submodule("{part}")' if is_key else f".{part}"
            current = f"{current}.{part}" if current else part
        return text

    def tensors(self, scope: Scope) -> dict[str, str]:
        """The expressions of the parameters that a class reads by itself, by blob."""
        return {node.tops[0].name: self._tensor(node, scope) for node in self._read(scope, scope)}

    def _read(self, scope: Scope, top: Scope) -> Iterator[Node]:
        for member in scope.members:
            if isinstance(member, Scope) and not self._forms.is_called(member):
                yield from self._read(member, top)
            elif isinstance(member, Node) and self._forms.is_parameter(member):
                yield member

    def _tensor(self, node: Node, scope: Scope) -> str:
        path = relative(node.module, scope)
        name = quoted(path)
        getter = "get_buffer" if node.layer.is_constant else "get_parameter"
        is_key = "." not in path and not path.isidentifier()
        text = f"self.{getter}({name})" if is_key else self.access(scope, node.module)
        return f"probe(self, {name}, {text})" if self._probe else text

    def _step(self, member: Member, scope: Scope, condition: Condition, lists: Lists) -> Step:
        if self._is_loop(member):
            return self._loop(member, scope, condition, lists)
        border = self._wiring.interface(member)
        lowered = self._forms.lowered(member) if isinstance(member, Node) else Lowered()
        step = Step(
            relative(member.path, scope),
            border.inputs,
            border.outputs,
            _names(member, scope, border.outputs),
            self._applied(member, scope, lowered.function),
            is_scope=isinstance(member, Scope),
            weighty=any(len(parameter.shape) > 1 for parameter in _parameters(member)),
            adds=isinstance(member, Node) and member.layer.adds,
            repeats=lowered.repeats,
            condition=condition,
            augments=None if self._probe else lowered.augments,
            unpacked=lowered.unpacked,
        )
        inputs = [*listed(border.inputs, lists)] if lowered.gathered is not None else []
        places = [at for at, (_, is_list) in enumerate(inputs) if is_list]
        if lowered.gathered is None or not places:
            return step
        apply = self._applied(member, scope, partial(lowered.gathered, lists=places))
        named = tuple(name for name, _ in inputs)
        return replace(step, inputs=named, apply=apply, adds=False, augments=None)

    def _loop(self, scope: Scope, around: Scope, condition: Condition, lists: Lists) -> Step:
        """The step of a repeat; what is used of its results is still to be told."""
        repeat, first = self._forms.repeat(scope), scope.members[0]
        found = Operands(scope, repeat, lists)
        places = [each.at for each in found.operands]
        application = self._forms.application(first)

        def apply(operands: Sequence[Expr]) -> Expr:
            element, *others = operands
            assert isinstance(element, Name)
            return application(element, [others[at] for at in places])

        names = result_names(scope, self._wiring)
        modules = self.access(around, scope.path)
        loop = Loop(modules, element_name(scope), found.operands, names, ())
        lowered = self._forms.lowered(first) if isinstance(first, Node) else Lowered()
        name, inputs = relative(scope.path, around), tuple(found.inputs)
        return Step(
            name,
            inputs,
            (),
            (),
            apply,
            is_scope=True,
            condition=condition,
            unpacked=lowered.unpacked,
            loop=loop,
        )

    def _applied(
        self, member: Member, scope: Scope, function: Functional | None
    ) -> Callable[[Sequence[Expr]], Expr]:
        module = self._module(member, scope)
        if module is None:
            assert isinstance(member, Node) and function is not None
            if not self._probe:
                return function
            path = Name(quoted(relative(member.module, scope)))
            return lambda operands: call("probe", Name("self"), path, function(operands))
        return partial(self._forms.application(member), Name(module))

    def _module(self, member: Member, scope: Scope) -> str | None:
        """The expression of the module that a member calls; None where it's a function."""
        if isinstance(member, Scope):
            return self.access(scope, member.module)
        if self._forms.is_held(member.module):
            return self.access(scope, member.module)
        return None


def assignment(targets: tuple[str, ...], value: Expr, step: Step) -> Assign:
    """`x, _ = self.lstm(x)` where a call gives more than is wanted."""
    made = whole(value, step)
    if step.unpacked is None or not isinstance(made, Call):
        return Assign(targets, value)
    return Assign(step.unpacked(targets), made)


def whole(value: Expr, step: Step) -> Expr:
    """All that a call gives, where its item is what is wanted."""
    return value.value if step.unpacked and isinstance(value, Subscript) else value


def relative(path: str, scope: Scope) -> str:
    """A path as seen from a scope that holds it."""
    return path.removeprefix(f"{scope.path}.") if scope.path else path


def _names(member: Member, scope: Scope, outputs: Sequence[str]) -> tuple[str, ...]:
    """A layer's tops are called so; what a scope gives has the names that the spec says."""
    own = relative(member.path, scope)
    if isinstance(member, Node):
        there = scope.path and f"{scope.path}."
        return tuple(relative(b, scope) if b.startswith(there) else own for b in outputs)
    named = dict(zip((blob.name for blob in member.outputs), member.output_names, strict=False))
    if len(outputs) == 1:
        return (named.get(outputs[0], own),)
    lasts = {blob: blob.rpartition(".")[2] for blob in outputs}
    lasts = {blob: f"{own}_{last}" if last.isdecimal() else last for blob, last in lasts.items()}
    return tuple((lasts | named)[blob] for blob in outputs)


def _parameters(member: Member) -> tuple[Parameter, ...]:
    return member.parameters if isinstance(member, Node) else ()


def _condition(member: Member, scope: Scope, read: Iterable[Condition]) -> Condition:
    own = (PHASES[member.phase],) if member.phase not in (None, scope.phase) else ()
    return tuple(dict.fromkeys([*own, *(part for condition in read for part in condition)]))
