"""Graph to plan to text: the PyTorch module that `compile -o net.py` writes."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from netspec.diagnostics import Diagnostics
from netspec.expressions.syntax import children
from netspec.graph import Graph
from netspec.graph.tree import scopes
from netspec.language.names import FORWARD_NAMES
from netspec.lower.options import TorchOptions as Options
from netspec.lower.templates import templates
from netspec.lower.torch.classes.bodies import Bodies
from netspec.lower.torch.classes.classes import Classes
from netspec.lower.torch.classes.folding import inference_plan
from netspec.lower.torch.classes.frozen import frozen
from netspec.lower.torch.classes.groups import pair
from netspec.lower.torch.classes.header import docstring, main_guard
from netspec.lower.torch.classes.initialization import init_plan
from netspec.lower.torch.classes.layout import channels_last
from netspec.lower.torch.classes.merging import Candidate
from netspec.lower.torch.classes.plan import ClassPlan, ModulePlan
from netspec.lower.torch.classes.root import root_class
from netspec.lower.torch.classes.settled import settle
from netspec.lower.torch.code import Assign, Brackets, Name, Statement
from netspec.lower.torch.layers.catalogue import Lowerings
from netspec.lower.torch.layers.fillers import HELPERS
from netspec.lower.torch.python.helpers import NEEDED, Helper
from netspec.lower.torch.python.helpers import names as defined
from netspec.lower.torch.python.layout import flat, signature, statement_lines
from netspec.lower.torch.python.names import CLASS_RESERVED, RESERVED, Names
from netspec.lower.torch.python.runs import tidied
from netspec.lower.torch.regions.regions import Regions
from netspec.lower.torch.regions.worked import Worked
from netspec.lower.torch.registry import Lowered
from netspec.lower.torch.structure.again import check_uses
from netspec.lower.torch.structure.forms import Forms
from netspec.lower.torch.structure.in_place import in_place
from netspec.lower.torch.structure.multiples import CHECK, multiples
from netspec.lower.torch.structure.steps import Steps
from netspec.lower.torch.structure.wiring import Wiring
from netspec.lower.torch.terms.symbols import table_name
from netspec.lower.torch.terms.terms import Term
from netspec.lower.torch.terms.text import python

if TYPE_CHECKING:
    from jinja2 import Environment

PLAIN = Options()


def to_source(graph: Graph, options: Options = PLAIN, *, probe: bool = False) -> str:
    """The source of a module that imports torch alone.

    With `probe` each layer that is a mere function stands in a call of a global function
    `probe(module, name, value)`, which the caller provides. No more is lost than the constructor's
    parameters.
    """
    return render(plan_module(graph, options, probe))


def plan_module(graph: Graph, options: Options = PLAIN, probe: bool = False) -> ModulePlan:
    """Every decision about the emitted module."""
    wiring = Wiring(graph)
    check_uses(wiring, Lowerings().of)
    every = frozenset(graph.variables)
    closed = every if probe else frozenset()
    worked = Worked()
    while True:
        plan, decided = _plan(graph, wiring, worked, options, closed, probe)
        # Layers that are folded by name are those of this network, whatever its constructor is
        # given.
        if plan is not None and plan.inference is not None and plan.inference.pairs:
            decided = every
        if plan is not None and decided <= closed:
            return replace(plan, classes=tuple(map(tidied, plan.classes)))
        closed |= decided


def _plan(
    graph: Graph,
    wiring: Wiring,
    worked: Worked,
    options: Options,
    closed: frozenset[str],
    probe: bool,
) -> tuple[ModulePlan | None, frozenset[str]]:
    """The module with some vars closed, and those that must be closed, as it turns out; None where
    that turns out before there is a module.
    """
    # Vars and args become parameters, which would hide a class or a table in the constructors that
    # need it.
    args = (scope.args for scope in scopes(graph.root))
    given = {graph.class_name, *graph.variables}.union(*args)
    lowerings = Lowerings()
    regions = Regions(graph, wiring, lowerings.of, worked, closed, given | CLASS_RESERVED)
    lowerings.finish()
    decided = regions.decided()
    if not decided <= closed:
        return None, decided
    lowered = in_place(graph, regions.lowered) if options.inplace else regions.lowered
    helpers = _helpers(graph, lowered)
    taken = defined(helpers)
    _check_names(graph, taken)
    # A parameter of that name would hide what the code needs.
    hiding = frozenset(graph.variables) & (RESERVED | taken)
    if not hiding <= closed:
        return None, hiding
    forms = Forms(graph, lowered, wiring)
    steps = Steps(forms, wiring, probe)
    names = Names({*given, *taken, *map(table_name, regions.named)})
    classes = Classes(forms, wiring, regions, names, taken)
    bodies = Bodies(forms, wiring, steps, regions, taken)
    classes.plan(bodies)
    init = init_plan(graph, lowered, classes.names(graph.root))
    root = _root(graph, forms, regions, bodies, taken, init, options)
    plan = ModulePlan(
        docstring(graph),
        helpers,
        (*classes.plans, root),
        main_guard(graph, options),
        inference_plan(graph, forms) if options.inference else None,
        tuple(_tables(regions.named, (*classes.plans, root))),
    )
    return plan, regions.decided()


def _root(
    graph: Graph,
    forms: Forms,
    regions: Regions,
    bodies: Bodies,
    taken: Collection[str],
    init: tuple[tuple[Statement, ...], str],
    options: Options,
) -> ClassPlan:
    """The network's class, and with it the last word on what its vars and counts may be."""
    body = bodies.of(graph.root, regions.root)
    settled = settle([Candidate(graph.root, regions.root, body)], taken)
    regions.finish()
    counts = list(regions.root.counted())
    layout = channels_last(graph, forms, Name("self")) if options.channels_last else ()
    last = (*frozen(graph, forms), *layout)
    root = root_class(graph, settled, counts, body.tensors, taken, init, last, options)
    if regions.counts and _names_elements(root):
        regions.fix_counts()
    return root


