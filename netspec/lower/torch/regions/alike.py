"""What instances of a block have in common that are one region."""

from netspec.graph import Node, Scope
from netspec.lower.torch.structure.wiring import Member, Wiring


def key(scope: Scope, wiring: Wiring) -> object:
    """What instances of a block have in common that are one region."""
    inputs = [blob.name for blob in scope.inputs]
    same = tuple(inputs.index(name) for name in inputs)
    types = tuple(blob.type for blob in scope.inputs)
    args = repr(dict(scope.args))
    given = tuple(scope.written.fields) if scope.written is not None else ()
    structure = _structure(scope, scope, wiring) if scope.members else ()
    return (scope.block, args, given, types, same, structure)


def _structure(member: Member, within: Scope, wiring: Wiring) -> object:
    border = wiring.interface(member)
    inputs = {blob.name: number for number, blob in enumerate(within.inputs)}
    start = f"{within.path}."

    def relative(name: str) -> object:
        return inputs.get(name, name.removeprefix(start))

    reads = tuple(map(relative, border.inputs))
    gives = tuple(map(relative, border.outputs))
    name = "" if member is within else member.name
    own = (name, member.phase, reads, gives)
    module = member.module.removeprefix(start) if member.reused else ""
    if isinstance(member, Node):
        return (*own, module)
    inner = tuple(_structure(each, within, wiring) for each in member.members)
    return (*own, module, member.block, inner)
