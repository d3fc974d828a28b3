"""`require`: conditions that are checked before anything is built.

They are checked in order, and the first that doesn't hold is told: one further down may count on
those above it.
"""

from netspec.diagnostics import Diagnostic
from netspec.elaborate.context import Context, Placed, View, shown
from netspec.elaborate.poison import Poisoned
from netspec.elaborate.scope import Scope, Site
from netspec.elaborate.variables import Variables
from netspec.expressions import Environment
from netspec.language.document import Block, Document, Requirement
from netspec.language.values import PlacedError, spoken

CODE = "unmet-requirement"


def require_of_vars(document: Document, variables: Variables) -> None:
    """Check what a spec requires of its vars alone; PlacedError where it doesn't hold."""
    own = [each for each in document.requirements if each.names <= document.vars.keys()]
    for each in own:
        variables.place = each.that.span
        _check(each, variables, _place_of_var(each, variables))


def require_of_spec(context: Context, scope: Scope) -> None:
    """Check what a spec requires of its inputs as well; PlacedError where it doesn't hold."""
    document = context.document
    for each in document.requirements:
        if not each.names <= document.vars.keys():
            _check(each, View(context, scope, each.that), each.that, "", context.notes(scope))


def require_of_block(context: Context, site: Site, block: Block, inner: Scope) -> None:
    """Check what a block requires where it's used; PlacedError where it doesn't hold."""
    for each in block.requirements:
        given = [field for name, field in site.fields.items() if name in each.that.names]
        place = given[0] if len(given) == 1 else site.entry
        view = View(context, inner, each.that)
        _check(each, view, place, f"block {block.name} requires it", context.notes(site.scope))


def _check(
    requirement: Requirement,
    environment: Environment,
    place: Placed,
    why: str = "required",
    notes: tuple[str, ...] = (),
) -> None:
    environment.spend(1)
    that = requirement.that.span
    try:
        held = requirement.that.evaluate(environment)
        if held is True:
            return
        if held is not False:
            message = f"`that` takes a boolean, not {shown(held)}"
            help = "compare it: `$(x != 0)`"
            raise PlacedError(Diagnostic("wrong-type", message, that, help=help))
        sentence = spoken(requirement.say, environment)
    except Poisoned:
        return  # a value that it reads is a mistake, which has been reported
    where = () if place.span.key == that.key else (f"{why} in {that}",)
    raise PlacedError(Diagnostic(CODE, sentence, place.span, notes=(*where, *notes)))


def _place_of_var(requirement: Requirement, variables: Variables) -> Placed:
    """The var at fault, if that can be told: the only one that an override, or else the variant,
    or else the file has given a value of its own, of those that the condition reads, directly or
    through others.
    """
    said = variables.said
    read: set[str] = set()
    names = [*requirement.that.names]
    while names:
        name = names.pop()
        if name in said and name not in read:
            read.add(name)
            names += said[name].names
    for level in variables.levels:
        given = [field for name, field in level.items() if name in read and not field.names]
        if given:
            return given[0] if len(given) == 1 else requirement.that
    return requirement.that