def _names_elements(root: ClassPlan) -> bool:
    """Whether the network's class names elements of containers, which another count would move."""
    groups = root.groups.body if root.groups is not None else ()
    text = "\n".join(_code(each, 0) for each in (*root.init, *groups, *root.body))
    return re.search(r'"[\w.]*\.[0-9]+\.[\w.]*"', text) is not None


def _tables(named: Mapping[str, Term], classes: Collection[ClassPlan]) -> Iterator[Assign]:
    """The spec's tables that the constructors go through."""
    text = "\n".join(_code(each, 0) for plan in classes for each in plan.body)
    for symbol, table in named.items():
        if re.search(rf"\b{table_name(symbol)}\b", text):
            rows = (Name(python(row)) for row in children(table))
            yield Assign((table_name(symbol),), Brackets("()", tuple(rows)))


def _helpers(graph: Graph, lowered: Mapping[str, Lowered]) -> tuple[Helper, ...]:
    """What `forward` checks its inputs with, what layers need by name, and what fillers do."""
    found = {Helper(entry.helper, entry.text) for entry in lowered.values() if entry.helper}
    found |= {Helper(NEEDED[each.name]) for each in found if each.name in NEEDED and not each.text}
    fillers = {p.filler.type for p in graph.parameters if not p.shared}
    filling = (Helper(name) for name in HELPERS if name.rstrip("_") in fillers)
    checking = [CHECK] if any(map(multiples, graph.inputs)) else []
    return (*checking, *sorted(found), *filling)


def _check_names(graph: Graph, helpers: Collection[str]) -> None:
    """Refuse names that the user counts on and that would hide something which the code needs."""
    found = Diagnostics()
    help = "give the spec another `name`"
    name = graph.class_name
    if name in helpers:
        message = f"the network is called `{name}`, as a class that a layer of it needs"
        found.error("not-lowerable", message, help=help)
    elif name in CLASS_RESERVED:
        message = f"the network is called `{name}`, which means something else in its source"
        found.error("not-lowerable", message, help=help)
    for blob in graph.inputs:
        if blob.name in FORWARD_NAMES or blob.name in helpers:
            message = f"an input is called `{blob.name}`, which `forward` needs for something else"
            found.error("not-lowerable", message, help=f"call it `{blob.name}_`")
    found.raise_errors()


def render(plan: ModulePlan) -> str:
    """The text of a plan."""
    body = _templates().get_template("body.py.j2").render(plan=plan).rstrip()
    names = [name for name in ("Tensor", "nn") if re.search(rf"\b{name}\b", body)]
    sequence = re.search(r"\bSequence\[", body) is not None
    return (
        _templates()
        .get_template("module.py.j2")
        .render(
            plan=plan,
            body=body,
            names=names,
            math=re.search(r"\bmath\.", body) is not None,
            sequence=sequence,
            functional=re.search(r"\bF\.", body) is not None,
        )
    )


@cache
def _templates() -> "Environment":
    environment = templates("torch")
    environment.filters["code"] = _code
    environment.filters["pair"] = lambda multipliers: flat(pair(multipliers))
    environment.globals["signature"] = signature
    return environment


def _code(statement: Statement, indent: int) -> str:
    return "\n".join(statement_lines(statement, indent))
