"""A region is what stands in one block, or in none: the names that its expressions read are its own.

Instances of a block that are alike in everything are one region: equal args, inputs of equal
types, the same members. Going through its layers once, each on bottoms whose sizes know their
terms, gives the code of each layer in terms of the block's args; what a block gives is told to
those who use it in their terms.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from netspec.expressions.syntax import Expression, Index, Literal, Name, names
from netspec.graph import Blob, Graph, Node, Scope, TensorType
from netspec.graph.tree import beginnings, leaves
from netspec.graph.types import Shape
from netspec.graph.written import Condition, Control, Turn, Written
from netspec.layers import Layer, LayerError
from netspec.lower.torch.fillers import initializer
from netspec.lower.torch.layout import flat
from netspec.lower.torch.registry import Lowered
from netspec.lower.torch.translation.numbers import Log, Open, opened, plain, term_of
from netspec.lower.torch.translation.terms import (
    Opaque,
    Resolver,
    Term,
    constant,
    folded,
    is_open,
    substituted,
    value_of,
)
from netspec.lower.torch.wiring import Member, Wiring

VAR = "$"
"""What the symbol of a var begins with, so that an arg of the same name is another."""


Turns: TypeAlias = Mapping[int, int]
"""The turns of repeats in which something stands: their numbers, by the places of the repeats."""
NONE: Turns = MappingProxyType({})


def turn_symbol(place: int) -> str:
    """The symbol of the number of a repeat's turn, for what stands in it."""
    return f"#{place}"


def past_symbol(place: int, number: int) -> str:
    """The symbol of the number of a turn that is over."""
    return f"#{place}:{number}"


def turns_of(controls: tuple[Control, ...]) -> Turns:
    """The turns among these controls."""
    return {each.place: each.number for each in controls if isinstance(each, Turn)}


def input_symbol(number: int, axis: int) -> str:
    """The symbol of a size of a block's input."""
    return f"@{number}.{axis}"


@dataclass(frozen=True, slots=True)
class Use:
    """A use of a block: its region, and the terms that its symbols have where it's used."""

    region: "Region"
    terms: Mapping[str, Term]


