"""Layers that other packages bring, by the entry points of the packages that are installed.

A package offers a layer's class in the group `netspec.layers` and what it becomes in the back ends
in the groups `netspec.lower.torch` and `netspec.lower.onnx`, each under the layer's type. Nothing
is looked up until a spec names a type that the catalogue lacks, and a spec can name no code: only
what the user has installed is ever loaded.
"""

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from netspec.layers import CATALOGUE, Layer

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

LAYERS = "netspec.layers"
STATED = ("family", "source", "flops_rule")
"""What a layer's page needs and has no default."""


class PluginError(Exception):
    """An installed package's layer can't be used; the message says whose and why."""


def find_layer(name: str) -> type[Layer] | None:
    """The class of an installed custom layer; None if there is none, PluginError if it's broken."""
    found = _found(LAYERS, name)
    return None if found is None else _layer(found)


def find_lowering(group: str, layer: object) -> Callable[..., Any] | None:
    """The function of a group that lowers a custom layer; what it raises becomes PluginError.

    None for the catalogue's layers, and where no package has one.
    """
    name = type(layer).__name__
    found = None if CATALOGUE.get(name) is type(layer) else _found(group, name)
    if found is None:
        return None
    lower = _loaded(found)
    if not callable(lower):
        raise _broken(found, "it is no function")
    return lower  # type: ignore[no-any-return]


def installed() -> tuple[dict[str, type[Layer]], list[str]]:
    """All custom layers by their types, and what is wrong with those that can't be used."""
    layers: dict[str, type[Layer]] = {}
    problems: list[str] = []
    for name in sorted(_groups(LAYERS)):
        try:
            found = find_layer(name)
        except PluginError as error:
            problems.append(str(error))
        else:
            if found is not None:
                layers[name] = found
    return layers, problems


def failure(layer: object, error: Exception) -> PluginError:
    """What a custom layer's code raised, as a PluginError."""
    raised = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return PluginError(f"the custom layer `{type(layer).__name__}` fails with {raised}")


def described(group: str, layer: object) -> str:
    """A custom layer and the package whose entry point in a group it has."""
    name = type(layer).__name__
    found = _found(group, name)
    return f"the custom layer `{name}`" + (f" of {_package(found)}" if found is not None else "")


@cache
def _groups(group: str) -> "dict[str, tuple[EntryPoint, ...]]":
    # Most runs get by without it, and it takes its time to import.
    from importlib.metadata import entry_points

    found: dict[str, tuple[EntryPoint, ...]] = {}
    for each in entry_points(group=group):
        # A package that can be found on two paths is listed twice.
        if each not in found.get(each.name, ()):
            found[each.name] = (*found.get(each.name, ()), each)
    return found


def _found(group: str, name: str) -> "EntryPoint | None":
    """The only entry point of a name; PluginError where there is a quarrel about it."""
    offers = _groups(group).get(name, ())
    if not offers:
        return None
    if name in CATALOGUE:
        raise _broken(offers[0], "netspec has a layer of that name itself")
    if len(offers) > 1:
        raise _broken(offers[0], f"{_package(offers[1])} has one of that name too")
    return offers[0]


@cache
def _layer(found: "EntryPoint") -> type[Layer]:
    layer = _loaded(found)
    if not (isinstance(layer, type) and issubclass(layer, Layer)):
        raise _broken(found, "it is no subclass of netspec's `Layer`")
    if layer.__name__ != found.name:
        raise _broken(found, f"its class is called `{layer.__name__}`")
    missing = [f"`{name}`" for name in STATED if not hasattr(layer, name)]
    missing += [
        f"`{name}`"
        for name in ("outputs", "work")
        if getattr(layer, name) is getattr(Layer, name) and not _gives_by_count(layer, name)
    ]
    if missing:
        raise _broken(found, f"its class lacks {', '.join(missing)}")
    try:
        layer.model_rebuild()
    except Exception as error:
        raise _broken(found, f"its fields can't be read: {error}") from error
    return layer


def _gives_by_count(layer: type[Layer], name: str) -> bool:
    return name == "outputs" and layer.outputs_for is not Layer.outputs_for


def _loaded(found: "EntryPoint") -> Any:
    try:
        return found.load()
    # Importing a package runs its code, which may raise anything.
    except Exception as error:
        raised = f"{type(error).__name__}: {error}"
        raise _broken(found, f"loading `{found.value}` fails with {raised}") from error


def _broken(found: "EntryPoint", reason: str) -> PluginError:
    return PluginError(
        f"the custom layer `{found.name}` of {_package(found)} can't be used: {reason}"
    )


def _package(found: "EntryPoint") -> str:
    return f"the package `{found.dist.name}`" if found.dist is not None else "a package"
