"""Autocast: operations that run in the lower type, and those that run in float32."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from netspec.eager.tensor import Tensor
from netspec.eager.views import cast

Rest = ParamSpec("Rest")
Result = TypeVar("Result")
Operation = Callable[Concatenate[Tensor, Rest], Result]


def lowered(operation: Operation[Rest, Result]) -> Operation[Rest, Result]:
    """An operation that autocast runs in the lower type: products of matrices, above all."""
    return _cast(operation, lambda lower: lower)


def in_float32(operation: Operation[Rest, Result]) -> Operation[Rest, Result]:
    """An operation that autocast runs in float32."""
    return _cast(operation, lambda lower: "float32")


def _cast(
    operation: Operation[Rest, Result], choose: Callable[[str], str]
) -> Operation[Rest, Result]:
    @wraps(operation)
    def run(x: Tensor, /, *args: Rest.args, **keywords: Rest.kwargs) -> Result:
        tape = x.tape
        if tape.autocast is None:
            return operation(x, *args, **keywords)
        dtype = choose(tape.autocast)

        def to(each: object) -> object:
            if isinstance(each, list):
                return [to(one) for one in each]
            return in_type(each, dtype) if isinstance(each, Tensor) else each

        others = [to(each) for each in args]
        named = {name: to(each) for name, each in keywords.items()}
        with tape.uncast():
            return operation(in_type(x, dtype), *others, **named)  # type: ignore[arg-type]

    return run


def lower(x: Tensor) -> Tensor:
    """As an operation that autocast runs in the lower type reads it."""
    return x if x.tape.autocast is None else in_type(x, x.tape.autocast)


def in_type(x: Tensor, dtype: str) -> Tensor:
    """The tensor in autocast's type. A weight's copy is made once, and used again."""
    if not x.is_float or x.dtype in (dtype, "float64"):
        return x
    if not (x.is_leaf and x.needs_gradient and dtype != "float32"):
        return cast(x, dtype)
    found = x.tape.casts.get(id(x.storage))
    if found is None:
        found = x.tape.casts[id(x.storage)] = cast(x, dtype)
    return found