@dataclass(eq=False)
class Region:
    """A block's scope, one for all instances that are like it, or the whole network's.

    `terms` are what its names stand for, `values` are the values of the symbols that terms read.
    `defaults` are the terms of args that the use leaves to the block, `given` those it gives.
    """

    scope: Scope
    terms: dict[str, Term]
    values: dict[str, Any]
    defaults: dict[str, Term] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    log: Log = field(default_factory=Log)
    types: dict[str, TensorType] = field(default_factory=dict)
    uses: dict[str, Use] = field(default_factory=dict)
    made_in: dict[str, Turns] = field(default_factory=dict)

    def type_of(self, blob: Blob, turns: Turns = NONE) -> TensorType:
        """A blob's type, its sizes in the region's terms, for who stands in these turns."""
        return self.type_named(blob.name, turns) or blob.type

    def type_named(self, name: str, turns: Turns = NONE) -> TensorType | None:
        """The type of the blob of that name; None for one that the region doesn't know."""
        if name not in self.types:
            self._find(name)
        made = self.types.get(name)
        left = {
            turn_symbol(place): Name(0, 0, past_symbol(place, number))
            for place, number in self.made_in.get(name, NONE).items()
            if turns.get(place) != number
        }
        return made if made is None or not left else self._in_own_terms(made, left)

    def _find(self, name: str) -> None:
        """Ask the block that gives a blob for its type."""
        for path in beginnings(name):
            use = self.uses.get(path)
            if use is not None:
                made = use.region.type_named(use.region.scope.path + name[len(path) :])
                if made is not None:
                    self.types[name] = self._in_own_terms(made, use.terms)
                    self.made_in[name] = self.made_in.get(path, NONE)
                return

    def enter(self, controls: tuple[Control, ...]) -> Turns:
        """The turns of these controls, whose numbers then have values."""
        turns = turns_of(controls)
        for place, number in turns.items():
            self.values[past_symbol(place, number)] = number
        return turns

    def at(self, turns: Turns) -> dict[str, Any]:
        """The values of symbols in these turns."""
        if not turns:
            return self.values
        return self.values | {turn_symbol(place): number for place, number in turns.items()}

    def _in_own_terms(self, made: TensorType, terms: Mapping[str, Term]) -> TensorType:
        sizes = tuple(
            opened(plain(size), substituted(size.term, terms), self.log)
            if isinstance(size, Open)
            else size
            for size in made.shape
        )
        return replace(made, shape=Shape(sizes))

    def resolver(self, controls: tuple[Control, ...], asked: Mapping[str, str]) -> Resolver:
        """What expressions read that stand under these controls."""
        turns = self.enter(controls)
        indices: dict[str, Term] = {
            each.index: Name(0, 0, turn_symbol(each.place))
            for each in controls
            if isinstance(each, Turn)
        }

        def sizes(path: str) -> tuple[Term | None, ...]:
            found = self.type_named(asked[path], turns) if path in asked else None
            if found is None:
                raise Opaque
            return tuple(term_of(s) if isinstance(s, int) else None for s in found.shape)

        return Resolver({**self.terms, **indices} if indices else self.terms, sizes)

    def condition(self, each: Condition, controls: tuple[Control, ...]) -> Term:
        """The term of a condition; Opaque where it has none."""
        return self.resolver(controls, each.asked).term(each.formula)

    def decided(self) -> Iterator[Term]:
        """All that has been decided in the region and in the blocks that it uses, in its terms."""
        yield from self.log.decided
        for use in self.uses.values():
            for term in use.region.all_decided:
                try:
                    here = substituted(term, use.terms)
                except Opaque:
                    continue
                if is_open(here):
                    yield here

    def counted(self) -> Iterator[Term]:
        """The open counts of repeats here and in the blocks that are used, in the region's terms."""
        yield from self.counts.values()
        for use in self.uses.values():
            for term in use.region.counted():
                here = substituted(term, use.terms)
                if is_open(here):
                    yield here

    @property
    def all_decided(self) -> list[Term]:
        """Each of the decisions once."""
        if self._decided is None:
            self._decided = list(dict.fromkeys(self.decided()))
        return self._decided

    def forget(self) -> None:
        """Ask anew what has been decided: more may have been."""
        self._decided = None
        for use in self.uses.values():
            use.region.forget()

    _decided: list[Term] | None = None
    turns: dict[tuple[int, tuple[Control, ...]], Expression] = field(default_factory=dict)
    counts: dict[str, Term] = field(default_factory=dict)
    unsettled: dict[int, Term] = field(default_factory=dict)


