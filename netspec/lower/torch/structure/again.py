"""That the code of a module is right for each of its uses: a reuse has other sizes."""

from collections.abc import Callable, Iterator

from netspec.diagnostics import Diagnostic, SpecError
from netspec.graph import Node
from netspec.lower.torch.code import Name
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.registry import Lowered
from netspec.lower.torch.structure.wiring import Wiring


def check_uses(wiring: Wiring, lower: Callable[[Node], Lowered]) -> None:
    """SpecError (`not-lowerable`) where a layer of a scope that is applied again is other code on
    the bottoms of that use. A module has the code of its first one.
    """
    for original, *others in wiring.uses():
        for scope in others:
            pairs = zip(wiring.nodes(original), wiring.nodes(scope), strict=True)
            for first, again in pairs:
                if [*_code(first, lower(first))] != [*_code(again, lower(again))]:
                    raise _refused(first, again)


def _code(node: Node, lowered: Lowered) -> Iterator[str]:
    operands = [Name(f"x{number}") for number in range(len(node.bottoms))]
    if lowered.module is not None:
        yield flat(lowered.module)
    if lowered.function is not None:
        yield flat(lowered.function(operands))
    if lowered.prepare is not None:
        yield flat(lowered.prepare(operands[0]))
    if lowered.applied is not None:
        yield flat(lowered.applied(Name("f"), operands))


def _refused(first: Node, again: Node) -> SpecError:
    shapes = " and ".join(str(node.bottoms[0].shape) for node in (first, again))
    message = (
        f"`{again.path}` is other code than `{first.path}`, whose module it reuses: on {shapes} "
        "sizes are written in it"
    )
    help = "say a size that changes as -1 or 0 where the layer takes it, or write it a second time"
    return SpecError([Diagnostic("not-lowerable", message, again.origin, again.path, help=help)])
