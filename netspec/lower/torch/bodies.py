"""The body of one scope's class, with the numbers of this one instance."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

from netspec.graph import Node, Scope
from netspec.language.names import FORWARD_NAMES
from netspec.lower.torch.code import (
    Brackets,
    Call,
    Expr,
    Literal,
    Name,
    Return,
    Statement,
    call,
    with_literals,
)
from netspec.lower.torch.forms import Form, Forms
from netspec.lower.torch.forward import Writer
from netspec.lower.torch.layout import flat
from netspec.lower.torch.names import Names
from netspec.lower.torch.plan import ForwardPlan
from netspec.lower.torch.rewrite import statement_changed, statement_literals
from netspec.lower.torch.steps import NOTHING, PHASES, Absent, Steps
from netspec.lower.torch.wiring import Wiring


@dataclass(frozen=True, slots=True)
class Held:
    """A module held by a class: the attribute and what constructs it."""

    name: str
    value: Expr
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A class without a name. Two with the same `structure` differ in literals alone."""

    form: Form
    held: tuple[Held, ...]
    forward: ForwardPlan | None
    has_items: bool = False

    @property
    def structure(self) -> object:
        # All arguments count, those left out for being defaults too.
        holes = repeat(Name("_"))
        held = tuple((held.name, with_literals(held.value, holes)) for held in self.held)
        return self.form, held, self.forward_with(holes)

    @property
    def forward_literals(self) -> list[Literal]:
        """The literals of the functions that `forward` calls."""
        body = self.forward.body if self.forward is not None else ()
        return [literal for statement in body for literal in statement_literals(statement)]

    def forward_with(self, values: Iterator[Expr]) -> ForwardPlan | None:
        """The forward with other values for its literals, in order."""
        if self.forward is None:
            return None
        body = tuple(
            statement_changed(statement, lambda expr: with_literals(expr, values))
            for statement in self.forward.body
        )
        return replace(self.forward, body=body)


class Bodies:
    """Makes the bodies of classes; `constructors` gives the calls of those already planned."""

    def __init__(
        self, forms: Forms, wiring: Wiring, steps: Steps, constructors: dict[str, Call]
    ) -> None:
        self._forms = forms
        self._wiring = wiring
        self._steps = steps
        self._constructors = constructors

    def of(self, scope: Scope, omitted: Absent = NOTHING, optional: Absent = NOTHING) -> Body:
        """The body of a class without the members omitted; the optional ones may be None."""
        form = self._forms.of(scope)
        held = tuple(self._held(scope, omitted, optional))
        forward = self._forward(scope, omitted, optional) if form is Form.CLASS else None
        return Body(form, held, forward, self._forms.has_items(scope.path))

    def members(self, scope: Scope) -> tuple[Held, ...]:
        """What a class holds."""
        return tuple(self._held(scope, NOTHING, NOTHING))

    def _held(self, scope: Scope, omitted: Absent, optional: Absent) -> Iterator[Held]:
        for member in scope.members:
            if member.reused or member.path in omitted:
                continue
            if isinstance(member, Node):
                value = self._forms.held(member, scope)
            else:
                value = self._constructor(member, listed=self._forms.of(scope) is not Form.CLASS)
            if value is not None:
                yield Held(member.name, value, member.path in optional)

    def _constructor(self, scope: Scope, listed: bool) -> Call | None:
        if not self._wiring.nodes(scope):
            return call("nn.Identity") if listed else None
        form = self._forms.of(scope)
        if form.is_class:
            return self._constructors[scope.path]
        held = self.members(scope)
        values = tuple(member.value for member in held)
        if form is Form.CHAIN:
            return call("nn.Sequential", *values)
        if form is Form.LIST:
            return call("nn.ModuleList", Brackets("[]", values))
        keys = tuple(member.name for member in held)
        kind = "nn.ParameterDict" if self._forms.holds_parameters(scope) else "nn.ModuleDict"
        return call(kind, Brackets("{}", values, keys)) if held else None

    def _forward(self, scope: Scope, omitted: Absent, optional: Absent) -> ForwardPlan:
        border = self._wiring.interface(scope)
        inputs = variables(scope, border.inputs, self._steps.taken)
        steps, alias = self._steps.of(scope, omitted, optional)
        results = [alias.get(blob, blob) for blob in border.outputs]
        writer = Writer(steps, inputs, results, self._steps.tensors(scope), self._steps.taken)
        needs = [self._needs(blob, scope) for blob in results]
        types = ["Tensor | None" if condition else "Tensor" for condition in needs]
        if needs == [""]:
            body: Sequence[Statement] = writer.finish(results[0])
        else:
            written = writer.statements()
            body = [*written, _returned([writer.locals.use(blob) for blob in results], needs)]
        result = types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
        parameters = tuple(f"{name}: Tensor" for name in inputs.values())
        return ForwardPlan(parameters, result, tuple(body))

    def _needs(self, blob: str, scope: Scope) -> str:
        """What must hold for a scope to have a blob: a phase, or nothing."""
        maker = self._wiring.maker(blob)
        phase = None if maker is None else maker.phase
        return "" if phase in (None, scope.phase) else PHASES[phase]


def _returned(values: Sequence[Expr], needs: Sequence[str]) -> Return:
    """The results, None where what they need doesn't hold."""
    texts = [
        f"{flat(value)} if {condition} else None" if condition else flat(value)
        for value, condition in zip(values, needs, strict=True)
    ]
    if len(texts) > 1:
        texts = [f"({text})" if " " in text else text for text in texts]
    return Return(tuple(map(Name, texts)))


def variables(scope: Scope, blobs: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """The parameters of a `forward`, by the blobs that they hold: as the block calls its inputs.

    `taken` are names that they must not hide.
    """
    told = zip((blob.name for blob in scope.inputs), scope.input_names, strict=False)
    # A blob that is read as two inputs goes by the first.
    wanted = dict(reversed(list(told)))
    plain = "xyz" if len(blobs) <= len("xyz") else [f"x{n}" for n in range(1, len(blobs) + 1)]
    names = Names(reserved=FORWARD_NAMES.union(taken))
    pairs = zip(blobs, plain, strict=False)
    return {blob: names.unique(wanted.get(blob, other)) for blob, other in pairs}
