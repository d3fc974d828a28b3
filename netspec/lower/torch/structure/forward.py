"""The statements of a `forward`, from its steps: what goes on one line, and into which variable."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from netspec.lower.torch.code import (
    Assign,
    Block,
    Do,
    Expr,
    Name,
    Return,
    Statement,
    conjunction,
)
from netspec.lower.torch.python.layout import WIDTH, flat
from netspec.lower.torch.registry import Augment
from netspec.lower.torch.structure.locals import Locals
from netspec.lower.torch.structure.looping import loop_statements
from netspec.lower.torch.structure.steps import Condition, Step, assignment, whole

MARGIN = len("        return ")
LONGEST_LAYERS = 5
LONGEST_SCOPES = 4


@dataclass(frozen=True, slots=True)
class Pending:
    """An expression that no variable holds yet: the last of the steps so far."""

    value: Expr
    blob: str
    sources: tuple[str, ...]
    steps: tuple[Step, ...]


class Writer:
    """Puts the steps of one class into statements."""

    def __init__(
        self,
        steps: Sequence[Step],
        inputs: Mapping[str, str],
        results: Sequence[str],
        tensors: Mapping[str, str],
        taken: Collection[str],
        main: Collection[str] | None = None,
    ) -> None:
        """`taken` are names that no variable may have. `main` are the inputs that are no mere
        addition in training; all unless said.
        """
        main = inputs if main is None else main
        self.locals = Locals(inputs, steps, results, tensors, taken, main)
        self._statements: list[tuple[Condition, Statement]] = []
        self._pending: Pending | None = None
        for step in steps:
            self._take(step)

    def finish(self, result: str) -> list[Statement]:
        """The statements, and the return of the only result."""
        pending = self._pending
        if pending is not None and pending.blob == result and not pending.steps[-1].condition:
            value, self._pending = pending.value, None
        else:
            self.flush()
            value = self.locals.use(result)
        return [*self.statements(), Return((value,))]

    def statements(self) -> list[Statement]:
        """All statements so far; those of one condition stand under one `if`."""
        found: list[Statement] = []
        for condition, group in groupby(self.conditional(), key=lambda entry: entry[0]):
            body = tuple(statement for _, statement in group)
            found += [Block("if", conjunction(condition), body)] if condition else body
        return found

    def conditional(self) -> list[tuple[Condition, Statement]]:
        """All statements so far, each with what must hold for it."""
        self.flush()
        return self._statements

    def flush(self) -> None:
        """Give the pending expression a variable."""
        pending, self._pending = self._pending, None
        if pending is not None:
            last = pending.steps[-1]
            self._assign((pending.blob,), pending.value, pending.sources, last)

    def _take(self, step: Step) -> None:
        if step.loop is not None:
            self.flush()
            looped = loop_statements(step, step.loop, self.locals)
            self._statements += [(step.condition, statement) for statement in looped]
            return
        pending = self._pending
        if pending is not None and self._joins(pending, step):
            value = step.apply([pending.value])
            if fits(value, step):
                steps = (*pending.steps, step)
                self._pending = Pending(value, step.outputs[0], pending.sources, steps)
                return
        if pending is not None and self._adds(pending, step):
            total = self._sum(pending, step)
            if fits(total, step):
                for blob in step.inputs:
                    if blob != pending.blob:
                        self.locals.use(blob)
                self._pending = Pending(total, step.outputs[0], step.inputs, (step,))
                return
        self.flush()
        operands = [self.locals.use(blob) for blob in step.inputs]
        variable = flat(operands[0]) if step.augments is not None else ""
        if step.augments is not None and self.locals.changes(variable, step.outputs[0]):
            self._augment(step, step.augments, operands)
        elif step.optional is not None:
            self._choose(step, step.optional, operands)
        elif len(step.outputs) == 1:
            value = step.apply(operands)
            self._pending = Pending(value, step.outputs[0], step.inputs, (step,))
        else:
            self._assign(step.outputs, step.apply(operands), step.inputs, step)

    def _adds(self, pending: Pending, step: Step) -> bool:
        """Whether a person would write the expression before the step as an operand of its sum."""
        return (
            step.adds
            and step.augments is None
            and step.instead is not None
            and step.inputs.count(pending.blob) == 1
            and self.locals.read_once(pending.blob)
            and step.condition == pending.steps[-1].condition
        )

    def _sum(self, pending: Pending, step: Step) -> Expr:
        operands = [
            pending.value if blob == pending.blob else self.locals.held(blob)
            for blob in step.inputs
        ]
        return step.apply(operands)

    def _choose(self, step: Step, module: str, operands: Sequence[Expr]) -> None:
        """`x if self.downsample is None else self.downsample(x)`; an `if` where it becomes `x`."""
        applied, before = step.apply(operands[:1]), flat(operands[-1])
        value = Name(f"{before} if {module} is None else {flat(applied)}")
        self._assign(step.outputs, value, step.inputs[-1:], step)
        condition, made = self._statements[-1]
        if isinstance(made, Assign) and made.targets == (before,):
            condition = (*condition, f"{module} is not None")
            self._statements[-1] = condition, Assign((before,), applied)

    def _augment(self, step: Step, augments: Augment, operands: Sequence[Expr]) -> None:
        """`out += shortcut`, where no reader of `out` is deprived of it."""
        variable, value = flat(operands[0]), augments.value(operands[1:])
        self._statements.append((step.condition, Assign((variable,), value, augments.operator)))
        self.locals.hold(step.outputs[0], variable)

    def _assign(
        self, blobs: tuple[str, ...], value: Expr, sources: Sequence[str], step: Step
    ) -> None:
        if step.instead is not None:
            self._join(blobs[0], step.instead, value, step)
            return
        if len(blobs) == 1 and self.locals.unread(blobs[0]):
            self._statements.append((step.condition, Do(whole(value, step))))
            return
        targets = tuple(
            "_" if self.locals.unread(blob) else self.locals.assign(blob, sources, step)
            for blob in blobs
        )
        self._statements.append((step.condition, assignment(targets, value, step)))

    def _join(self, blob: str, instead: str, value: Expr, step: Step) -> None:
        """Put a result into the variable of what stands for it elsewhere, or into one that is
        first given that.
        """
        before = self.locals.use(instead)
        if self.locals.unread(instead):
            name = flat(before)
            self.locals.hold(blob, name)
        else:
            name = self.locals.assign(blob, (), step)
            at = len(self._statements)
            while at > 0 and self._statements[at - 1][0] == step.condition:
                at -= 1
            self._statements.insert(at, ((), Assign((name,), before)))
        self._statements.append((step.condition, assignment((name,), value, step)))

    def _joins(self, pending: Pending, step: Step) -> bool:
        """Whether a person would write the step around the expression before it."""
        if step.inputs != (pending.blob,) or not self.locals.read_once(pending.blob):
            return False
        if step.condition != pending.steps[-1].condition or step.optional is not None:
            return False
        if step.repeats and not isinstance(pending.value, Name):
            return False
        if pending.steps[-1].unpacked is not None:
            return False
        if len(step.outputs) > 1 or step.is_scope != pending.steps[0].is_scope:
            return False
        if step.is_scope:
            return len(pending.steps) < LONGEST_SCOPES
        heavy = step.weighty and any(before.weighty for before in pending.steps)
        return not heavy and len(pending.steps) < LONGEST_LAYERS


def fits(value: Expr, step: Step) -> bool:
    """Whether the expression has room on one line of a method's body."""
    indent = MARGIN + (4 if step.condition else 0)
    return indent + len(flat(value)) <= WIDTH
