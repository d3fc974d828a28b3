"""What is given to the Python interface: looked at before it is used, and made Python's own.

A value of a wrong type is a TypeError, one that can't be is a ValueError, both in the caller's
words. What the values mean to a spec is for the elaboration to say, with SpecError.
"""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any, TypeVar

from netspec.graph import Shape
from netspec.listed import listed

if TYPE_CHECKING:
    from netspec.diagnostics import SourceText
    from netspec.recipes import RecipeText


def plain(value: Any) -> Any:
    """A number, text or list as Python's own type: NumPy's scalars and arrays, PyTorch's tensors,
    tuples, ranges and shapes, enumerations of them. Anything else comes back as it is.
    """
    if type(value) in (bool, int, float, str):
        return value
    if hasattr(value, "tolist") and not isinstance(value, type):
        return plain(value.tolist())
    match value:
        case list() | tuple() | range() | Shape():
            return [plain(item) for item in value]
        case int():
            return int.__int__(value)
        case float():
            return float.__float__(value)
        case str():
            return str.__str__(value)
    return value


def text(value: Any, name: str) -> str:
    """Text, where nothing else will do."""
    if not isinstance(value, str):
        hint = ": decode it" if isinstance(value, bytes | bytearray) else ""
        raise TypeError(f"`{name}` should be a str, not {_kind(value)}{hint}")
    return str.__str__(value)


def path(value: Any, name: str) -> str:
    """The name of a file: text, or a path as `pathlib` has them."""
    found = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(found, str):
        raise TypeError(f"`{name}` should be a str or a path, not {_kind(found)}")
    return found


def flag(value: Any, name: str) -> bool:
    """True or False."""
    found = _own(value, name)
    if not isinstance(found, bool):
        raise TypeError(f"`{name}` should be True or False, not {_kind(found)}")
    return found


def integer(value: Any, name: str, least: int | None) -> int:
    """An integer, of at least so much if that is said."""
    found = _own(value, name)
    if type(found) is not int:
        raise TypeError(f"`{name}` should be an integer, not {_kind(found)}")
    if least is not None and found < least:
        raise ValueError(f"`{name}` should be at least {least}, not {found}")
    return found


def choice(value: Any, name: str, choices: Iterable[str]) -> str:
    """One of some words."""
    found = text(value, name)
    known = [repr(each) for each in choices]
    if repr(found) not in known:
        raise ValueError(f"`{name}` should be {listed(known, 'or')}, not {found!r}")
    return found


def names(value: Any, name: str) -> tuple[str, ...]:
    """A list of names; none at all for None."""
    if value is None:
        return ()
    if isinstance(value, str):
        raise TypeError(f"`{name}` should be a list of names: [{value!r}], not {value!r}")
    if isinstance(value, bytes) or not isinstance(value, Iterable):
        raise TypeError(f"`{name}` should be a list of names, not {_kind(value)}")
    return tuple(text(each, f"{name}[{number}]") for number, each in enumerate(value))


def patterns(value: Any, name: str) -> tuple[str, ...]:
    """A list of patterns, or a single one; none at all for None."""
    return (text(value, name),) if isinstance(value, str) else names(value, name)


def shapes(value: Any, name: str) -> dict[str, Any]:
    """Shapes by the names of inputs; none for None."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise TypeError(f"`{name}` should be a mapping of names to shapes, not {_kind(value)}")
    return {text(key, f"a name in {name}"): _own(each, str(key)) for key, each in value.items()}


def variables(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of vars, which may be of any of the types that a spec has."""
    return {name: _own(value, name) for name, value in values.items()}


def recipe(value: Any) -> "RecipeText":
    """A recipe: its file, a stock one's name, or its keys and values; SpecError for what is none
    after all.
    """
    from netspec.recipes.files import recipe_in

    return recipe_in(recipe_source(value))


def recipe_source(value: Any) -> "SourceText":
    """The text of a recipe, given as for `recipe`."""
    from pathlib import Path

    from yaml import YAMLError

    from netspec.diagnostics import SourceText
    from netspec.recipes.stock import recipe_text
    from netspec.source.writer import write

    if isinstance(value, Mapping):
        try:
            return SourceText("<recipe>", write(variables(value)))
        except YAMLError as error:
            raise TypeError(f"`recipe` holds what no recipe does: {error}") from error
    found = path(value, "recipe")
    return recipe_text(Path(found) if isinstance(value, os.PathLike) else found)


def items(value: Any, name: str) -> Any:
    """Arrays by their names, or an iterable of items."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise TypeError(f"`{name}` should be arrays by their names, or items, not {_kind(value)}")
    return value


def weights(value: Any, name: str) -> Any:
    """A module, a state dict, a mapping of arrays, or the name of a file; None for none."""
    if isinstance(value, str | os.PathLike):
        return path(value, name)
    if value is None or isinstance(value, Mapping) or hasattr(value, "state_dict"):
        return value
    kinds = "a module, a state dict, a mapping of arrays or a file"
    raise TypeError(f"`{name}` should be {kinds}, not {_kind(value)}")


Options = TypeVar("Options")


def options(kind: type[Options], **given: Any) -> Options:
    """What is asked of a target, each option as its field says (`netspec.lower.options`)."""
    every: tuple[Field[Any], ...] = fields(kind)  # type: ignore[arg-type]
    return kind(**{each.name: _option(given[each.name], each) for each in every})


def _option(value: Any, field: Field[Any]) -> Any:
    about = field.metadata
    if value is None and field.default is None:
        return None
    if about["of"] is int:
        return integer(value, field.name, about.get("least"))
    from pathlib import Path

    readers = {bool: flag, Path: weights, list[str]: patterns}
    read: Callable[[Any, str], Any] = readers.get(about["of"], text)
    return read(value, field.name)


def _own(value: Any, name: str) -> Any:
    """A value as `plain` has it; ValueError for a list that holds itself."""
    try:
        return plain(value)
    except RecursionError:
        raise ValueError(f"`{name}` is nested without end") from None


def _kind(value: Any) -> str:
    """A value as a message has it: itself where that is short, else its type."""
    if value is None or type(value) in (bool, int, float, str, bytes):
        shown = repr(value)
        if len(shown) <= 40:
            return shown
    return f"a {type(value).__name__}"
