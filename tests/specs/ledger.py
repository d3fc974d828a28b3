"""What papers, lectures and implementations say of the stock networks, beside what these have.

`docs/ledger.md` is made of what the stock specs expect:

    python -m tests.specs.ledger
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from netspec.analysis.expectations import Verdict, judge, said, shown
from netspec.api import open_program
from netspec.diagnostics import Diagnostics
from netspec.elaborate import Overrides
from netspec.elaborate.expectations import Expectations
from netspec.resources import stock_files
from netspec.stock import names_in, read_location

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "ledger.md"

_INTRODUCTION = """\
# The ledger

What papers, lectures and implementations state of the stock networks, and what these have:
{count} figures of {networks} networks, {differ} of which differ. Each stands in a spec, which
[expects](language.md#expectations) it, and `netspec check` holds it: a figure that is the
network's, or one that isn't, for the reason that is given. `about` is a figure rounded to the
digits that are written; MACs are what most papers call FLOPs.

<!-- Made from specs/ by `make docs`. -->
"""
_HEADER = "| network | figure | published | by | found |{more}\n|---|---|---|---|---|{rule}"


def verdicts(path: Path) -> Iterator[tuple[str, Verdict]]:
    """What a stock file expects of its networks, with their names."""
    diagnostics = Diagnostics()
    names = names_in(path)
    first = next(iter(names.values()))
    program = open_program(read_location(first), first.folder, diagnostics)
    expectations = Expectations(program.document, diagnostics, program.budget)
    for name, location in names.items():
        graph = program.graph(location.variant, Overrides())
        assert graph is not None
        for verdict in judge(graph, expectations.of(location.variant, graph.variables)):
            yield name, verdict
    diagnostics.raise_errors()


def page(paths: Iterable[Path]) -> str:
    """The page, of some stock files."""
    found = {
        path.stem: [each for each in verdicts(path) if _is_published(each[1])] for path in paths
    }
    every = [each for rows in found.values() for each in rows]
    differing = [each for each in every if each[1].expectation.differs is not None]
    introduction = _INTRODUCTION.format(
        count=len(every), networks=len({name for name, _ in every}), differ=len(differing)
    )
    header = _HEADER.format(more=" why |", rule="---|")
    rows = [f"{_row(*each)} {each[1].expectation.differs} |" for each in differing]
    parts = [introduction, _section("Where they differ", header, rows)]
    for stem, listed in found.items():
        rows = [_row(*each) for each in listed if each not in differing]
        if rows:
            parts.append(_section(stem, _HEADER.format(more="", rule=""), rows))
    return "\n".join(parts)


def _section(title: str, header: str, rows: list[str]) -> str:
    lines = "\n".join([header, *rows])
    return f"## {title}\n\n{lines}\n"


def _is_published(verdict: Verdict) -> bool:
    return verdict.expectation.source is not None


def _row(name: str, verdict: Verdict) -> str:
    expectation = verdict.expectation
    assert verdict.complaint is None, verdict.complaint
    assert verdict.found is not None
    figure = expectation.figure + (f" of {expectation.name}" if expectation.name else "")
    if expectation.at:
        figure += " at " + ", ".join(f"{size} = {at}" for size, at in expectation.at.items())
    published = " and ".join(map(said, expectation.claims))
    cells = [name, figure, published, str(expectation.source), shown(expectation, verdict.found)]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(stock_files()), encoding="utf-8")
