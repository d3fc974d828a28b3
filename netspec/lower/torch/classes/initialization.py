"""`init_weights`: the fillers as a person writes them, a rule for each kind of layer first.

It fills every parameter and buffer, so that a module may be made without memory and be given some
later. One loop over the modules applies to each kind the filler that most of its weights have;
what differs is named behind it. What a kind of module has beside such weights, or fills itself as
asked, it fills by its own `reset_parameters`. Weights that layers share are first made one tensor,
which moving a module to memory undoes.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from netspec.graph import Graph, Node, Parameter
from netspec.lower.torch.code import (
    Assign,
    Block,
    Brackets,
    Call,
    Do,
    Expr,
    Name,
    Operation,
    Statement,
    call,
)
from netspec.lower.torch.layers.fillers import initializer, words
from netspec.lower.torch.python.helpers import definitions
from netspec.lower.torch.python.layout import WIDTH, flat, quoted
from netspec.lower.torch.registry import Lowered

ROOM = WIDTH - len('        """"""')
"""For a docstring of one line."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A parameter to fill: `kind` is its module's class, `suffix` the attribute there.

    `done` says that the module itself fills it so, `optional` that it may be None there, so that a
    type checker wants it tested.
    """

    parameter: Parameter
    path: str
    kind: str
    done: bool = False
    optional: bool = False

    @property
    def suffix(self) -> str:
        return self.parameter.name.removeprefix(self.path).removeprefix(".")

    @property
    def getter(self) -> str:
        """The method by which a module finds the tensor."""
        return "get_buffer" if self.parameter.buffer else "get_parameter"

    def code(self, tensor: str) -> Call:
        return initializer(self.parameter.filler, self.parameter.shape)(tensor)

    @property
    def rule(self) -> str:
        """The same text for what is filled the same way."""
        return flat(self.code("_"))


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for the suffixes of a kind of module; `resets` if it first fills itself.

    `sure` if each module of the kind has all of these, and a type checker knows; `may_lack`
    if a module without a bias has None for it. Where a module doesn't have what is `lacking`, that
    is None.
    """

    kind: str
    fills: tuple[Fill, ...]
    sure: bool
    resets: bool
    may_lack: bool
    lacking: frozenset[str]

    @property
    def written(self) -> tuple[Fill, ...]:
        """What the module doesn't fill so itself."""
        return tuple(fill for fill in self.fills if not fill.done)

    @property
    def settled(self) -> set[str]:
        """The suffixes of what it does fill so itself."""
        return {fill.suffix for fill in self.fills if fill.done}

    def agrees(self, other: "Rule") -> bool:
        """Whether one body fills both kinds; a bias that isn't there does no harm.

        One that a kind fills itself is there.
        """
        mine = {fill.suffix: fill.rule for fill in self.written}
        others = {fill.suffix: fill.rule for fill in other.written}
        both = mine | others == others | mine
        same = self.resets == other.resets
        own = not (self.settled & others.keys() or other.settled & mine.keys())
        spare = {"bias"} if self.may_lack and other.may_lack else set()
        return same and both and own and mine.keys() ^ others.keys() <= spare


def init_plan(
    graph: Graph, lowered: Mapping[str, Lowered], class_of: Mapping[str, str]
) -> tuple[tuple[Statement, ...], str]:
    """The body and the docstring; empty where nothing is to be filled."""
    fills = list(_fills(graph.nodes, lowered))
    # A tensor that a class holds itself is of no kind: it has no rule.
    inside, biased = [fill for fill in fills if fill.suffix], _biases(graph.nodes, lowered)
    optional = _optional_biases(graph.nodes, lowered)
    rules = _rules(inside, _resetting(graph.nodes, lowered), biased, optional)
    groups = _alike(rules)
    common = {(rule.kind, fill.suffix): fill.rule for rule in rules for fill in rule.fills}
    touched = set(_touched(graph.nodes, lowered, groups))
    rest = [
        fill
        for fill in fills
        if common.get((fill.kind, fill.suffix)) != fill.rule
        or any(owner == fill.parameter.name and rule != fill.rule for owner, rule in touched)
    ]
    body = [*_tied(graph.parameters), *_loop(groups), *_exceptions(rest, class_of)]
    written = [fill for rule in rules for fill in rule.written]
    return tuple(body), _doc([*written, *rest])


def _holders(
    nodes: Iterable[Node], lowered: Mapping[str, Lowered]
) -> Iterator[tuple[Node, Lowered, str]]:
    """The layers that hold something, and the class of the module that does."""
    for node in nodes:
        entry = lowered[node.path]
        holder = entry.module or entry.parameter
        if not node.reused and holder is not None and node.parameters:
            yield node, entry, entry.kind or flat(holder.callee)


