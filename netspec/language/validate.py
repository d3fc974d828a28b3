"""Apply a pydantic model to values that know their place, and say in plain words what is wrong."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from netspec.counted import counted
from netspec.diagnostics import Diagnostic, Span
from netspec.diagnostics.suggest import did_you_mean, nearest
from netspec.expressions.values import MAPPING_HELP
from netspec.language.values import Field
from netspec.listed import listed
from netspec.source import Scalar
from netspec.source.values import Place, value_at

ModelT = TypeVar("ModelT", bound=BaseModel)
Report = Callable[[Diagnostic], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """Help for a name that nothing bears; `names` are those that were probably meant."""

    help: str | None = None
    names: tuple[str, ...] = ()


def _no_help(name: str, value: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Suggest:
    """Who answers a key that a model doesn't have, and a value that a key doesn't take."""

    name: Callable[[str], Answer]
    value: Callable[[str, object], str | None] = _no_help


EXPECTED = {
    "int_type": "an integer",
    "int_from_float": "an integer",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "extents_type": "an integer or a list of them",
}
_LENGTHS = {"too_short": ("at least", "min_length"), "too_long": ("at most", "max_length")}
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}
_UNION_TAGS = frozenset(("str", "int", "bool", "float", "none"))


def validate(
    model: type[ModelT],
    fields: Mapping[str, Field],
    values: Mapping[str, Any],
    where: Span,
    report: Report,
    suggest: Suggest | None = None,
    deferred: frozenset[str] = frozenset(),
) -> ModelT | None:
    """The model of some values; None, and a report of every mistake, where they aren't one.

    `fields` knows the places; `where` is the place to blame for a key that isn't there.
    `deferred` names keys that will come later; with any, a good result is None as well.
    `suggest` gives the help for an unknown key.
    """
    try:
        result = model.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_url=False)
    else:
        return None if deferred else result
    suggest = suggest or nearest_of(model.model_fields)
    unknown = [each for each in details if each["type"] == "extra_forbidden"]
    answered = {name for each in unknown for name in _report_unknown(each, fields, suggest, report)}
    missing = []
    for each in _merged(details):
        if each["type"] == "missing" and len(each["loc"]) == 1:
            name = str(each["loc"][0])
            if name not in deferred and name not in answered:
                missing.append(f"`{name}`")
        else:
            report(_mistake(each, fields, suggest))
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        report(Diagnostic("missing-field", f"{listed(missing)} {verb} missing", where))
    return None


def nearest_of(names: Mapping[str, Any]) -> Suggest:
    """Answers an unknown name with the nearest of some."""

    def suggest(name: str) -> Answer:
        near = nearest(name, names)
        return Answer(f"did you mean `{near}`?", (near,)) if near else Answer()

    return Suggest(suggest)


def _report_unknown(
    error: ErrorDetails, fields: Mapping[str, Field], suggest: Suggest, report: Report
) -> tuple[str, ...]:
    """Report an unknown key; the names of the fields that its help says were meant."""
    path = error["loc"]
    name, field = str(path[-1]), fields[str(path[0])]
    if len(path) == 1:
        answer, span = suggest.name(name), field.key_span
    else:
        answer = Answer()
        key = value_at(field.node, path[1:])[1]
        span = key.span if key is not None else field.span
    message = f"nothing here is called `{name}`"
    report(Diagnostic("unknown-field", message, span, help=answer.help))
    return answer.names


def _merged(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Errors but for unknown keys; a union's several complaints about one value are one."""
    merged: dict[tuple[int | str, ...], ErrorDetails] = {}
    for each in details:
        if each["type"] == "extra_forbidden":
            continue
        place = _path(each)
        first = merged.setdefault(place, each)
        if first is not each and _expected(first) and _expected(each):
            words = listed(list(dict.fromkeys((_expected(first), _expected(each)))), "or")
            merged[place] = {**first, "type": "union", "ctx": {"expected": words}}
    # The alternative whose items are complained about is the one that was meant.
    whole = {place[:end] for place in merged for end in range(len(place))}
    return [each for place, each in merged.items() if place not in whole]


def _expected(error: ErrorDetails) -> str:
    """The type that pydantic expected, in words; empty where the error is of another kind."""
    if error["type"] == "union":
        return str(error["ctx"]["expected"])
    return EXPECTED.get(error["type"], "")


def _path(error: ErrorDetails) -> tuple[int | str, ...]:
    """Where in the document an error lies, without the tags that pydantic adds for unions."""
    return tuple(
        part
        for number, part in enumerate(error["loc"])
        if number == 0
        or isinstance(part, int)
        or not (part in _UNION_TAGS or part.startswith(("list[", "dict[")))
    )


def _mistake(error: ErrorDetails, fields: Mapping[str, Field], suggest: Suggest) -> Diagnostic:
    name, *path = _path(error)
    field = fields[str(name)]
    node, _ = value_at(field.node, tuple(path))
    # The key itself, not the mapping that it is in; of an item the list.
    keys = [part for part in (name, *path) if isinstance(part, str)]
    code, message = _describe(keys[-1], error)
    help = suggest.value(str(name), error["input"]) or _remedy(error, node, field)
    return Diagnostic(code, message, node.span, help=help)


def _remedy(error: ErrorDetails, node: Place, field: Field) -> str | None:
    """What to do about a value of the wrong kind."""
    kind, value = error["type"], error["input"]
    if kind == "literal_error":
        return did_you_mean(str(value), re.findall("'(.*?)'", error["ctx"]["expected"]))
    if kind == "extents_length":
        return "a list goes outermost first: [length], [height, width] or [depth, height, width]"
    if isinstance(value, dict) and field.dynamic:
        return MAPPING_HELP
    if kind in ("int_type", "int_from_float") and isinstance(value, float):
        return "`//` divides integers" if field.dynamic else None
    if isinstance(node, Scalar) and isinstance(node.value, str) and _expected(error):
        return "write it without quotes" if node.quoted and "$" not in node.value else None
    if _expected(error).startswith("text") and not isinstance(value, list | dict):
        return "quote it"
    return None


def _describe(name: str, error: ErrorDetails) -> tuple[str, str]:
    """The code and the message for an error of pydantic's."""
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if _expected(error):
        return "wrong-type", f"`{name}` should be {_expected(error)}, not {show(value)}"
    if kind == "literal_error":
        return "bad-value", f"`{name}` should be {context['expected']}, not {show(value)}"
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return "bad-value", f"`{name}` should be {words} {context[bound]}, not {show(value)}"
    if kind in _LENGTHS:
        words, bound = _LENGTHS[kind]
        items = counted(context[bound], "item")
        return "bad-value", f"`{name}` should have {words} {items}, not {context['actual_length']}"
    if kind == "missing":
        return "missing-field", f"`{name}` is missing in `{error['loc'][0]}`"
    if kind == "finite_number":
        return "bad-value", f"`{name}` should be a finite number"
    message = error["msg"]
    return "bad-value", f"`{name}`: {message[:1].lower()}{message[1:]}"


def show(value: object) -> str:
    """A value as the text of a message has it, at most so long."""
    if isinstance(value, list | tuple | dict):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"
