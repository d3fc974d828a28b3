"""What a layer asks of its bottoms beside their shapes: element types, and sizes that suffice."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from netspec.elaborate.context import WORK_PER_DECISION, Context
from netspec.elaborate.scope import Site
from netspec.graph import Blob, TensorType
from netspec.graph.bounds import Decision, Values, enough_factor, positive, stated
from netspec.graph.sizes import Size, substitute, symbols
from netspec.layers import Layer, LayerError, Weight
from netspec.layers.answers import Condition
from netspec.listed import listed


def check_known(layer: Layer, bottoms: Sequence[TensorType]) -> bool:
    """Refuse known sizes that don't suffice; whether there are others, to be checked at a place."""
    conditions = [*layer.conditions(bottoms)]
    _check_known(conditions)
    return not all(isinstance(each.size, int) or each.told for each in conditions)


def _check_known(conditions: Iterable[Condition]) -> None:
    for each in conditions:
        if isinstance(each.size, int) and each.size < 1:
            raise each.error


def check_at_place(context: Context, site: Site, layer: Layer, bottoms: Sequence[Blob]) -> None:
    """Refuse integers of a constant that are out of range, and symbolic sizes that suffice by
    chance: for some values of their symbols alone.

    Where back ends refuse to run on the others, nothing is promised of those either.
    """
    types = [blob.type for blob in bottoms]
    of_integers = [*_conditions_of_integers(context, layer, bottoms, types)]
    _check_known(of_integers)
    for each in (*layer.conditions(types), *of_integers):
        if not isinstance(each.size, int) and not each.told:
            decision = context.decide(each.size, bottoms, site.entry)
            if not decision.holds:
                context.spend(WORK_PER_DECISION, site.entry)
                raise _unsuited(each, decision, context.lowest_at(bottoms))


def _conditions_of_integers(
    context: Context, layer: Layer, bottoms: Sequence[Blob], types: Sequence[TensorType]
) -> Iterator[Condition]:
    for number, blob in enumerate(bottoms):
        if blob.name in context.integers:
            yield from layer.conditions_of_integers(types, number, *context.integers[blob.name])


def _unsuited(condition: Condition, decision: Decision, lowest: Values) -> LayerError:
    """The complaint about sizes that don't suffice for some values, or not for certain."""
    error = condition.error
    if decision.values:
        error.message += f" where {stated(decision.values)}"
    else:
        names = listed(sorted(symbols(condition.size)))
        error.message += f" unless {names} suit; that they always do can't be shown"

    def suffices(multiples: Mapping[str, Size], factor: int) -> bool:
        least = {name: -(-lowest.get(name, 1) // factor) for name in multiples}
        return positive(substitute(condition.size, dict(multiples)), least).holds is True

    multiples = enough_factor(symbols(condition.size), suffices)
    error.help = "; or ".join(filter(None, (error.help, multiples))) or None
    return error


def check_weights(
    layer: Layer, bottoms: tuple[TensorType, ...], weights: tuple[Weight, ...]
) -> None:
    """Refuse to compute with weights of one floating type on a bottom of another."""
    kinds = [weight.dtype for weight in weights if weight.dtype.startswith("float")]
    for number, bottom in enumerate(bottoms if kinds else ()):
        if bottom.dtype.startswith("float") and bottom.dtype not in kinds:
            help = f"leave the network's input {kinds[0]}"
            if bottom.dtype == "float16":
                help += "; `compile --dtype float16` makes the whole ONNX file float16"
            raise LayerError(
                "wrong-type",
                f"{layer.type_name}'s weights are {kinds[0]}, but {{{number}}} holds "
                f"{bottom.dtype}",
                bottom=number,
                help=help,
            )
