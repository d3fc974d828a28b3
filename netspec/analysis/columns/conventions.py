"""A column for each tool that counts: what it would, by its row of weights."""

from netspec.analysis.columns.column import Column, summed
from netspec.analysis.columns.counting import counting
from netspec.analysis.conventions import CONVENTIONS

COLUMNS = tuple(
    Column(
        name=each.name,
        heading=each.heading,
        about=f"{each.unit} as {each.tool} counts them",
        of=summed(counting(each.name)),
    )
    for each in CONVENTIONS.values()
    if each.tool is not None
)
