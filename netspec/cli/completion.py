"""What a shell offers for an argument that is being typed (`netspec --install-completion`)."""

SUFFIXES = (".yaml", ".yml")


def complete_spec(incomplete: str) -> list[str]:
    """The stock networks and the specs in files that begin so; folders, to go on from."""
    names = [] if "/" in incomplete else complete_stock(incomplete)
    return [*names, *_files(incomplete)]


def complete_stock(incomplete: str) -> list[str]:
    """The stock networks that begin so."""
    from netspec.stock_table import stock_networks

    return [each.name for each in stock_networks() if each.name.startswith(incomplete)]


def complete_recipe(incomplete: str) -> list[str]:
    """The stock recipes and the recipes in files that begin so; folders, to go on from."""
    from netspec.resources import recipe_files

    names = [] if "/" in incomplete else [path.stem for path in recipe_files()]
    return [*(name for name in names if name.startswith(incomplete)), *_files(incomplete)]


def complete_layer(incomplete: str) -> list[str]:
    """The types of layers that begin so."""
    from netspec.layers.catalogue import CATALOGUE

    return [each for each in CATALOGUE if each.startswith(incomplete)]


def complete_device(incomplete: str) -> list[str]:
    """The known devices that begin so."""
    from netspec.devices import known_devices

    return [each for each in known_devices() if each.startswith(incomplete)]


def complete_target(incomplete: str) -> list[str]:
    """The targets that begin so."""
    from netspec.targets import TARGETS

    return [each for each in TARGETS if each.startswith(incomplete)]


def _files(incomplete: str) -> list[str]:
    from glob import escape, glob
    from os.path import isdir

    found = sorted(glob(escape(incomplete) + "*"))
    return [f"{each}/" if isdir(each) else each for each in found if _is_offered(each)]


def _is_offered(path: str) -> bool:
    from os.path import isdir

    return isdir(path) or path.endswith(SUFFIXES)
