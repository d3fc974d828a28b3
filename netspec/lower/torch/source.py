"""Graph to plan to text: the PyTorch module that `compile -o net.py` writes."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from netspec.diagnostics import Diagnostics
from netspec.graph import Graph
from netspec.language.names import FORWARD_NAMES
from netspec.lower.options import TorchOptions as Options
from netspec.lower.torch.bodies import Bodies
from netspec.lower.torch.catalogue import lower_all
from netspec.lower.torch.classes import Classes
from netspec.lower.torch.code import Statement
from netspec.lower.torch.derived import Derivation
from netspec.lower.torch.fillers import HELPERS
from netspec.lower.torch.folding import inference_plan
from netspec.lower.torch.forms import Forms
from netspec.lower.torch.groups import pair
from netspec.lower.torch.header import docstring, main_guard
from netspec.lower.torch.helpers import Helper
from netspec.lower.torch.helpers import names as defined
from netspec.lower.torch.in_place import in_place
from netspec.lower.torch.initialization import init_plan
from netspec.lower.torch.layout import flat, signature, statement_lines
from netspec.lower.torch.names import CLASS_RESERVED, Names
from netspec.lower.torch.plan import ModulePlan
from netspec.lower.torch.reach import args_of
from netspec.lower.torch.registry import Lowered
from netspec.lower.torch.rewrite import constructor_changed
from netspec.lower.torch.root import root_class
from netspec.lower.torch.runs import tidy
from netspec.lower.torch.steps import Steps
from netspec.lower.torch.variables import with_variables
from netspec.lower.torch.wiring import Wiring
from netspec.resources import codegen_dir

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
    plan = _plan(graph, options, probe)
    # Layers that are folded by name are those of this network, whatever its constructor is given.
    if not probe and not (plan.inference and plan.inference.pairs):
        plan = with_variables(graph, plan, partial(_plan, options=options))
    classes = tuple(constructor_changed(each, tidy) for each in plan.classes)
    return replace(plan, classes=classes)


def _plan(graph: Graph, options: Options, probe: bool = False) -> ModulePlan:
    """The module with all vars fixed, and runs of equal elements not yet written out."""
    wiring = Wiring(graph)
    lowered = lower_all(graph.nodes)
    if options.inplace:
        lowered = in_place(graph, lowered, wiring)
    forms = Forms(graph, lowered, wiring)
    helpers = _helpers(graph, lowered)
    taken = defined(helpers)
    _check_names(graph, taken)
    steps = Steps(forms, wiring, probe, taken)
    formulas = graph.origin.formulas if graph.origin is not None else {}
    # Vars and args become parameters, which would hide a class in the constructors that need it.
    args = args_of([graph]).values()
    names = Names({graph.class_name, *taken, *graph.variables}.union(*args))
    derivation = Derivation(formulas, graph.variables, taken)
    classes = Classes(forms, wiring, names, derivation, taken)
    bodies = Bodies(forms, wiring, steps, classes.constructors)
    classes.plan(bodies)
    init = init_plan(graph, lowered, classes.class_of)
    root = root_class(graph, bodies.of(graph.root), steps, init, options)
    return ModulePlan(
        docstring(graph),
        helpers,
        (*classes.plans, root),
        main_guard(graph, options),
        inference_plan(graph, forms, bodies) if options.inference else None,
    )


def _helpers(graph: Graph, lowered: Mapping[str, Lowered]) -> tuple[Helper, ...]:
    """What layers need by name, and behind that what fillers do."""
    found = {Helper(entry.helper, entry.text) for entry in lowered.values() if entry.helper}
    fillers = {p.filler.type for p in graph.parameters if not p.shared}
    filling = (Helper(name) for name in HELPERS if name.rstrip("_") in fillers)
    return (*sorted(found), *filling)


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
            functools=re.search(r"\bfunctools\.", body) is not None,
            sequence=sequence,
            functional=re.search(r"\bF\.", body) is not None,
        )
    )


@cache
def _templates() -> "Environment":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(codegen_dir() / "torch"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["code"] = _code
    environment.filters["pair"] = lambda multipliers: flat(pair(multipliers))
    environment.globals["signature"] = signature
    return environment


def _code(statement: Statement, indent: int) -> str:
    return "\n".join(statement_lines(statement, indent))
