"""What makes one network another, for a pull request."""

from netspec.analysis.difference.facts import Facts
from netspec.analysis.difference.text import rows_of_totals, told

MANY = 20
"""Lines after which the others are folded away."""
TITLES = {"-": "Gone", "+": "New", ">": "Moved", "~": "Changed"}


def render(difference: Facts) -> str:
    """The figures as a table, and a list of what differs; ends with a newline."""
    a, b = (escaped(name) for name in (difference.name_a, difference.name_b))
    lines = [f"### {a} → {b}", ""]
    lines += [f"| | {a} | {b} | change |", "|---|---:|---:|---:|"]
    lines += [f"| {' | '.join(map(escaped, row))} |" for row in rows_of_totals(difference)]
    found = [*told(difference)]
    for mark, title in TITLES.items():
        items = [f"- {escaped(line[2:])}" for line in found if line.startswith(mark)]
        if items:
            lines += ["", f"**{title}**", "", *items[:MANY], *_folded(items[MANY:])]
    if not found:
        lines += ["", "The layers are the same."]
    return "\n".join(lines) + "\n"


def _folded(items: list[str]) -> list[str]:
    if not items:
        return []
    return ["", f"<details><summary>{len(items)} more</summary>", "", *items, "", "</details>"]


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>|#~" else char for char in text)
