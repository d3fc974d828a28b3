"""Instances of a block that are alike in everything are one region: equal args, inputs of equal
types, the same members.

Going through its layers once gives the code of each layer in terms of the block's args; what a
block gives is told to those who use it in their terms.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from netspec.expressions.syntax import Expression, Index, List, Literal, Name, names
from netspec.graph import Blob, Graph, Node, Scope
from netspec.graph.tree import leaves, scopes
from netspec.graph.types import Shape
from netspec.graph.written import Turn, Written
from netspec.lower.torch.regions import alike
from netspec.lower.torch.regions.axes import asked_axes, inputs_by_name
from netspec.lower.torch.regions.counts import note_counts
from netspec.lower.torch.regions.opened import (
    flat_image,
    note_fillers,
    open_layer,
)
from netspec.lower.torch.regions.region import Region, Use, controls_of, members, within
from netspec.lower.torch.regions.worked import Worked
from netspec.lower.torch.registry import Lowered
from netspec.lower.torch.structure.wiring import Member, Wiring
from netspec.lower.torch.terms.numbers import Log, Open, opened, term_of
from netspec.lower.torch.terms.symbols import (
    LITERAL,
    VAR,
    can_open,
    in_order,
    input_symbol,
    is_switch,
    is_table,
    open_axes,
    table_name,
    turn_symbol,
)
from netspec.lower.torch.terms.terms import Opaque, Term, constant, is_open, substituted, value_of


class Regions:
    """The regions of a graph, and what becomes of each of its layers, in the terms of its region.

    `closed` are vars that keep the values that they have; a table among them keeps its name.
    """

    def __init__(
        self,
        graph: Graph,
        wiring: Wiring,
        lower: Callable[[Node], Lowered],
        worked: Worked,
        closed: frozenset[str] = frozenset(),
        taken: Collection[str] = (),
    ) -> None:
        """`taken` are names that no table may have."""
        self._worked = worked
        self.lowered: dict[str, Lowered] = {}
        self._wiring = wiring
        self._lower = lower
        self._regions: dict[object, Region] = {}
        self._of: dict[str, Region] = {}
        self._variables: dict[str, Term] = {}
        self._values: dict[str, Any] = {}
        self.named: dict[str, Term] = {}
        for name, said in graph.variables.items():
            value = in_order(said)
            is_closed = name in closed or is_switch(value) or not can_open(value)
            is_named = table_name(name) not in taken and is_table(value) and can_open(value)
            if is_closed and is_named:
                self.named[VAR + name] = constant(value)
                is_closed = False
            self._variables[name] = constant(value) if is_closed else Name(0, 0, VAR + name)
            self._values[VAR + name] = value
        self._tables = self._named_tables(graph, {*taken, *map(table_name, graph.variables)})
        log = Log(named=self.named)
        self.root = Region(graph.root, self._variables, self._values, log=log, tables=self._tables)
        self._open_inputs(graph)
        self._define_variables(graph, closed)
        self._run(self.root)

    def decided(self) -> frozenset[str]:
        """The vars by which something has been decided."""
        self.root.forget()
        read: set[str] = set().union(*self.root.all_decided.values())
        while (
            more := {
                name for each in read for name in names(self.root.defaults.get(each, constant(0)))
            }
            - read
        ):
            read |= more
        return frozenset(name.removeprefix(VAR) for name in read if name.startswith(VAR))

    def finish(self) -> None:
        """Note the counts of repeats that the code doesn't follow."""
        for region in (self.root, *self._regions.values()):
            decided = set().union(*map(names, region.log.decided))
            for around, count in region.counts.items():
                # What has been decided by the turns that there are needn't hold for others. An only
                # turn doesn't show what one behind it would read, nor what it would make of that.
                followed = around in region.followed and value_of(count, region.values) > 1
                if not followed or turn_symbol(around[0]) in decided:
                    region.log.fix(count)

    @property
    def counts(self) -> list[tuple[Region, Term]]:
        """The open counts of repeats, each in its region."""
        every = (self.root, *self._regions.values())
        return [(region, count) for region in every for count in region.counts.values()]

    def fix_counts(self) -> None:
        """Note that all counts of repeats must be what they are."""
        for region, count in self.counts:
            region.log.fix(count)

    def of(self, path: str) -> Region:
        """The region of a block instance."""
        return self._of[path]

    def _named_tables(self, graph: Graph, taken: Collection[str]) -> dict[Expression, Term]:
        """Names for the tables that stand where repeats go through them."""
        found: dict[Expression, Term] = {}
        members: list[Member] = [*graph.nodes, *scopes(graph.root)]
        for written in (each.written for each in members if each.written is not None):
            for turn in (each for each in written.controls if isinstance(each, Turn)):
                rows = turn.rows
                if isinstance(rows, List) and len(rows.items) > 1 and not names(rows):
                    symbol = self._symbol(len(found), taken)
                    if rows not in found:
                        found[rows] = Name(0, 0, symbol)
                        self.named[symbol] = constant(value_of(rows, {}))
                        self._values[symbol] = value_of(rows, {})
        return found

    def _symbol(self, number: int, taken: Collection[str]) -> str:
        wish = f"{LITERAL}rows_{number + 1}" if number else f"{LITERAL}rows"
        return wish if table_name(wish) not in taken else self._symbol(number + 1, taken)

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
            self.root.types[blob.name] = flat_image(type, self.root.log)

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
        for member in sorted(members(region.scope), key=self._wiring.first):
            if isinstance(member, Node):
                self._node(region, member)
            else:
                self._use(region, member)
        for scope in within(region.scope):
            for absent in scope.absent:
                self._absent(region, absent)
        note_counts(region, self._wiring)

    def _absent(self, region: Region, absent: Written | Scope) -> None:
        """What leaves out an entry, or all that would stand in a scope."""
        if isinstance(absent, Written):
            region.note_absent(absent)
        elif absent.block is not None:
            self._use(region, absent)
        else:
            region.note(absent.written)
            for inner in absent.absent:
                self._absent(region, inner)

    def _node(self, region: Region, node: Node) -> None:
        layer = open_layer(region, node)
        turns = region.enter(controls_of(node))
        bottoms = tuple(replace(b, type=region.type_of(b, turns)) for b in node.bottoms)
        types = tuple(blob.type for blob in bottoms)
        made = self._worked.of(region.log, node, layer, types)
        tops = tuple(replace(blob, type=type) for blob, type in zip(node.tops, made, strict=True))
        region.types.update((blob.name, blob.type) for blob in tops)
        if turns:
            region.made_in.update((blob.name, turns) for blob in tops)
        opened_node = replace(node, layer=layer, bottoms=bottoms, tops=tops)
        self.lowered[node.path] = self._lower(opened_node)
        note_fillers(region, layer, types, self.lowered[node.path].filled)

    def _use(self, region: Region, scope: Scope) -> None:
        """A use of a block: its region, which is worked out if it's the first of its kind."""
        region.note(scope.written)
        key = alike.key(scope, self._wiring)
        inner = self._regions.get(key)
        if inner is None:
            inner = self._regions[key] = self._region(scope)
            self._run(inner)
        else:
            for node, known in zip(leaves(scope), leaves(inner.scope), strict=True):
                self.lowered[node.path] = self.lowered[known.path]
        self._of[scope.path] = inner
        turns = region.enter(controls_of(scope))
        if turns:
            region.made_in[scope.path] = turns
        region.uses[scope.path] = Use(inner, self._terms_of_use(region, scope))

    def _region(self, scope: Scope) -> Region:
        terms, values = dict(self._variables), dict(self._values)
        for name, said in scope.args.items():
            value = in_order(said)
            terms[name] = Name(0, 0, name) if can_open(value) else constant(value)
            values[name] = value
        log = Log(named=self.named)
        region = Region(scope, terms, values, log=log, tables=self._tables)
        for number, blob in enumerate(scope.inputs):
            if blob.name in region.types:
                continue
            sizes = list(blob.shape)
            for axis in self._open_axes(scope, blob):
                symbol = input_symbol(number, axis)
                values[symbol] = sizes[axis]
                sizes[axis] = opened(sizes[axis], Name(0, 0, symbol), region.log)
            region.types[blob.name] = replace(blob.type, shape=Shape(tuple(sizes)))
        self._set_defaults(region)
        return region

    def _open_axes(self, scope: Scope, blob: Blob) -> list[int]:
        """The axes of an input whose sizes a block takes as they come; those among them that a
        layer in it has weights of, or that a default of an arg is.
        """
        read = [node for node in leaves(scope) if node.bottoms[:1] == (blob,)]
        found = {node.layer.features(node.bottoms[0].shape) for node in read}
        rank = blob.shape.rank
        found |= {axis % rank for name, axis in asked_axes(scope) if name == blob.name}
        known = {axis for axis in found if axis is not None and type(blob.shape[axis]) is int}
        return sorted({*open_axes(blob)} | known)

    def _set_defaults(self, region: Region) -> None:
        scope = region.scope
        given = scope.written.fields if scope.written is not None else {}
        region.given = {name for name in scope.args if name in given or name not in scope.defaults}
        resolver = region.resolver((), inputs_by_name(scope))
        # A default reads the args above it; a name of one below is the var's.
        above = dict(self._variables)
        for name in scope.args:
            said = scope.defaults.get(name)
            if name not in region.given and said is not None:
                try:
                    region.defaults[name] = replace(resolver, terms=dict(above)).term(said)
                except Opaque:
                    region.given.add(name)
            above[name] = region.terms[name]

    def _terms_of_use(self, region: Region, scope: Scope) -> dict[str, Term]:
        """The terms of a block's symbols where it's used."""
        inner, found = self._of[scope.path], {}
        written = scope.written
        for number, blob in enumerate(scope.inputs):
            shape = region.type_of(blob, region.enter(controls_of(scope))).shape
            taken = self._open_axes(scope, blob)
            for axis, size in enumerate(shape):
                if axis in taken:
                    found[input_symbol(number, axis)] = term_of(size)
                elif isinstance(size, Open):
                    region.log.fix(size.term)
        for name, arg in scope.args.items():
            term: Term | None = None
            value = in_order(arg)
            said = None if written is None else written.fields.get(name)
            try:
                if written is not None and said is not None:
                    term = region.resolver(written.controls, written.asked).term(said)
                elif name in inner.defaults and name not in (written.fields if written else {}):
                    term = substituted(inner.defaults[name], found)
            except Opaque:
                assert said is not None and written is not None
                region.fix_names(said, written.controls)
            if term is None:
                term = constant(value)
            if is_open(term) and not can_open(value):
                region.log.fix(term)
                term = constant(value)
            found[name] = term
        return found
