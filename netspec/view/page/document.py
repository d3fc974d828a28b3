"""The page as one HTML file: nothing is fetched from elsewhere, and only its own script runs.

What a spec says reaches it as JSON, in an element that no browser runs, and is shown as text.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from netspec.printable import printable

FOLDER = Path(__file__).parent
SCRIPTS = ("stretch.js", "tree.js", "draw.js", "table.js", "text.js", "live.js", "main.js")
"""In the order in which they run, as one."""


def to_page(data: Mapping[str, Any]) -> str:
    """The page's text, the same for the same data."""
    graph = data.get("graph")
    title = "netspec" if graph is None else f"{graph['name']} · netspec"
    policy = f'<meta http-equiv="Content-Security-Policy" content="{policy_of(live=False)}">'
    return Template(_read("page.html")).substitute(
        # A page that is served has its policy in its header, which can say more.
        policy="" if data.get("live") else policy,
        title=escape(printable(title)),
        style=style(),
        data=in_script(data),
        script=script(),
    )


def in_script(data: Mapping[str, Any]) -> str:
    """Data as JSON that can stand within a script element: no `<` ends it."""
    return to_json(data).replace("<", "\\u003c")


def to_json(data: Mapping[str, Any]) -> str:
    """Data as JSON of ASCII, without spaces."""
    return json.dumps(data, separators=(",", ":"))


@cache
def style() -> str:
    """The page's CSS."""
    return "\n" + _read("page.css")


@cache
def script() -> str:
    """The page's JavaScript: its files as one, whose names are its own."""
    return '"use strict";\n{\n' + "\n".join(map(_read, SCRIPTS)) + "}\n"


@cache
def policy_of(*, live: bool) -> str:
    """What the page may do: run its own script, and where it is served ask its own server."""
    rules = [
        "default-src 'none'",
        f"script-src '{_digest(script())}'",
        f"style-src '{_digest(style())}'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join([*rules, *(["connect-src 'self'", "frame-ancestors 'none'"] if live else [])])


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
