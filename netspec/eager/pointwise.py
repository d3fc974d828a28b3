"""Functions of each element, and what their gradients ask for."""

from collections.abc import Sequence

from netspec.eager.casting import lowered
from netspec.eager.strides import broadcast, iterated
from netspec.eager.tensor import Step, Tensor, binary, made, unary
from netspec.eager.views import clone, reshape


def by_result(x: Tensor) -> Tensor:
    """A function whose gradient is found by its result: relu, sigmoid, tanh, exp, sqrt, rsqrt and
    reciprocal.
    """
    return unary(x, keeps_result=True)


def by_operand(x: Tensor) -> Tensor:
    """A function whose gradient is found by what it reads: most of those that bend, log, square,
    abs, pow and clamp.
    """
    return unary(x, [x])


def linear_in(x: Tensor) -> Tensor:
    """A function whose gradient asks for nothing: neg, a sum or product with a number."""
    return unary(x)


relu = sigmoid = tanh = exp = sqrt = rsqrt = reciprocal = by_result
log = square = absolute = clamp = by_operand


def power(x: Tensor) -> Tensor:
    """A power, whose gradient is the product of three."""
    return by_operand(x).taking(1)


def over(x: Tensor, keeps: Sequence[Tensor] = (), *, keeps_result: bool = False) -> Tensor:
    """A function written over its operand. What it reads is gone then: it keeps a copy."""
    if x.step is None:
        return x
    kept = [clone(each).storage if each is x else each.storage for each in keeps]
    kept += [x.storage] if keeps_result else []
    step = Step(x.tape, x.shape, x.dtype, kept, [x.step])
    return Tensor(x.tape, x.shape, x.dtype, x.storage, x.strides, step)


def add_over(x: Tensor, other: Tensor | None = None) -> Tensor:
    """`x += other`."""
    steps = [each.step for each in (x, other) if each is not None and each.step is not None]
    step = Step(x.tape, x.shape, x.dtype, (), steps, "same") if steps else None
    return Tensor(x.tape, x.shape, x.dtype, x.storage, x.strides, step)


@lowered
def prelu(x: Tensor, weight: Tensor) -> Tensor:
    """A slope for each channel, or one for all; both operands are kept, and both gradients made."""
    along = reshape(weight, (1, weight.shape[0], *[1] * (x.rank - 2)))
    found = binary(x, along, [x, weight])
    return found if x.needs_gradient else found.taking(2)


def maximum(one: Tensor, other: Tensor) -> Tensor:
    """The greater, or the lesser, of two; either's gradient asks for both."""
    return binary(one, other, [one, other])


minimum = maximum


def power_of(x: Tensor) -> Tensor:
    """`torch.pow(number, x)`."""
    return unary(x, [x], keeps_result=True)


def compared(one: Tensor, other: Tensor | float) -> Tensor:
    """Booleans, which have no gradient."""
    return binary(one.detach(), other.detach() if isinstance(other, Tensor) else other, (), "bool")


def where(condition: Tensor, one: Tensor | float, other: Tensor | float) -> Tensor:
    """The condition is kept, and nothing else."""
    operands = [each for each in (one, other) if isinstance(each, Tensor)]
    shape = broadcast(condition.shape, *(each.shape for each in operands))
    every = [condition, *operands]
    strides = iterated(shape, [(each.shape, each.strides) for each in every])
    kind = operands[0].dtype if operands else "float32"
    return made(every, shape, [condition], dtype=kind, strides=strides)


def dropout(x: Tensor, ratio: float, training: bool | None = None) -> Tensor:
    """On the CPU the mask is of the operand's type; CUDA's is of bytes."""
    is_training = x.tape.training if training is None else training
    if not is_training or ratio == 0:
        return x
    if ratio == 1:
        return x * x.tape.new((), x.dtype)
    mask = unary(x.detach())
    return x * mask
