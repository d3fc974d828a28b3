"""What each layer becomes in PyTorch: one function a layer, registered by the layer's class."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias, TypeVar

from netspec.diagnostics import Diagnostics
from netspec.graph import Node
from netspec.graph.fillers import Filler
from netspec.language.names import helper_names
from netspec.layers import Layer
from netspec.lower.registry import Registry
from netspec.lower.torch.code import Call, Expr, Name
from netspec.lower.torch.python import helpers
from netspec.lower.torch.python.names import RESERVED, VARIABLES
from netspec.plugins import PluginError, described, failure, find_lowering

GROUP = "netspec.lower.torch"
"""The entry points of custom layers' lowerings."""

Functional: TypeAlias = Callable[[Sequence[Expr]], Expr]


class Gathering(Protocol):
    """A function of operands, of which those at some places are lists of such."""

    def __call__(self, operands: Sequence[Expr], lists: Collection[int]) -> Expr: ...


@dataclass(frozen=True, slots=True)
class Augment:
    """`first += value`: the operator, and the value that the other operands give."""

    operator: str
    value: Functional


@dataclass(frozen=True, slots=True)
class Lowered:
    """A layer in PyTorch: a module, a function of the operands, or the choice of both.

    `module` is the constructor's call. `function` is what a person writes in `forward` instead;
    it's used where there is no module, where the layer has no name that an attribute can bear,
    and everywhere if `inline`. `prepare` is applied to the module's operand (an implicit
    flattening); `applied` makes the call of a module that isn't called with its operands alone, and
    so is no link of an nn.Sequential. `filled` says by suffix what the constructor itself fills as
    the spec asks. `helper` is the template of a class or function that PyTorch lacks. `repeats` is
    true where the function names an operand twice, which must then be a variable. `text` is the
    source of the helper where that is no template of netspec's own: a custom layer brings it along.
    `optional_bias` says that the module's class declares its `bias` as one that may be None, which
    a type checker wants tested.
    `gathered` is the function where some operands are lists.
    `kind` is the class by which `init_weights` knows the module, where that isn't its own;
    `biasless` says that it has no tensor of that name, where other classes have one that is None.
    `unpacked` makes the targets of an assignment from the names of the tops,
    where a call gives more than these; of one top `applied` then gives the item. `one_by_one` says
    that not all modules of the class have the same parameters, so that each is filled by its name.
    `parameter` is what makes a layer that is a tensor, held by the class itself.
    `overwritable` says that the next layer may write over the result: it is new memory, which
    the gradient doesn't need. `in_place` is the layer where it may write over its first operand.
    It may then have `augments` beside its function: what changes a variable that holds the operand.
    """

    module: Call | None = None
    function: Functional | None = None
    inline: bool = False
    prepare: Callable[[Expr], Expr] | None = None
    applied: Callable[[Name, Sequence[Expr]], Expr] | None = None
    filled: Mapping[str, Filler] = field(default_factory=dict)
    helper: str = ""
    repeats: bool = False
    text: str = ""
    parameter: Call | None = None
    overwritable: bool = False
    in_place: "Lowered | None" = None
    augments: "Augment | None" = None
    optional_bias: bool = False
    kind: str = ""
    biasless: bool = False
    unpacked: Callable[[Sequence[str]], tuple[str, ...]] | None = None
    gathered: Gathering | None = None
    one_by_one: bool = False


LayerType = TypeVar("LayerType", bound=Layer)
Lowering: TypeAlias = Callable[[LayerType, Node], Lowered]

_REGISTRY = Registry("lowerings to PyTorch")


def lowers(layer: type[LayerType]) -> Callable[[Lowering[LayerType]], Lowering[LayerType]]:
    """Register the lowering of a layer's class."""

    def register(lowering: Lowering[LayerType]) -> Lowering[LayerType]:
        _REGISTRY.add((layer,), lowering)
        return lowering

    return register


def lowered_layers() -> frozenset[type[Layer]]:
    """The layers that have a lowering."""
    return frozenset(_REGISTRY.functions)


class Lowerings:
    """Lowers layers one by one; what can't be lowered is told when all have been tried."""

    def __init__(self) -> None:
        self._diagnostics = Diagnostics()
        self._brought: dict[str, tuple[str, Node]] = {}

    def of(self, node: Node) -> Lowered:
        """The lowering of a layer; an empty one where there is none."""
        kind: Any = type(node.layer)
        lowering = _REGISTRY.functions.get(kind, _custom)
        try:
            lowered: Lowered = lowering(node.layer, node)
            if lowered.text:
                _check_apart(node, lowered, self._brought)
        except PluginError as error:
            self._diagnostics.error("not-lowerable", str(error), node.origin, path=node.path)
            return Lowered()
        return lowered

    def finish(self) -> None:
        """SpecError with all layers that can't be lowered."""
        self._diagnostics.raise_errors()


def _custom(layer: Layer, node: Node) -> Lowered:
    """What the package that a custom layer comes from says of it."""
    lowering = find_lowering(GROUP, layer)
    if lowering is None:
        raise PluginError(f"{node.type} can't be expressed in PyTorch")
    try:
        lowered = lowering(layer, node)
    except Exception as error:
        raise failure(layer, error) from error
    if not isinstance(lowered, Lowered):
        raise failure(layer, TypeError(f"its lowering to PyTorch gives {lowered!r}"))
    problem = _problem(lowered) if lowered.helper or lowered.text else ""
    if problem:
        raise failure(layer, ValueError(f"its helper `{lowered.helper}` can't be used: {problem}"))
    return replace(lowered, text=lowered.text.strip())


def _problem(lowered: Lowered) -> str:
    """What is wrong with a custom layer's helper, if anything."""
    if lowered.helper in helper_names():
        return "netspec has one of that name"
    if not lowered.text:
        return "there is no `text` of it"
    try:
        defined = helpers.definitions(lowered.text.strip())
    except SyntaxError as error:
        return f"its text is no Python: {error.msg} in line {error.lineno}"
    if lowered.helper not in defined:
        return "its text doesn't define it"
    for name, meaning in defined.items():
        if name in RESERVED | VARIABLES and helpers.IMPORTED.get(name) != meaning:
            return f"its text gives `{name}` another meaning"
    return ""


def _check_apart(node: Node, lowered: Lowered, brought: dict[str, tuple[str, Node]]) -> None:
    """Note what a custom layer's helper defines; PluginError where another means else by a name."""
    for name, meaning in helpers.definitions(lowered.text).items():
        known, other = brought.setdefault(name, (meaning, node))
        if known != meaning:
            raise PluginError(
                f"{described(GROUP, node.layer)} brings another `{name}` along than "
                f"{described(GROUP, other.layer)}, and one source can't have both"
            )
