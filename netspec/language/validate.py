"""Apply a pydantic model to values that know their place, and say in plain words what is wrong."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from netspec.diagnostics import Diagnostic, Span
from netspec.diagnostics.suggest import did_you_mean
from netspec.language.values import Field
from netspec.source.values import Scalar, find

ModelT = TypeVar("ModelT", bound=BaseModel)
Report = Callable[[Diagnostic], None]
Suggest = Callable[[str], str | None]

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
    "none_required": "nothing",
}


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
    answered = set()
    unknown = [each for each in details if each["type"] == "extra_forbidden"]
    for each in unknown:
        name = str(each["loc"][-1])
        key = find(fields[str(each["loc"][0])].node, each["loc"][1:])[1]
        help = None
        if len(each["loc"]) == 1:
            key = fields[name].key
            help = suggest(name) if suggest else did_you_mean(name, model.model_fields)
            answered |= {word for word in (help or "").split("`") if word in model.model_fields}
        else:
            known = each.get("ctx", {}).get("fields") or ()
            help = did_you_mean(name, known)
        span = key.span if key is not None else where
        report(Diagnostic("unknown-field", f"nothing here is called `{name}`", span, help=help))
    for each in _others(details):
        if each["type"] == "missing" and len(each["loc"]) == 1:
            name = str(each["loc"][0])
            if name not in deferred and name not in answered:
                report(Diagnostic("missing-field", f"`{name}` is missing", where))
        else:
            report(_mistake(each, fields))
    return None


def _others(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Errors but for unknown keys; of a union's several complaints about one value, the last."""
    first: dict[object, ErrorDetails] = {}
    for each in details:
        if each["type"] != "extra_forbidden":
            place = tuple(part for part in each["loc"] if not _is_union_tag(part))
            merged = first.setdefault(place, each)
            if merged is not each and merged["type"] in EXPECTED and each["type"] in EXPECTED:
                words = [EXPECTED[merged["type"]], EXPECTED[each["type"]]]
                message = " or ".join(dict.fromkeys(words))
                first[place] = {**merged, "type": "union", "ctx": {"expected": message}}
    return list(first.values())


def _is_union_tag(part: int | str) -> bool:
    return isinstance(part, str) and (
        part in ("str", "int", "bool", "float", "none") or part.startswith(("list[", "dict["))
    )


def _mistake(error: ErrorDetails, fields: Mapping[str, Field]) -> Diagnostic:
    name = str(error["loc"][0])
    field = fields[name]
    path = tuple(part for part in error["loc"][1:] if not _is_union_tag(part))
    node, _ = find(field.node, path)
    code, message = _describe(name, error)
    help = None
    if error["type"] in ("int_type", "int_from_float") and isinstance(error["input"], float):
        help = "`//` divides integers" if field.dynamic else None
    elif isinstance(node, Scalar) and isinstance(node.value, str) and error["type"] in EXPECTED:
        help = "write it without quotes" if node.quoted else None
    return Diagnostic(code, message, node.span, help=help)


def _describe(name: str, error: ErrorDetails) -> tuple[str, str]:
    """The code and the message for an error of pydantic's."""
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if value is None:
        return "wrong-type", f"`{name}` has no value"
    expected = EXPECTED.get(kind) or (context.get("expected") if kind == "union" else None)
    if expected is not None:
        return "wrong-type", f"`{name}` should be {expected}, not {show(value)}"
    if kind == "literal_error":
        return "bad-value", f"`{name}` should be {context['expected']}, not {show(value)}"
    bounds = {
        "greater_than_equal": ("at least", "ge"),
        "greater_than": ("more than", "gt"),
        "less_than_equal": ("at most", "le"),
        "less_than": ("less than", "lt"),
    }
    if kind in bounds:
        words, bound = bounds[kind]
        return "bad-value", f"`{name}` should be {words} {context[bound]}, not {show(value)}"
    if kind == "missing":
        return "missing-field", f"`{error['loc'][-1]}` is missing in `{name}`"
    if kind == "finite_number":
        return "bad-value", f"`{name}` should be a finite number"
    if kind == "pair_type":
        return "wrong-type", f"`{name}` should be a size or [height, width], not {show(value)}"
    message = error["msg"]
    return "bad-value", f"`{name}`: {message[:1].lower()}{message[1:]}"


def show(value: object) -> str:
    """A value as the text of a message has it, at most so long."""
    text = repr(value) if isinstance(value, str) else str(value).lower()
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "a mapping"
    return text if len(text) <= 60 else text[:57] + "…"
