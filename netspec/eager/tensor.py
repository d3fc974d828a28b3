"""Tensors without values: their sizes, where they lie in which memory, and what autograd knows."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Literal, Protocol, TypeAlias

from netspec.eager.strides import Strides, broadcast, iterated
from netspec.graph.sizes import Size, product
from netspec.graph.types import FLOATS, element_bytes

Sizes = tuple[Size, ...]
Number = int | float

_ORDER = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")
_RANKS = {name: rank for rank, name in enumerate(_ORDER)} | {"bfloat16": 6}


class Storage:
    """A piece of memory: so many elements of a type. `maker` is who made it, None what stands
    apart: an input, a weight, a buffer.

    It lasts as long as something names it, as PyTorch's does. A ledger is told when it's made and
    when it goes.
    """

    __slots__ = ("_ledger", "_number", "dtype", "maker", "shape")

    def __init__(
        self, shape: Sizes, dtype: str, maker: str | None, ledger: "Ledger | None" = None
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.maker = maker
        self._ledger = ledger
        self._number = -1 if ledger is None else ledger.made(self)

    def __del__(self) -> None:
        if self._ledger is not None:
            self._ledger.gone(self._number)

    @property
    def size(self) -> Size:
        """Its bytes."""
        return product(self.shape) * element_bytes(self.dtype)


class Ledger(Protocol):
    """Keeps account of memory: it gives each piece a number, by which it's told that it's gone."""

    def made(self, storage: Storage) -> int: ...
    def gone(self, number: int) -> None: ...


Gives: TypeAlias = Literal["new", "same", "view", "turned", "parts"]
"""What a step gives each step behind it: a gradient in memory of its own; the very one that it was
given, or a view of that, maybe with its axes turned, where these are as large; or parts of it.
"""


class Step:
    """A step of the pass back: what it keeps, and the steps that follow it there.

    `shape` and `dtype` are those of the gradient that it's given, `gives` says what it gives those
    behind it; `meanwhile` it takes so many tensors as large, and lets them go. Later steps have
    greater numbers; `maker` is who was at work.
    """

    __slots__ = ("behind", "dtype", "gives", "kept", "maker", "meanwhile", "number", "shape")

    def __init__(
        self,
        tape: "Tape",
        shape: Sizes,
        dtype: str,
        kept: Sequence[Storage] = (),
        behind: Sequence["Step"] = (),
        gives: "Gives" = "new",
    ) -> None:
        self.shape = shape
        self.dtype = dtype
        self.kept = kept
        self.behind = behind
        self.gives = gives
        self.meanwhile = 0
        self.maker = tape.maker
        self.number = tape.steps = tape.steps + 1

    @property
    def size(self) -> Size:
        """The bytes of its gradient."""
        return product(self.shape) * element_bytes(self.dtype)


class Tape:
    """A run: who is at work, whether the network is in training, and the type to which autocast
    casts, if it does. Unless it `records` there are no steps of a pass back.
    """

    def __init__(
        self,
        training: bool = True,
        autocast: str | None = None,
        *,
        records: bool = True,
        ledger: Ledger | None = None,
    ) -> None:
        self.records = records
        self.ledger = ledger
        self.steps = 0
        self.training = training
        self.autocast = autocast
        self.maker: str | None = None
        self.casts: dict[int, Tensor] = {}

    def given(
        self,
        shape: Iterable[Size],
        dtype: str = "float32",
        *,
        needs_gradient: bool = False,
    ) -> "Tensor":
        """What stands apart: an input, a weight or a buffer."""
        sizes = tuple(shape)
        step = Step(self, sizes, dtype) if needs_gradient and self.records else None
        return Tensor(self, sizes, dtype, Storage(sizes, dtype, None), None, step, is_leaf=True)

    def new(self, shape: Iterable[Size], dtype: str = "float32") -> "Tensor":
        """New memory that no gradient reaches."""
        sizes = tuple(shape)
        return Tensor(
            self, sizes, dtype, Storage(sizes, dtype, self.maker, self.ledger), None, None
        )

    @contextmanager
    def uncast(self) -> Iterator[None]:
        """Without autocast, as within an operation that it has cast the operands of."""
        before, self.autocast = self.autocast, None
        yield
        self.autocast = before


class Tensor:
    """A tensor: its sizes and type, the memory it lies in, and how; None: row by row, densely.

    `step` is the step of the pass back that gives its gradient to what it is made of; None where
    none is wanted.
    """

    __slots__ = ("dtype", "is_leaf", "shape", "step", "storage", "strides", "tape")

    def __init__(
        self,
        tape: Tape,
        shape: Sizes,
        dtype: str,
        storage: Storage,
        strides: Strides,
        step: Step | None,
        is_leaf: bool = False,
    ) -> None:
        self.tape = tape
        self.shape = shape
        self.dtype = dtype
        self.storage = storage
        self.strides = strides
        self.step = step
        self.is_leaf = is_leaf

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def needs_gradient(self) -> bool:
        return self.step is not None

    @property
    def is_float(self) -> bool:
        return self.dtype in FLOATS

    def detach(self) -> "Tensor":
        return Tensor(self.tape, self.shape, self.dtype, self.storage, self.strides, None)

    def __add__(self, other: "Tensor | Number") -> "Tensor":
        return binary(self, other, gives="same")

    __radd__ = __add__
    __sub__ = __add__

    def __rsub__(self, other: Number) -> "Tensor":
        return binary(self, other)

    def __mul__(self, other: "Tensor | Number") -> "Tensor":
        if not isinstance(other, Tensor):
            return binary(self, other)
        keeps = [other] if self.needs_gradient else []
        keeps += [self] if other.needs_gradient else []
        return binary(self, other, keeps)

    __rmul__ = __mul__

    def __truediv__(self, other: "Tensor | Number") -> "Tensor":
        if not isinstance(other, Tensor):
            return binary(self, other)
        if not other.needs_gradient:
            return binary(self, other, [other])
        return binary(self, other, [self, other]).taking(2)

    def taking(self, count: int) -> "Tensor":
        """Itself, whose pass back takes so many tensors as large on the way."""
        if self.step is not None:
            self.step.meanwhile = count
        return self


def made(
    of: Sequence[Tensor],
    shape: Iterable[Size],
    keeps: Iterable[Tensor] = (),
    *,
    keeps_result: bool = False,
    dtype: str | None = None,
    strides: Strides = None,
    gives: Gives = "new",
) -> Tensor:
    """New memory made of tensors, the first of which tells its type unless that is given.

    What it `keeps` is kept where a gradient is wanted of any of them.
    """
    tape, sizes = of[0].tape, tuple(shape)
    storage = Storage(sizes, dtype or of[0].dtype, tape.maker, tape.ledger)
    behind = [each.step for each in of if each.step is not None]
    step = None
    if behind:
        kept = [each.storage for each in keeps]
        kept += [storage] if keeps_result else []
        step = Step(tape, sizes, storage.dtype, kept, behind, gives)
    return Tensor(tape, sizes, storage.dtype, storage, strides, step)


def viewed(of: Tensor, shape: Iterable[Size], strides: Strides) -> Tensor:
    """The same memory, seen otherwise."""
    sizes = tuple(shape)
    step = None
    if of.step is not None:
        # Of a matrix that's turned PyTorch makes the gradient so that it lies right.
        turned = strides is not None and len(sizes) > 2
        step = Step(of.tape, sizes, of.dtype, (), [of.step], "turned" if turned else "view")
    return Tensor(of.tape, sizes, of.dtype, of.storage, strides, step)


def binary(
    one: Tensor,
    other: Tensor | Number,
    keeps: Iterable[Tensor] = (),
    dtype: str | None = None,
    *,
    gives: Gives = "new",
) -> Tensor:
    """An operation of each element of two tensors, which are stretched to fit."""
    if not isinstance(other, Tensor):
        made_of = "float32" if isinstance(other, float) and not one.is_float else one.dtype
        return unary(one, keeps, dtype=dtype or made_of)
    shape = broadcast(one.shape, other.shape)
    strides = iterated(shape, [(one.shape, one.strides), (other.shape, other.strides)])
    kind = dtype or promoted(one, other)
    found = made([one, other], shape, keeps, dtype=kind, strides=strides, gives=gives)
    # The gradient of what is stretched is made as large as the result before it's added up.
    wanted = [each for each in (one, other) if each.needs_gradient]
    stretched = any(each.shape != shape for each in wanted)
    return found.taking(1) if stretched and gives == "new" else found


def unary(
    of: Tensor,
    keeps: Iterable[Tensor] = (),
    *,
    keeps_result: bool = False,
    dtype: str | None = None,
) -> Tensor:
    """An operation of each element."""
    strides = of.strides and iterated(of.shape, [(of.shape, of.strides)])
    return made([of], of.shape, keeps, keeps_result=keeps_result, dtype=dtype, strides=strides)


def promoted(one: Tensor, other: Tensor) -> str:
    """The type of what is made of both."""
    if one.dtype == other.dtype or (
        other.rank == 0 and one.rank and other.is_float <= one.is_float
    ):
        return one.dtype
    if one.rank == 0 and other.rank and one.is_float <= other.is_float:
        return other.dtype
    if {one.dtype, other.dtype} == {"float16", "bfloat16"}:
        return "float32"
    return max(one.dtype, other.dtype, key=_RANKS.__getitem__)