class Regions:
    """The regions of a graph, and what becomes of each of its layers, in the terms of its region.

    `closed` are vars that keep the values that they have; a table among them keeps its name.
    """

    def __init__(
        self,
        graph: Graph,
        wiring: Wiring,
        lower: Callable[[Node], Lowered],
        closed: frozenset[str] = frozenset(),
    ) -> None:
        self.lowered: dict[str, Lowered] = {}
        self._wiring = wiring
        self._lower = lower
        self._regions: dict[object, Region] = {}
        self._of: dict[str, Region] = {}
        self._variables: dict[str, Term] = {}
        self._values: dict[str, Any] = {}
        named: set[str] = set()
        for name, value in graph.variables.items():
            # A switch chooses which network this is.
            is_closed = name in closed or isinstance(value, bool) or not can_open(value)
            if is_closed and is_table(value) and can_open(value):
                named.add(VAR + name)
                is_closed = False
            self._variables[name] = constant(value) if is_closed else Name(0, 0, VAR + name)
            self._values[VAR + name] = value
        self._named = frozenset(named)
        self.root = Region(graph.root, self._variables, self._values, log=Log(named=self._named))
        self._open_inputs(graph)
        self._define_variables(graph, closed)
        self._run(self.root)

    def decided(self) -> frozenset[str]:
        """The vars by which something has been decided."""
        self.root.forget()
        read = set().union(*map(names, self.root.all_decided)) if self.root.all_decided else set()
        while more := {
            name for each in read for name in names(self.root.defaults.get(each, constant(0)))
        } - read:
            read |= more
        return frozenset(name.removeprefix(VAR) for name in read if name.startswith(VAR))

    def finish(self) -> None:
        """Note the counts of repeats that haven't become loops: nothing follows them."""
        for region in (self.root, *self._regions.values()):
            for place, count in region.unsettled.items():
                if place not in region.log.loops:
                    region.log.fix(count)

    def of(self, path: str) -> Region:
        """The region of a block instance."""
        return self._of[path]

    def _open_inputs(self, graph: Graph) -> None:
        for blob in graph.inputs:
            said = graph.input_formulas.get(blob.name)
            sizes = list(blob.shape)
            for axis, size in enumerate(sizes):
                if said is None or not isinstance(size, int) or not names(said):
                    continue
                try:
                    term = self.root.resolver((), {}).term(Index(0, 0, said, Literal(0, 0, axis)))
                except Opaque:
                    continue
                sizes[axis] = opened(size, term, self.root.log)
            type = replace(blob.type, shape=Shape(tuple(sizes)))
            self.root.types[blob.name] = _flat(type, self.root.log)

    def _define_variables(self, graph: Graph, closed: frozenset[str]) -> None:
        """Vars that expressions of other vars give."""
        for name, said in graph.formulas.items():
            if said is None or name in closed or not names(said):
                continue
            if VAR + name in names(self._variables[name]):
                term = self.root.resolver((), {}).term(said)
                self.root.defaults[VAR + name] = term

    def _run(self, region: Region) -> None:
        """Go through the members of a region in order."""
        for member in sorted(_members(region.scope), key=self._wiring.first):
            if isinstance(member, Node):
                self._node(region, member)
            else:
                self._use(region, member)
        for scope in _within(region.scope):
            for absent in scope.absent:
                self._absent(region, absent)
        self._count(region)

    def _note(self, region: Region, written: Written | None) -> None:
        """Note what decides about a member: its conditions, its names, how often it's repeated."""
        for expression in written.fixed if written is not None else ():
            self._fix(region, written, expression)
        controls = written.controls if written is not None else ()
        for number, each in enumerate(controls):
            if isinstance(each, Condition):
                self._decide(region, each, controls[:number])
            elif each.count is not None and names(each.count):
                region.turns[each.place, controls[:number]] = each.count

    def _decide(self, region: Region, each: Condition, controls: tuple[Control, ...]) -> None:
        try:
            term = region.condition(each, controls)
        except Opaque:
            self._fix_names(region, each.formula)
            return
        if is_open(term):
            region.log.fix(term)

    def _fix(self, region: Region, written: Written | None, expression: Expression) -> None:
        assert written is not None
        try:
            term = region.resolver(written.controls, written.asked).term(expression)
        except Opaque:
            self._fix_names(region, expression)
            return
        if is_open(term):
            region.log.fix(term)

    def _fix_names(self, region: Region, expression: Expression) -> None:
        for name in names(expression) & region.terms.keys():
            if is_open(region.terms[name]):
                region.log.fix(region.terms[name])

    def _absent(self, region: Region, absent: Written | Scope) -> None:
        if isinstance(absent, Scope):
            written = absent.written
            for inner in absent.absent:
                if absent.block is None:
                    self._absent(region, inner)
        else:
            written = absent
        self._note(region, written)
        if written is not None:
            for expression in written.fields.values():
                if expression is not None:
                    self._fix(region, written, expression)

    def _count(self, region: Region) -> None:
        """Note what counts hang on, but for those of repeats that are right for any count."""
        repeats = {
            scope.written.place: scope
            for scope in _within(region.scope)
            if scope.repeat and scope.written is not None
        }
        for (place, controls), count in region.turns.items():
            try:
                term = region.resolver(controls, {}).term(count)
            except Opaque:
                self._fix_names(region, count)
                continue
            if not is_open(term):
                continue
            repeat = repeats.get(place)
            if repeat is not None and settles(region, repeat):
                region.counts[repeat.path] = term
            else:
                region.unsettled[place] = term

    def _node(self, region: Region, node: Node) -> None:
        layer = self._open_layer(region, node)
        turns = region.enter(_controls(node))
        bottoms = tuple(replace(b, type=region.type_of(b, turns)) for b in node.bottoms)
        types = tuple(blob.type for blob in bottoms)
        made = self._worked_out(region, node, layer, types)
        tops = tuple(
            replace(blob, type=type) for blob, type in zip(node.tops, made, strict=True)
        )
        region.types.update((blob.name, blob.type) for blob in tops)
        if turns:
            region.made_in.update((blob.name, turns) for blob in tops)
        opened_node = replace(node, layer=layer, bottoms=bottoms, tops=tops)
        self.lowered[node.path] = self._lower(opened_node)
        if region is self.root or region.values:
            self._note_fillers(region, layer, types)

    def _worked_out(
        self, region: Region, node: Node, layer: Layer, types: tuple[TensorType, ...]
    ) -> tuple[TensorType, ...]:
        """What the layer gives, its sizes in terms; mere numbers where it can't follow."""
        known = tuple(blob.type for blob in node.tops)
        if not _has_open(layer, types):
            return known
        found = region.log.trial(
            lambda: layer.outputs_for(types, len(node.tops)), _seen, LayerError
        )
        return tuple(
            _flat(made, region.log) if _same(made, type) else type
            for made, type in zip(found, known, strict=True)
        )

    def _note_fillers(
        self, region: Region, layer: Layer, types: tuple[TensorType, ...]
    ) -> None:
        """Note what the fillers' own numbers hang on."""
        if not _has_open(layer, types):
            return

        def codes() -> list[str]:
            weights = layer.weights(types)
            return [flat(initializer(each.filler, each.shape)("_")) for each in weights]

        region.log.trial(codes, lambda texts: texts, LayerError)

    def _open_layer(self, region: Region, node: Node) -> Layer:
        """The layer with fields that know their terms."""
        layer, written = node.layer, node.written
        assert isinstance(layer, Layer)
        self._note(region, written)
        if written is None:
            return layer
        updates: dict[str, Any] = {}
        resolver = region.resolver(written.controls, written.asked)
        values = region.at(turns_of(written.controls))
        for name, expression in written.fields.items():
            if expression is None or not names(expression):
                continue
            try:
                term = resolver.term(expression)
                value = value_of(term, values) if is_open(term) else None
            except Opaque:
                self._fix_names(region, expression)
                continue
            if value is not None:
                tagged = _tagged(getattr(layer, name), value, term, region.log)
                if tagged is None:
                    region.log.fix(term)
                else:
                    updates[name] = tagged
        return layer.model_copy(update=updates) if updates else layer

    def _use(self, region: Region, scope: Scope) -> None:
        """A use of a block: its region, which is worked out if it's the first of its kind."""
        self._note(region, scope.written)
        key = self._key(scope)
        inner = self._regions.get(key)
        if inner is None:
            inner = self._regions[key] = self._region(scope)
            self._run(inner)
        elif not scope.reused:
            for node, known in zip(leaves(scope), leaves(inner.scope), strict=True):
                self.lowered[node.path] = self.lowered[known.path]
        self._of[scope.path] = inner
        turns = region.enter(_controls(scope))
        if turns:
            region.made_in[scope.path] = turns
        region.uses[scope.path] = Use(inner, self._terms_of_use(region, scope))

    def _region(self, scope: Scope) -> Region:
        terms, values = dict(self._variables), dict(self._values)
        for name, value in scope.args.items():
            terms[name] = Name(0, 0, name) if can_open(value) else constant(value)
            values[name] = value
        region = Region(scope, terms, values, log=Log(named=self._named))
        for number, blob in enumerate(scope.inputs):
            if blob.name in region.types:
                continue
            sizes = list(blob.shape)
            for axis in open_axes(blob):
                symbol = input_symbol(number, axis)
                values[symbol] = sizes[axis]
                sizes[axis] = opened(sizes[axis], Name(0, 0, symbol), region.log)
            region.types[blob.name] = replace(blob.type, shape=Shape(tuple(sizes)))
        self._set_defaults(region)
        return region

    def _set_defaults(self, region: Region) -> None:
        scope = region.scope
        given = scope.written.fields if scope.written is not None else {}
        region.given = {name for name in scope.args if name in given or name not in scope.defaults}
        asked = {"input": scope.inputs[0].name} if len(scope.inputs) == 1 else {}
        asked |= dict(zip(scope.input_names, (b.name for b in scope.inputs), strict=False))
        for name, said in scope.defaults.items():
            if name in region.given or said is None:
                continue
            try:
                region.defaults[name] = region.resolver((), asked).term(said)
            except Opaque:
                region.given.add(name)

    def _terms_of_use(self, region: Region, scope: Scope) -> dict[str, Term]:
        """The terms of a block's symbols where it's used."""
        inner, found = self._of[scope.path], {}
        written = scope.written
        for number, blob in enumerate(scope.inputs):
            shape = region.type_of(blob, region.enter(_controls(scope))).shape
            for axis in open_axes(blob):
                found[input_symbol(number, axis)] = term_of(shape[axis])
        for name, value in scope.args.items():
            term: Term | None = None
            said = None if written is None else written.fields.get(name)
            try:
                if written is not None and said is not None:
                    term = region.resolver(written.controls, written.asked).term(said)
                elif name in inner.defaults and name not in (written.fields if written else {}):
                    term = substituted(inner.defaults[name], found)
            except Opaque:
                assert said is not None
                self._fix_names(region, said)
            if term is None:
                term = constant(value)
            if is_open(term) and not can_open(value):
                region.log.fix(term)
                term = constant(value)
            found[name] = term
        return found

    def _key(self, scope: Scope) -> object:
        """What instances of a block have in common that are one region."""
        inputs = [blob.name for blob in scope.inputs]
        same = tuple(inputs.index(name) for name in inputs)
        types = tuple(blob.type for blob in scope.inputs)
        args = repr(dict(scope.args))
        given = tuple(scope.written.fields) if scope.written is not None else ()
        return (scope.block, args, given, types, same, self._structure(scope, scope))

    def _structure(self, member: Member, within: Scope) -> object:
        border = self._wiring.interface(member)
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
        inner = tuple(self._structure(each, within) for each in member.members)
        return (*own, module, member.block, inner)


