"""The templates of emitted text, in the folders of `codegen/`."""

from typing import TYPE_CHECKING

from netspec.resources import codegen_dir

if TYPE_CHECKING:
    from jinja2 import Environment


def templates(folder: str) -> "Environment":
    """The templates of a folder: a line of a statement leaves none, and what isn't given fails."""
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(codegen_dir() / folder),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
