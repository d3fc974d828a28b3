"""What each scope becomes: an inline nn.Sequential, a class, or a container of the class above."""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from string import digits

from netspec.diagnostics import Diagnostic, SpecError
from netspec.expressions.syntax import names
from netspec.graph import Graph, Node, Scope
from netspec.lower.torch.code import Argument, Call, Expr, Name, literals
from netspec.lower.torch.python.layout import flat
from netspec.lower.torch.python.marks import mark
from netspec.lower.torch.registry import Lowered
from netspec.lower.torch.structure.multiples import multiples
from netspec.lower.torch.structure.repeats import Repeat, repeat_of
from netspec.lower.torch.structure.wiring import Member, Wiring
from netspec.lower.torch.terms.numbers import term_of
from netspec.lower.torch.terms.symbols import is_bound

METHODS = frozenset(("clear", "items", "keys", "pop", "update", "values"))
"""What nn.ModuleDict has beside nn.Module: modules of these names can't be its attributes."""

LEAST_ALIKE = 4
"""So many layers in a row, whose names differ in an index alone, nobody calls one by one."""


class Form(Enum):
    """How the layers of a scope are held and called."""

    CHAIN = "an nn.Sequential, written where it is used"
    CHAIN_CLASS = "a class derived from nn.Sequential"
    NAMED_CHAIN = "a class derived from nn.Sequential, whose layers are attributes"
    CLASS = "a class with a forward of its own"
    LIST = "an nn.ModuleList, whose elements the class above calls one by one"
    LOOP = "an nn.ModuleList, whose elements the class above calls in a loop"
    DICT = "an nn.ModuleDict, whose elements the class above calls"

    @property
    def callable(self) -> bool:
        """Whether the scope is called as one module."""
        return self.chained or self is Form.CLASS

    @property
    def is_class(self) -> bool:
        return self in (Form.CHAIN_CLASS, Form.NAMED_CHAIN, Form.CLASS)

    @property
    def listed(self) -> bool:
        return self in (Form.LIST, Form.LOOP)

    @property
    def chained(self) -> bool:
        return self in (Form.CHAIN, Form.CHAIN_CLASS, Form.NAMED_CHAIN)