def settles(region: Region, repeat: Scope) -> bool:
    """Whether a repeat gives the same for any count: each instance gives what the first one does,
    all behind it read just that, and none asks for its number.
    """
    first, *rest = repeat.members
    if not rest:
        return False
    given = _seen(tuple(map(region.type_of, ends(first)[1])))
    for member in rest:
        read, made = ends(member)
        if not _seen(tuple(map(region.type_of, read))) == given:
            return False
        if not _seen(tuple(map(region.type_of, made))) == given:
            return False
    return not any(_reads_index(member) for member in repeat.members)


def ends(member: Member) -> tuple[tuple[Blob, ...], tuple[Blob, ...]]:
    """What a member reads and gives."""
    if isinstance(member, Scope):
        return member.inputs, member.outputs
    return member.bottoms, member.tops


def _reads_index(member: Member) -> bool:
    """Whether a turn of a repeat reads the turn's number."""
    if member.written is None:
        return True
    index = next(each.index for each in reversed(member.written.controls) if isinstance(each, Turn))
    return any(index in read for read in _reads(member))


def _reads(member: Member) -> Iterator[set[str]]:
    """The names that a member's expressions read, those of a group's members among them."""
    written = member.written
    if written is not None:
        for said in (*written.fields.values(), *written.fixed):
            yield set() if said is None else names(said)
        for each in written.controls:
            yield names(each.formula) if isinstance(each, Condition) else set()
    if isinstance(member, Scope) and member.block is None:
        for inner in member.members:
            yield from _reads(inner)
        for absent in member.absent:
            if isinstance(absent, Written):
                yield from (set() if s is None else names(s) for s in absent.fields.values())


