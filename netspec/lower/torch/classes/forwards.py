"""The `forward` of a block's class."""

from collections.abc import Collection, Sequence

from netspec.lower.torch.classes.body import Body
from netspec.lower.torch.classes.plan import ForwardPlan
from netspec.lower.torch.code import Expr, Name, Return, Statement
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.structure.forward import Writer
from netspec.lower.torch.structure.steps import Step


def forward_plan(
    body: Body, steps: Sequence[Step], results: Sequence[str], taken: Collection[str]
) -> ForwardPlan:
    """The `forward` of these steps; `taken` are names that no variable of it may have."""
    inputs = dict(zip(body.inputs, body.variables, strict=True))
    writer = Writer(steps, inputs, results, body.tensors, taken)
    types = ["Tensor | None" if condition else "Tensor" for condition in body.needs]
    if body.needs == ("",):
        written: Sequence[Statement] = writer.finish(results[0])
    else:
        before = writer.statements()
        written = [*before, _returned([writer.locals.use(blob) for blob in results], body.needs)]
    result = types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
    parameters = tuple(f"{name}: Tensor" for name in inputs.values())
    return ForwardPlan(parameters, result, tuple(written))


def _returned(values: Sequence[Expr], needs: Sequence[str]) -> Return:
    """The results, None where what they need doesn't hold."""
    texts = [
        f"{flat(value)} if {condition} else None" if condition else flat(value)
        for value, condition in zip(values, needs, strict=True)
    ]
    if len(texts) > 1:
        texts = [f"({text})" if " " in text else text for text in texts]
    return Return(tuple(map(Name, texts)))
