"""What a class's `forward` does, one call after the other, before it's put into statements."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from netspec.graph import Node, Parameter, Phase, Scope
from netspec.lower.torch.code import Argument, Call, Expr, Name, call
from netspec.lower.torch.python.layout import quoted
from netspec.lower.torch.registry import Augment, Lowered
from netspec.lower.torch.structure.forms import Form, Forms
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
    where the condition doesn't hold.
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
        for member in members:
            border = self._wiring.interface(member)
            condition = _condition(member, scope, (given.get(name, ()) for name in border.inputs))
            given |= dict.fromkeys(border.outputs, condition)
            steps.append((member, self._step(member, scope, condition)))
        return steps

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
            if isinstance(member, Scope) and not self._forms.of(member).callable:
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

    def _step(self, member: Member, scope: Scope, condition: Condition) -> Step:
        border = self._wiring.interface(member)
        lowered = self._forms.lowered(member) if isinstance(member, Node) else Lowered()
        return Step(
            relative(member.path, scope),
            border.inputs,
            border.outputs,
            _names(member, scope, border.outputs),
            self._applied(member, scope),
            is_scope=isinstance(member, Scope),
            weighty=any(len(parameter.shape) > 1 for parameter in _parameters(member)),
            adds=isinstance(member, Node) and member.layer.adds,
            repeats=lowered.repeats,
            condition=condition,
            augments=None if self._probe else lowered.augments,
            unpacked=lowered.unpacked,
        )

    def _applied(self, member: Member, scope: Scope) -> Callable[[Sequence[Expr]], Expr]:
        lowered = self._forms.operand(member)
        module = self._module(member, scope)
        if module is None:
            assert isinstance(member, Node) and lowered.function is not None
            function = lowered.function
            if not self._probe:
                return function
            path = Name(quoted(relative(member.module, scope)))
            return lambda operands: call("probe", Name("self"), path, function(operands))
        callee, prepare = Name(module), lowered.prepare
        if lowered.applied is not None:
            return partial(lowered.applied, callee)

        def called(operands: Sequence[Expr]) -> Expr:
            if prepare is not None:
                operands = [prepare(operands[0])]
            return Call(callee, tuple(map(Argument, operands)))

        return called

    def _module(self, member: Member, scope: Scope) -> str | None:
        """The expression of the module that a member calls; None where it's a function."""
        if isinstance(member, Scope):
            return self.access(scope, member.module)
        if self._forms.is_held(member.module):
            return self.access(scope, member.module)
        return None


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