def _controls(member: Member) -> tuple[Control, ...]:
    return member.written.controls if member.written is not None else ()


def is_table(value: Any) -> bool:
    """Whether a value is a list of several, which a loop may go through."""
    return isinstance(value, list | tuple) and len(value) > 1


def can_open(value: Any) -> bool:
    """Whether a value of this kind can stay open: numbers, and lists of them."""
    if isinstance(value, list | tuple):
        return bool(value) and all(type(each) in (int, float, bool) or can_open(each) for each in value)
    return type(value) in (int, float, bool)


def open_axes(blob: Blob) -> list[int]:
    """The axes of an input whose sizes a block takes as they come: its channels, its features."""
    axes = [1] if blob.shape.rank == 4 else range(1, blob.shape.rank)
    return [axis for axis in axes if type(blob.shape[axis]) is int]


def _members(scope: Scope) -> Iterator[Member]:
    """The layers of a region, and the blocks that it uses."""
    for member in scope.members:
        if isinstance(member, Scope) and member.block is None:
            yield from _members(member)
        else:
            yield member


def _within(scope: Scope) -> Iterator[Scope]:
    """The scope of a region, and its groups and repeats."""
    yield scope
    for member in scope.members:
        if isinstance(member, Scope) and member.block is None:
            yield from _within(member)


