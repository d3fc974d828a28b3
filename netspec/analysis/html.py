"""A summary for a notebook: a line for each layer, in scopes that fold.

It is HTML that stands by itself: no script, nothing from elsewhere, everything escaped, and no more
lines than a page bears.
"""

from collections.abc import Iterator
from html import escape

from netspec.analysis.columns.catalogue import columns, counted
from netspec.analysis.columns.column import Column, Unit
from netspec.analysis.columns.figures import Place
from netspec.analysis.layout import end
from netspec.analysis.places import place_of
from netspec.analysis.summary import Summary
from netspec.analysis.table import title, totals_text
from netspec.analysis.units import short
from netspec.graph import Node, Scope

LINES = 1_000
"""Layers and scopes that a page has; scopes beyond that don't open."""
LEVELS = 8
"""Scopes within scopes that open."""
LONGEST = 60
"""Characters of a cell."""
SHOWN = ("type", "top", "params", "macs", "share")

STYLE = """\
.netspec{font:13px/1.5 ui-monospace,monospace;max-width:72em}
.netspec .r{display:grid;grid-template-columns:minmax(12em,1fr) 9em 15em 7em 7em 4em 6em;gap:1em}
.netspec .r>*{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.netspec .n{text-align:right}.netspec .h{font-weight:bold;border-bottom:1px solid}
.netspec summary{cursor:pointer;list-style:none}
.netspec .r>:first-child::before{content:"";display:inline-block;width:1.2em}
.netspec summary .r>:first-child::before{content:"\\25b8"}
.netspec details[open]>summary .r>:first-child::before{content:"\\25be"}
.netspec .b{height:.7em;align-self:center;background:#4a90d9}
.netspec pre{margin:.5em 0 0}"""


def to_html(summary: Summary) -> str:
    """The network as a tree of lines, and its totals below; its scopes are closed."""
    chosen = columns(counted(SHOWN, summary.figures.asked))
    heads = "".join([_cell(each.heading, each) for each in chosen])
    page = [
        f'<div class="netspec"><style>\n{STYLE}\n</style>',
        f"<b>{escape(end(title(summary), 1_000))}</b>",
        f'<span class="r h"><span>layer</span>{heads}</span>',
        *_members(summary, summary.graph.root, _opened(summary.graph.root), chosen, level=0),
    ]
    totals = "\n".join([end(each, 100) for each in totals_text(summary)])
    return "\n".join([*page, f"<pre>{escape(totals)}</pre>", "</div>"])


def _opened(root: Scope) -> set[str]:
    """The paths of the scopes that open: level by level, as far as the lines last."""
    found, left, level = {root.path}, LINES - len(root.members), [root]
    for _ in range(LEVELS):
        level = [each for scope in level for each in scope.members if isinstance(each, Scope)]
        level = [each for each in level if each.path.rpartition(".")[0] in found]
        for scope in level:
            if len(scope.members) <= left:
                left -= len(scope.members)
                found.add(scope.path)
    return found


def _members(
    summary: Summary, scope: Scope, opened: set[str], chosen: tuple[Column, ...], level: int
) -> Iterator[str]:
    for member in scope.members[:LINES]:
        line = _line(summary, place_of(member), chosen, level)
        if isinstance(member, Node) or member.path not in opened:
            yield line
        else:
            yield f"<details><summary>{line}</summary>"
            yield from _members(summary, member, opened, chosen, level + 1)
            yield "</details>"
    more = len(scope.members) - LINES
    if more > 0:
        yield f'<span class="r"><span>… and {more:,} more</span></span>'


def _line(summary: Summary, place: Place, chosen: tuple[Column, ...], level: int) -> str:
    values = {each.name: each.of(summary.figures, place) for each in chosen}
    name = place.path.rpartition(".")[2]
    cells = [f'<span style="padding-left:{1.2 * level:g}em">{escape(name)}</span>']
    cells += [_cell(short(values[each.name], each.unit), each) for each in chosen]
    share = values["share"]
    if isinstance(share, float) and share:
        cells.append(f'<span class="b" style="width:{share:.1%}"></span>')
    return f'<span class="r" title="{escape(place.path)}">{"".join(cells)}</span>'


def _cell(text: str, column: Column) -> str:
    kind = "" if column.unit is Unit.TEXT else ' class="n"'
    return f"<span{kind}>{escape(end(text, LONGEST))}</span>"
