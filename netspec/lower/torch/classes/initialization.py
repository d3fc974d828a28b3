"""`init_weights`: the fillers as a person writes them, a rule for each kind of layer first.

It fills every parameter and buffer but the spec's own constants, which the constructor makes, so
that a module may be made without memory and be given some later. One loop over the modules applies
to each kind the filler that most of its weights have; what differs is named behind it. What a kind
of module has beside such weights, or fills itself as asked, it fills by its own `reset_parameters`.
Weights that layers share are first made one tensor, which moving a module to memory undoes.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from netspec.graph import Graph, Node, Parameter
from netspec.lower.torch.classes.fills import PLAIN, Fill, Rule, fill_statement
from netspec.lower.torch.code import (
    Assign,
    Block,
    Brackets,
    Do,
    Expr,
    Name,
    Operation,
    Statement,
    call,
)
from netspec.lower.torch.layers.fillers import words
from netspec.lower.torch.python.helpers import definitions
from netspec.lower.torch.python.layout import WIDTH, flat, quoted
from netspec.lower.torch.registry import Lowered

ROOM = WIDTH - len('        """"""')
"""For a docstring of one line."""


def init_plan(
    graph: Graph, lowered: Mapping[str, Lowered], class_of: Mapping[str, str]
) -> tuple[tuple[Statement, ...], str]:
    """The body and the docstring; empty where nothing is to be filled."""
    fills = list(_fills(graph.nodes, lowered))
    # A tensor that a class holds itself is of no kind: it has no rule.
    inside, biased = [fill for fill in fills if fill.suffix], _biases(graph.nodes, lowered)
    optional = _optional_biases(graph.nodes, lowered)
    rules = _rules(inside, _resetting(graph.nodes, lowered), biased, optional)
    bare = _tied_without_bias(graph.nodes, lowered)
    rules = [replace(rule, sure=rule.sure and rule.kind not in bare) for rule in rules]
    groups = _alike(rules)
    common = {(rule.kind, fill.suffix): fill.way for rule in rules for fill in rule.fills}
    touched = set(_touched(graph.nodes, lowered, groups))
    rest = [
        fill
        for fill in fills
        if common.get((fill.kind, fill.suffix)) != fill.way
        or any(owner == fill.parameter.name and rule != fill.rule for owner, rule in touched)
    ]
    body = [*_tied(graph.parameters), *_loops(groups), *_exceptions(rest, class_of)]
    written = [fill for rule in rules for fill in rule.written]
    return tuple(body), _doc([*written, *rest])


def holders(
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
    missing = _missing(nodes, lowered)
    for node, entry, kind in holders(nodes, lowered):
        own = entry.filled if _refills(entry, kind) else {}
        for parameter in node.parameters:
            if not parameter.shared and not (parameter.buffer and _refills(entry, kind)):
                fill = Fill(parameter, node.path, kind)
                done = own.get(fill.suffix) == parameter.filler
                alone = entry.one_by_one and not done
                lacking = (kind, fill.suffix) in missing and not alone
                optional = lacking or (entry.optional_bias and fill.suffix == "bias")
                yield replace(fill, done=done, optional=optional, alone=alone)


def _missing(nodes: Iterable[Node], lowered: Mapping[str, Lowered]) -> frozenset[tuple[str, str]]:
    """The kinds of modules and what some of a kind have and others don't; weights and biases of
    their own apart, of which is known who may lack them.
    """
    held: dict[str, list[set[str]]] = {}
    for node, _, kind in holders(nodes, lowered):
        suffixes = {Fill(each, node.path, kind).suffix for each in node.parameters}
        held.setdefault(kind, []).append(suffixes - PLAIN)
    return frozenset(
        (kind, suffix)
        for kind, found in held.items()
        for suffix in set().union(*found) - found[0].intersection(*found)
    )


def _refills(entry: Lowered, kind: str) -> bool:
    """Whether a module has `reset_parameters`, as PyTorch's and ours have; others may have."""
    return not entry.text or "def reset_parameters(" in definitions(entry.text).get(kind, "")