def _has_open(layer: Layer, types: tuple[TensorType, ...]) -> bool:
    if any(isinstance(size, Open) for type in types for size in type.shape):
        return True
    return any(_holds_open(value) for _, value in layer)


def _holds_open(value: object) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_holds_open, value))
    return isinstance(value, Open)


def _seen(types: tuple[TensorType, ...]) -> object:
    return [
        [(plain(size), term_of(size)) if isinstance(size, int) else size for size in type.shape]
        for type in types
    ]


def _flat(type: TensorType, log: Log) -> TensorType:
    """The type of an image with a mere height and width: nobody writes what windows make of them."""
    if type.shape.rank < 4:
        return type
    sizes = list(type.shape)
    for axis in range(2, len(sizes)):
        size = sizes[axis]
        if isinstance(size, Open):
            log.fix(size.term)
            sizes[axis] = plain(size)
    return replace(type, shape=Shape(tuple(sizes)))


def _same(made: TensorType, type: TensorType) -> bool:
    return plain(tuple(made.shape)) == tuple(type.shape) and made.dtype == type.dtype


def _tagged(current: Any, value: Any, term: Term, log: Log) -> Any:
    """A layer's field with the term that gave it; None where it can't be told."""
    if isinstance(current, list | tuple):
        if isinstance(value, list):
            if len(value) != len(current) or list(current) != value:
                return None
            terms = [folded(Index(0, 0, term, Literal(0, 0, at))) for at in range(len(value))]
        elif all(type(each) is type(value) and each == value for each in current):
            terms = [term] * len(current)
        else:
            return None
        return type(current)(
            opened(each, of, log) for each, of in zip(current, terms, strict=True)
        )
    if type(current) in (int, float, bool) and current == value:
        return opened(current, term, log)
    return None