def _fills(nodes: Iterable[Node], lowered: Mapping[str, Lowered]) -> Iterator[Fill]:
    """What has to be filled: all weights, but those that are another layer's; buffers where the
    module can't do that itself.
    """
    for node, entry, kind in _holders(nodes, lowered):
        own = entry.filled if _refills(entry, kind) else {}
        for parameter in node.parameters:
            if not parameter.shared and not (parameter.buffer and _refills(entry, kind)):
                fill = Fill(parameter, node.path, kind)
                optional = entry.optional_bias and fill.suffix == "bias"
                done = own.get(fill.suffix) == parameter.filler
                yield replace(fill, done=done, optional=optional)


def _refills(entry: Lowered, kind: str) -> bool:
    """Whether a module has `reset_parameters`, as PyTorch's and ours have; others may have."""
    return not entry.text or "def reset_parameters(" in definitions(entry.text).get(kind, "")


def _resetting(nodes: Iterable[Node], lowered: Mapping[str, Lowered]) -> dict[str, bool]:
    """The kinds of modules, and whether they fill something themselves as the spec asks."""
    found: dict[str, bool] = {}
    for node, entry, kind in _holders(nodes, lowered):
        if entry.module is not None:
            fills = any(parameter.buffer for parameter in node.parameters) or bool(entry.filled)
            found[kind] = found.get(kind, False) or (fills and _refills(entry, kind))
    return found


def _biases(nodes: Iterable[Node], lowered: Mapping[str, Lowered]) -> frozenset[str]:
    """The kinds of modules that have nothing but a bias."""
    held: dict[str, set[str]] = {}
    for node, _, kind in _holders(nodes, lowered):
        held.setdefault(kind, set()).update(each.name for each in node.parameters)
    biases = {kind for kind, names in held.items() if all(n.endswith(".bias") for n in names)}
    return frozenset(biases)


def _optional_biases(nodes: Iterable[Node], lowered: Mapping[str, Lowered]) -> frozenset[str]:
    """The kinds of modules that have a `bias` in any case, None where the layer wants none."""
    found = _holders(nodes, lowered)
    return frozenset(
        kind
        for node, entry, kind in found
        if hasattr(node.layer, "bias_term") and not entry.biasless
    )


def _touched(
    nodes: Iterable[Node], lowered: Mapping[str, Lowered], groups: list[list[Rule]]
) -> Iterator[tuple[str, str]]:
    """Weights that other layers share, and how the rules for the kinds of these fill them."""
    bodies = {rule.kind: _fullest(group) for group in groups for rule in group}
    for node, entry, kind in _holders(nodes, lowered):
        for parameter in node.parameters:
            fill = Fill(parameter, node.path, kind)
            if not parameter.shared or parameter.buffer or kind not in bodies:
                continue
            written = {each.suffix: each.rule for each in bodies[kind].written}
            if fill.suffix in written:
                yield parameter.owner, written[fill.suffix]
            elif bodies[kind].resets:
                own = entry.filled.get(fill.suffix)
                asked = replace(fill, parameter=replace(parameter, filler=own)) if own else None
                yield parameter.owner, asked.rule if asked else ""


def _rules(
    fills: list[Fill],
    kinds: Mapping[str, bool],
    biases: Collection[str],
    optional: Collection[str],
) -> list[Rule]:
    """For each kind of module and each suffix the filler that most elements have."""
    rules = []
    for kind, resets in kinds.items():
        common = []
        for suffix in dict.fromkeys(fill.suffix for fill in fills if fill.kind == kind):
            same = [fill for fill in fills if (fill.kind, fill.suffix) == (kind, suffix)]
            sizes: Counter[str] = Counter()
            for fill in same:
                sizes[fill.rule] += fill.parameter.elements
            chosen = sizes.most_common(1)[0][0]
            common.append(next(fill for fill in same if fill.rule == chosen))
        own = [fill for fill in fills if fill.kind == kind]
        holders = {fill.path for fill in own}
        complete = len(own) == len(holders) * len(common) and not any(f.optional for f in own)
        sure = kind in biases or (complete and len(common) > 1)
        counts = Counter(fill.suffix for fill in own)
        lacking = frozenset(suffix for suffix in counts if counts[suffix] < len(holders))
        rules.append(Rule(kind, tuple(common), sure, resets, kind in optional, lacking - {"bias"}))
    return [rule for rule in rules if rule.resets or rule.fills]


def _fullest(group: list[Rule]) -> Rule:
    """The rule whose body does for all kinds of a group."""
    return max(group, key=lambda rule: len(rule.written))


def _loop(groups: list[list[Rule]]) -> Iterator[Statement]:
    """One loop over all modules, kinds that are filled alike together."""
    branches: list[Block] = []
    for group in groups:
        kinds = Operation(tuple(Name(rule.kind) for rule in group), ("|",) * (len(group) - 1))
        sure = all(rule.sure for rule in group)
        fullest = _fullest(group)
        lacking = frozenset[str]().union(*(rule.lacking for rule in group))
        written = fullest.written
        body = [_fill_statement(f, "module", sure, f.suffix in lacking) for f in written]
        if fullest.resets:
            body.insert(0, Do(call("module.reset_parameters")))
        keyword = "elif" if branches else "if"
        branches.append(Block(keyword, call("isinstance", Name("module"), kinds), tuple(body)))
    if branches:
        yield Block("for", Name("module in self.modules()"), tuple(branches))