def _resetting(nodes: Iterable[Node], lowered: Mapping[str, Lowered]) -> dict[str, bool]:
    """The kinds of modules, and whether they fill something themselves as the spec asks."""
    found: dict[str, bool] = {}
    for node, entry, kind in holders(nodes, lowered):
        if entry.module is not None:
            fills = any(parameter.buffer for parameter in node.parameters) or bool(entry.filled)
            found[kind] = found.get(kind, False) or (fills and _refills(entry, kind))
    return found


def _biases(nodes: Iterable[Node], lowered: Mapping[str, Lowered]) -> frozenset[str]:
    """The kinds of modules that have nothing but a bias."""
    held: dict[str, set[str]] = {}
    for node, _, kind in holders(nodes, lowered):
        held.setdefault(kind, set()).update(each.name for each in node.parameters)
    biases = {kind for kind, names in held.items() if all(n.endswith(".bias") for n in names)}
    return frozenset(biases)


def _tied_without_bias(nodes: Iterable[Node], lowered: Mapping[str, Lowered]) -> frozenset[str]:
    """The kinds of modules of which one has no bias, and nothing else that isn't another's."""
    return frozenset(
        kind
        for node, _, kind in holders(nodes, lowered)
        if all(each.shared and not each.name.endswith(".bias") for each in node.parameters)
    )


def _optional_biases(nodes: Iterable[Node], lowered: Mapping[str, Lowered]) -> frozenset[str]:
    """The kinds of modules that have a `bias` in any case, None where the layer wants none."""
    found = holders(nodes, lowered)
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
    for node, entry, kind in holders(nodes, lowered):
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
        together = [fill for fill in fills if fill.kind == kind and not fill.alone]
        for suffix in dict.fromkeys(fill.suffix for fill in together):
            same = [fill for fill in together if fill.suffix == suffix]
            sizes: Counter[str] = Counter()
            for fill in same:
                sizes[fill.way] += fill.parameter.elements
            chosen = sizes.most_common(1)[0][0]
            common.append(next(fill for fill in same if fill.way == chosen))
        own = [fill for fill in fills if fill.kind == kind]
        holders = {fill.path for fill in own}
        complete = len(own) == len(holders) * len(common) and not any(f.optional for f in own)
        sure = kind in biases or (complete and len(common) > 1)
        rules.append(Rule(kind, tuple(common), sure, resets, kind in optional))
    return [rule for rule in rules if rule.resets or rule.fills]


def _fullest(group: list[Rule]) -> Rule:
    """The rule whose body does for all kinds of a group."""
    return max(group, key=lambda rule: len(rule.written))


def _loops(groups: list[list[Rule]]) -> Iterator[Statement]:
    """A loop over all modules; and behind it one for kinds that hold modules of other kinds, which
    the first has come by.
    """
    outer = [group for group in groups if any(map(_reaches_inside, group))]
    bare = any(fill.optional for group in outer for rule in group for fill in rule.fills)
    yield from _loop([group for group in groups if group not in outer], not bare)
    yield from _loop(outer, True)


def _reaches_inside(rule: Rule) -> bool:
    """Whether a kind's weights are those of a module that it holds."""
    return any("." in fill.suffix for fill in rule.fills)


def _loop(groups: list[list[Rule]], sure: bool) -> Iterator[Statement]:
    """One loop over all modules, kinds that are filled alike together."""
    branches: list[Block] = []
    for group in groups:
        kinds = Operation(tuple(Name(rule.kind) for rule in group), ("|",) * (len(group) - 1))
        is_sure = sure and all(rule.sure for rule in group)
        fullest = _fullest(group)
        body = [fill_statement(fill, "module", is_sure) for fill in fullest.written]
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
            if fill.optional or fill.alone:
                yield Do(fill.code(f"self.{fill.getter}({quoted(fill.parameter.name)})"))
            else:
                yield Do(fill.code(f"self.{fill.parameter.name}"))
        return
    body = tuple(fill_statement(f, "layer", not f.optional) for f in fills)
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
