"""The options of targets on the command line, made of the fields that say them."""

from collections.abc import Callable
from dataclasses import Field
from enum import Enum, EnumType
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from netspec.lower.options import flag_of, options_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from netspec.targets import Target

Verb = TypeVar("Verb", bound=Callable[..., None])


def taking(
    targets: "Sequence[Target]", *, without: "Collection[str]" = ()
) -> Callable[[Verb], Verb]:
    """Let a verb take the options of targets, which come as keywords (`**values`).

    One that the verb has as a parameter of its own is left to it.
    """
    found = {name: each for target in targets for name, each in options_of(target.options).items()}

    def extended(verb: Verb) -> Verb:
        own = signature(verb)
        parameters = [each for each in own.parameters.values() if each.kind is not each.VAR_KEYWORD]
        left_out = {*without, *own.parameters}
        parameters += [_parameter(name, found[name]) for name in found if name not in left_out]
        # Typer makes the options of what `inspect.signature` gives.
        verb.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
        return verb

    return extended


def _parameter(name: str, field: Field[Any]) -> Parameter:
    about = field.metadata
    kind, default = about["of"], field.default is not True and field.default
    option = typer.Option(
        kind(default) if isinstance(kind, EnumType) else default,
        flag_of(name, field),
        help=about["help"],
        metavar=about.get("metavar"),
        min=about.get("least"),
        case_sensitive=False,
    )
    annotation = kind if default is not None else kind | None
    return Parameter(name, Parameter.KEYWORD_ONLY, default=option, annotation=annotation)


def read_options(target: "Target", values: "Mapping[str, Any]") -> Any:
    """A target's options out of what a verb was given; wrong usage for what doesn't exist or
    doesn't go together.
    """
    if target.options is None:
        return None
    given = {}
    for name, field in options_of(target.options).items():
        if name in values:
            value = values[name]
            plain = value.value if isinstance(value, Enum) else value
            given[field.name] = plain if name == field.name else not plain
    try:
        return target.options(**given)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def refuse_idle(
    context: typer.Context, targets: "Sequence[Target]", own: "Collection[str]" = ()
) -> None:
    """Wrong usage where an option is given of which no target makes use; `own` are the verb's."""
    from netspec.targets import idle_options

    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = [name for name, source in sources.items() if source and source.name == "COMMANDLINE"]
    for flag, reason in idle_options(targets, [each for each in given if each not in own]):
        raise typer.BadParameter(reason, param_hint=flag)
