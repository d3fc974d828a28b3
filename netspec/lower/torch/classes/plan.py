"""The emitted module as data: all that the templates fill in, with every decision made."""

from dataclasses import dataclass

from netspec.lower.torch.code import Argument, Assign, Brackets, Expr, Literal, Statement
from netspec.lower.torch.python.helpers import Helper, names


@dataclass(frozen=True, slots=True)
class ParameterPlan:
    """A parameter of a constructor; `default` is None where there is none."""

    name: str
    type: str
    default: Expr | None = None

    @property
    def code(self) -> Argument | str:
        """As a signature has it."""
        if self.default is None:
            return f"{self.name}: {self.type}"
        return Argument(self.default, self.name, self.type)


@dataclass(frozen=True, slots=True)
class ForwardPlan:
    """A `forward`: its parameters as text, the type of its result, its body."""

    parameters: tuple[str, ...]
    result: str
    body: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class GroupsPlan:
    """`param_groups`. With `weights` and `biases`, the multipliers of those that the statements
    don't name as exceptions, the template goes on from there.
    """

    body: tuple[Statement, ...]
    weights: tuple[float, float] | None = None
    biases: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """A class; `body` is that of its constructor."""

    name: str
    base: str
    parameters: tuple[ParameterPlan, ...]
    body: tuple[Statement, ...]
    forward: ForwardPlan | None
    init: tuple[Statement, ...] = ()
    init_doc: str = ""
    groups: GroupsPlan | None = None
    doc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InferencePlan:
    """`for_inference`: whether it folds any BatchNorm (and any whose statistics are fixed), which
    (where not each one behind a convolution) as the paths of a convolution and its BatchNorm, and
    whether it drops Dropout; the numbers of axes that such convolutions have, and the steps that
    order the weights in memory.
    """

    folds: bool
    fixed: bool
    pairs: tuple[tuple[str, str], ...]
    drops: bool
    axes: tuple[int, ...]
    layout: tuple[Statement, ...]

    @property
    def convolutions(self) -> str:
        """The classes of convolutions, as a type."""
        return " | ".join(f"nn.Conv{axes}d" for axes in self.axes)

    @property
    def norms(self) -> str:
        """The classes of the normalizations that have running statistics, as a type."""
        return " | ".join(f"nn.BatchNorm{axes}d" for axes in self.axes)

    @property
    def named(self) -> Statement:
        """The pairs as the emitted function has them."""
        pairs = (Brackets("()", tuple(map(Literal, pair))) for pair in self.pairs)
        return Assign(("pairs",), Brackets("()", tuple(pairs)))


@dataclass(frozen=True, slots=True)
class ModulePlan:
    """The whole file. `inference` is a function that stands behind the classes, if it does."""

    doc: tuple[str, ...]
    helpers: tuple[Helper, ...]
    classes: tuple[ClassPlan, ...]
    main: tuple[Statement, ...]
    inference: InferencePlan | None = None
    tables: tuple[Assign, ...] = ()

    @property
    def defined(self) -> frozenset[str]:
        """The names that the helpers take."""
        return names(self.helpers)