class Forms:
    """The form of every scope of a graph, and what becomes of its layers in it."""

    def __init__(self, graph: Graph, lowered: dict[str, Lowered], wiring: Wiring) -> None:
        self.root = graph.root
        self._lowered = lowered
        self._wiring = wiring
        self._forms: dict[str, Form] = {}
        self._repeats: dict[str, Repeat] = {}
        self._decide(graph.root)
        self._held = frozenset(self._holders(graph.root))
        self._with_items = frozenset(self._item_holders(graph.root))

    def of(self, scope: Scope) -> Form:
        return self._forms[scope.path]

    def at(self, path: str) -> Form:
        """The form of the scope of that path."""
        return self._forms[path]

    def repeat(self, scope: Scope) -> Repeat:
        """How the elements of a loop are wired."""
        return self._repeats[scope.path]

    def lowered(self, node: Node) -> Lowered:
        return self._lowered[node.path]

    def operand(self, member: Member) -> Lowered:
        """The entry that says how the operand of a callable member is prepared.

        A chain leaves the preparation of its first member's operand to the caller.
        """
        if isinstance(member, Node):
            return self.lowered(member)
        if self.of(member).chained and member.members:
            return self.operand(member.members[0])
        return Lowered()

    def application(self, member: Member) -> Callable[[Name, Sequence[Expr]], Expr]:
        """What makes the call of a member's module of its operands."""
        lowered = self.operand(member)
        prepare = lowered.prepare

        def called(callee: Name, operands: Sequence[Expr]) -> Expr:
            if prepare is not None:
                operands = [prepare(operands[0])]
            return Call(callee, tuple(map(Argument, operands)))

        return lowered.applied or called

    def held(self, node: Node, scope: Scope) -> Call | None:
        """The module that stands for a layer as a member of a scope; None for a mere function.

        Without parameters a person writes a function where there's no name to give an attribute.
        """
        lowered = self.lowered(node)
        if lowered.parameter is not None and not node.reused:
            return lowered.parameter
        if node.reused or lowered.module is None:
            return None
        free = lowered.function is not None and not node.parameters
        numbered = self.of(scope) in (Form.CLASS, Form.DICT) and node.name.isdecimal()
        if free and (lowered.inline or numbered) and not self._listed(scope):
            return None
        return lowered.module

    def holds(self, member: Member, scope: Scope) -> bool:
        """Whether a scope's module has an attribute for a member."""
        if member.reused:
            return False
        if isinstance(member, Node):
            return self.held(member, scope) is not None
        return self._listed(scope) or bool(self._wiring.nodes(member))

    def is_parameter(self, member: Member) -> bool:
        """Whether a member is a tensor, which is read and not called."""
        return isinstance(member, Node) and self.lowered(member).parameter is not None

    def called(self, scope: Scope) -> Iterator[Member]:
        """The members that a class calls, those inside its containers among them."""
        for member in scope.members:
            if isinstance(member, Scope) and not self.is_called(member):
                yield from self.called(member)
            elif self._wiring.nodes(member) and not self.is_parameter(member):
                yield member

    def is_called(self, scope: Scope) -> bool:
        """Whether the class above calls a scope as a whole: at once, or all elements in a loop."""
        return self.of(scope).callable or self.of(scope) is Form.LOOP

    def is_held(self, path: str) -> bool:
        """Whether the layer of that path is a module in its scope."""
        return path in self._held

    def has_items(self, path: str) -> bool:
        """Whether the class of a scope has modules as items whose names no attribute can have:
        `self["4"]`.
        """
        return path in self._with_items

    def _item_holders(self, scope: Scope) -> Iterator[str]:
        names = [member.name for member in scope.members if self._is_item(member)]
        methods = METHODS.intersection(member.name for member in scope.members)
        if self.of(scope) is Form.CLASS and names and not methods:
            yield scope.path
        for member in scope.members:
            if isinstance(member, Scope):
                yield from self._item_holders(member)

    def _is_item(self, member: Member) -> bool:
        """Whether a member is a module that has but a number, or a name with a `-`."""
        if isinstance(member, Scope):
            held = not member.reused and bool(self._wiring.nodes(member))
        else:
            held = member.path in self._held and not self.is_parameter(member)
        return held and not member.name.isidentifier()

    def _holders(self, scope: Scope) -> Iterator[str]:
        for member in scope.members:
            if isinstance(member, Scope):
                yield from self._holders(member)
            elif self.held(member, scope) is not None:
                yield member.path

    def _listed(self, scope: Scope) -> bool:
        return self.of(scope).chained or self.of(scope).listed

    def _decide(self, scope: Scope) -> None:
        for member in scope.members:
            if isinstance(member, Scope) and not member.reused:
                self._decide(member)
        # A reuse has the form of what it reuses, which stands earlier but maybe not yet decided.
        for member in scope.members:
            if isinstance(member, Scope) and member.reused:
                self._copy(member, member.module)
        self._forms[scope.path] = self._form(scope)

    def _copy(self, scope: Scope, module: str) -> None:
        self._forms[scope.path] = self._forms[module]
        for member in scope.members:
            if isinstance(member, Scope):
                self._copy(member, f"{module}.{member.name}")

    def _form(self, scope: Scope) -> Form:
        numbered = [member.name for member in scope.members] == [
            str(number) for number in range(len(scope.members))
        ]
        chained = numbered and self._chained(scope)
        if scope is self.root:
            alone = len(scope.inputs) == 1 and scope.inputs[0].phase is None
            alone = alone and not multiples(scope.inputs[0])
            whole = chained and alone and self.operand(scope.members[0]).prepare is None
            return Form.CHAIN_CLASS if whole else Form.CLASS
        if _are_named_apart(scope) and self._chained(scope):
            return Form.NAMED_CHAIN
        if scope.block is not None:
            return Form.CHAIN_CLASS if chained else Form.CLASS
        if chained:
            return Form.CHAIN
        apart = self._closed(scope) and self._wiring.contiguous(scope)
        apart = apart and not self._reads_optional(scope)
        # A group is called as one; what dotted names or a repeat have put together may be a list.
        if apart and scope.outputs and not scope.repeat:
            return Form.CLASS
        if numbered and all(map(self.is_module, scope.members)):
            return Form.LOOP if self._looped(scope) else Form.LIST
        if apart and any(not member.name.isdecimal() for member in scope.members):
            return Form.CLASS
        self._refuse_mixture(scope)
        return Form.DICT

    def holds_parameters(self, scope: Scope) -> bool:
        """Whether a scope holds tensors, and nothing else."""
        return bool(scope.members) and all(map(self.is_parameter, scope.members))

    def _refuse_mixture(self, scope: Scope) -> None:
        """PyTorch has a dictionary of modules and one of parameters."""
        tensors = [m for m in scope.members if isinstance(m, Node) and self.is_parameter(m)]
        constants = [node for node in tensors if node.layer.is_constant]
        if constants or 0 < len(tensors) < len(scope.members):
            node = (constants or tensors)[0]
            held = "parameters and modules" if not constants else "constants"
            why = "layers from around it stand between them"
            if self._reads_optional(scope):
                why = "a layer of one phase reads an input of that phase there"
            message = f"`{scope.path}` holds {held}, and {why}: PyTorch has no container for that"
            help = "make it a block or a group of its own, or give the parameter another name"
            found = Diagnostic("not-lowerable", message, node.origin, node.path, help)
            raise SpecError([found])

    def is_module(self, member: Member) -> bool:
        """Whether a member can be held as a module here."""
        if member.reused:
            return False
        return isinstance(member, Scope) or self.lowered(member).module is not None

    def _looped(self, scope: Scope) -> bool:
        """Whether one loop calls the elements of a list; it's noted how."""
        called = all(isinstance(m, Node) or self.of(m).callable for m in scope.members)
        repeat = repeat_of(scope, self._wiring) if called else None
        if repeat is None or len(set(map(self._manner, scope.members))) > 1:
            return False
        self._repeats[scope.path] = repeat
        return True

    def _manner(self, member: Member) -> str:
        """How a member is called, whatever it reads; what it asks its turn for differs."""
        operands = [mark(n) for n, _ in enumerate(self._wiring.interface(member).inputs)]
        call = self.application(member)(Name("module"), operands)
        read = (name for each in literals(call) for name in names(term_of(each.value)))
        return member.path if any(map(is_bound, read)) else flat(call)

    def _is_link(self, member: Member) -> bool:
        """Whether a member is a module that is called with what it reads alone."""
        apart = isinstance(member, Node) and self.lowered(member).applied is not None
        return self.is_module(member) and not apart

    def _closed(self, scope: Scope) -> bool:
        """Whether no layer of the scope applies one that lies outside."""
        prefix = f"{scope.path}."
        return all(
            not node.reused or node.module.startswith(prefix) for node in self._wiring.nodes(scope)
        )

    def _reads_optional(self, scope: Scope) -> bool:
        """Whether layers of one phase read an input of theirs in a scope that's of both: it can't
        be called without that input, and must be.
        """
        read = self._wiring.interface(scope).inputs
        return any(
            blob.name in read and blob.phase not in (None, scope.phase) for blob in self.root.inputs
        )

    def _chained(self, scope: Scope) -> bool:
        """Whether each member reads just what the one before gives, which nothing else reads."""
        border = self._wiring.interface(scope)
        if len(border.inputs) != 1 or not scope.members:
            return False
        current, at_start = border.inputs[0], True
        for member in scope.members:
            if not self._is_link(member) or member.phase not in (None, scope.phase):
                return False
            if isinstance(member, Scope) and not self.of(member).callable:
                return False
            if not self._wiring.nodes(member):
                continue
            link = self._wiring.interface(member)
            if link.inputs != (current,) or len(link.outputs) != 1:
                return False
            if not at_start and (
                self._reads(member) != self._wiring.readers(current) or self.operand(member).prepare
            ):
                return False
            current, at_start = link.outputs[0], False
        return border.outputs == (current,) and not at_start

    def _reads(self, member: Member) -> int:
        """How often a member of one input reads it."""
        wanted = self._wiring.interface(member).inputs[0]
        return sum(
            blob.name == wanted for node in self._wiring.nodes(member) for blob in node.bottoms
        )


def _are_named_apart(scope: Scope) -> bool:
    """Whether the layers are called `layer1`, `layer2`, … as a repeat calls them, or as none can be
    called from a `forward`: `block1-0`.
    """
    stems = {member.name.rstrip(digits) for member in scope.members}
    if any("-" in stem for stem in stems):
        return True
    return len(scope.members) >= LEAST_ALIKE and len(stems) == 1 and "" not in stems