def _alike(rules: list[Rule]) -> list[list[Rule]]:
    """Kinds of one rule together; one without biases goes with any that agrees on the weights."""
    groups: list[list[Rule]] = []
    for rule in rules:
        for group in groups:
            if all(rule.agrees(other) for other in group):
                group.append(rule)
                break
        else:
            groups.append([rule])
    return groups


def _fill_statement(fill: Fill, holder: str, sure: bool, lacking: bool = False) -> Statement:
    tensor = f"{holder}.{fill.suffix}" if fill.suffix else holder
    statement = Do(fill.code(tensor))
    if lacking or (fill.suffix == "bias" and not sure):
        return Block("if", Name(f"{tensor} is not None"), (statement,))
    return statement


def _exceptions(fills: list[Fill], class_of: Mapping[str, str]) -> Iterator[Statement]:
    direct = [fill for fill in fills if fill.path.isidentifier()]
    deep = [fill for fill in fills if not fill.path.isidentifier()]
    alike: dict[tuple[str, str, str], list[Fill]] = {}
    for fill in direct:
        alike.setdefault((fill.kind, fill.suffix, fill.rule), []).append(fill)
    loops: dict[tuple[str, ...], list[Fill]] = {}
    for group in alike.values():
        loops.setdefault(tuple(fill.path for fill in group), []).append(group[0])
    for paths, group in loops.items():
        yield from _for_layers(paths, group)
    yield from _for_classes(deep, class_of)


def _for_layers(paths: tuple[str, ...], fills: list[Fill]) -> Iterator[Statement]:
    if len(paths) == 1:
        for fill in fills:
            if fill.optional:
                yield Do(fill.code(f"self.{fill.getter}({quoted(fill.parameter.name)})"))
            else:
                yield Do(fill.code(f"self.{fill.parameter.name}"))
        return
    body = tuple(_fill_statement(f, "layer", not f.optional) for f in fills)
    head = Brackets("()", tuple(Name(f"self.{path}") for path in paths))
    yield Block("for layer in", head, body)


def _for_classes(fills: list[Fill], class_of: Mapping[str, str]) -> Iterator[Statement]:
    """Exceptions inside blocks: by class where all its instances have them, else by name."""
    instances = Counter(class_of.values())
    groups: dict[tuple[str, str, str], list[Fill]] = {}
    for fill in fills:
        scope, _, member = fill.path.rpartition(".")
        key = (class_of.get(scope, ""), member, f"{fill.suffix} {fill.rule}")
        groups.setdefault(key, []).append(fill)
    loose: dict[tuple[str, str], list[Fill]] = {}
    branches: dict[str, list[Statement]] = {}
    for (owner, member, _), group in groups.items():
        if owner and len(group) == instances[owner]:
            name = quoted(f"{member}.{group[0].suffix}".removesuffix("."))
            code = group[0].code(f"module.{group[0].getter}({name})")
            branches.setdefault(owner, []).append(Do(code))
        else:
            for fill in group:
                loose.setdefault((fill.rule, fill.getter), []).append(fill)
    for owner, body in branches.items():
        test = Block("if", call("isinstance", Name("module"), Name(owner)), tuple(body))
        yield Block("for", Name("module in self.modules()"), (test,))
    for group in loose.values():
        names = tuple(Name(quoted(fill.parameter.name)) for fill in group)
        code = group[0].code(f"self.{group[0].getter}(name)")
        yield Block("for name in", Brackets("()", names), (Do(code),))


def _doc(fills: Sequence[Fill]) -> str:
    """How weights, biases and others are filled, where that is the same for all of them."""
    if not fills:
        return "Fill the parameters as the spec says."
    said = "Fill the weights as the spec says"
    plural = {"weight": "weights", "bias": "biases"}
    found: dict[str, set[str]] = {}
    for fill in fills:
        name = plural.get(fill.suffix, fill.suffix or fill.path)
        found.setdefault(name, set()).add(words(fill.parameter.filler))
    parts = [f"{', '.join(kinds)} for {name}" for name, kinds in found.items()]
    whole = f"{said}: {', '.join(parts)}."
    alike = all(len(kinds) == 1 for kinds in found.values())
    return whole if alike and len(whole) <= ROOM else f"{said}."


def _tied(parameters: Sequence[Parameter]) -> Iterator[Statement]:
    """Shared parameters: the module gets its owner's tensor."""
    for parameter in parameters:
        if parameter.shared:
            module, _, suffix = parameter.name.rpartition(".")
            owner, _, owner_suffix = parameter.owner.rpartition(".")
            if module.isidentifier() and owner.isidentifier():
                value: Expr = Name(f"self.{owner}.{owner_suffix}")
                yield Assign((f"self.{module}.{suffix}",), value)
            else:
                value = call("self.get_parameter", Name(quoted(parameter.owner)))
                yield Assign((f"self.get_submodule({quoted(module)}).{suffix}",), value)
