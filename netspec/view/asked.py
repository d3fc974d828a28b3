"""The scene that is asked for by a drawing's options."""

from netspec.diagnostics import Diagnostic, SpecError
from netspec.diagnostics.suggest import did_you_mean
from netspec.graph import Graph
from netspec.graph.tree import scopes
from netspec.view.build import scene_of
from netspec.view.folding import Folding
from netspec.view.options import DrawOptions
from netspec.view.scene import Scene


def scene_for(graph: Graph, options: DrawOptions) -> Scene:
    """The scene of a graph; SpecError for a block to open that isn't there in that phase."""
    view = graph if graph.view is not None else graph.phase(options.phase)
    names = [options.open] if isinstance(options.open, str) else [*options.open]
    if names:
        every = [*scopes(view.root)]
        known = {each.path for each in every[1:]} | {each.block for each in every if each.block}
        for name in names:
            if name not in known:
                raise SpecError([_unknown(name, known)])
    return scene_of(view, Folding(options.depth, options.open_all, frozenset(names)))


def _unknown(name: str, known: set[str]) -> Diagnostic:
    message = f"there is no block `{name}` to open, nor a scope of that path"
    return Diagnostic("unknown-name", message, help=did_you_mean(name, sorted(known)))
