"""The server of a live page, on 127.0.0.1: it answers its page, tells it of changes, and no more.

It reads what it was given and writes nothing. Its routes are fixed: nothing of a URL is a path.
Whoever isn't the page is refused: a request for another host's name (421), as one gets by a name
that is made to point here; one that another site's page has made (403).
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Any, ClassVar, Protocol
from urllib.parse import parse_qsl, urlsplit

from netspec.view.page.document import policy_of, to_json, to_page

ADDRESS = "127.0.0.1"
EVERY = 0.02
"""Seconds between two looks at the files."""
PATIENCE = 10
"""Looks that a file may be empty or gone for while an editor writes it."""
KEEP_ALIVE = 15.0
"""Seconds after which something is sent to a page, by which the server learns that it's gone."""
FIELDS = 2_000
"""Controls that a page has, at most."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": policy_of(live=True),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Source(Protocol):
    """What a page shows: `answer` is its data for what is asked by its controls, `files` are those
    on which that depends.
    """

    def answer(self, asked: Mapping[str, str]) -> dict[str, Any]: ...
    @property
    def files(self) -> Iterable[Path]: ...


class Watch:
    """Counts how often files have changed, and wakes those who wait for it."""

    def __init__(self, files: Callable[[], Iterable[Path]]) -> None:
        self._files = files
        self._changed = Condition()
        self._ended = Event()
        self.version = 0
        Thread(target=self._look, daemon=True).start()

    def wait(self, beyond: int, seconds: float) -> int:
        """The version, once it is another than that which is known, or the time is over."""
        with self._changed:
            self._changed.wait_for(lambda: self.version != beyond, seconds)
            return self.version

    def end(self) -> None:
        """Look no more."""
        self._ended.set()

    def _look(self) -> None:
        before, missing = self._seen(), 0
        while not self._ended.wait(EVERY):
            now = self._seen()
            if now.keys() != before.keys():
                # Other files are read now, which the last answer knows as they are.
                before = {**now, **{path: seen for path, seen in before.items() if path in now}}
            if now == before:
                continue
            missing = missing + 1 if not all(seen and seen[-1] for seen in now.values()) else 0
            if 0 < missing < PATIENCE:
                continue
            before, missing = now, 0
            with self._changed:
                self.version += 1
                self._changed.notify_all()

    def _seen(self) -> dict[Path, tuple[int, ...]]:
        return {path: _state(path) for path in self._files()}


def _state(path: Path) -> tuple[int, ...]:
    """What changes with a file, its size last; empty where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return ()
    return found.st_ino, found.st_mtime_ns, found.st_size


class Server(ThreadingHTTPServer):
    """Serves the page of a source at a port, a free one for 0; OSError where that can't be had."""

    daemon_threads = True

    def __init__(self, source: Source, port: int = 0) -> None:
        self.source = source
        self.watch = Watch(lambda: source.files)
        super().__init__((ADDRESS, port), _Handler)

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{ADDRESS}:{self.server_port}/"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a request may call this server."""
        names = (ADDRESS, "localhost")
        bare = names if self.server_port == 80 else ()
        return (*(f"{name}:{self.server_port}" for name in names), *bare)

    def answer(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """What the page shows, of files of that version or a later one."""
        version = self.watch.version
        return {**self.source.answer(asked), "version": version}

    def server_close(self) -> None:
        """Serve no more."""
        self.watch.end()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A page that is gone is no matter; anything else is a mistake of ours, and is told."""
        from sys import exc_info

        if not isinstance(exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    server_version = "netspec"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 60
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        refusal = self._refusal()
        if refusal is not None:
            self._send(refusal, "text/plain", refusal.phrase)
            return
        url = urlsplit(self.path)
        try:
            asked = dict(parse_qsl(url.query, keep_blank_values=True, max_num_fields=FIELDS))
        except ValueError:
            self._send(HTTPStatus.BAD_REQUEST, "text/plain", HTTPStatus.BAD_REQUEST.phrase)
            return
        route = self.ROUTES.get(url.path)
        if route is None:
            self._send(HTTPStatus.NOT_FOUND, "text/plain", HTTPStatus.NOT_FOUND.phrase)
        else:
            route(self, asked)

    def _refusal(self) -> HTTPStatus | None:
        """Why this isn't a request of the page's, nor of a user's for the page."""
        if self.headers.get_all("Host", []) not in [[host] for host in self.server.hosts]:
            return HTTPStatus.MISDIRECTED_REQUEST
        if self.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            return HTTPStatus.FORBIDDEN
        origin = self.headers.get("Origin")
        if origin is not None and origin != f"http://{self.headers['Host']}":
            return HTTPStatus.FORBIDDEN
        return None

    def _page(self, asked: Mapping[str, str]) -> None:
        page = to_page({**self.server.answer({}), "live": True})
        self._send(HTTPStatus.OK, "text/html", page)

    def _data(self, asked: Mapping[str, str]) -> None:
        self._send(HTTPStatus.OK, "application/json", to_json(self.server.answer(asked)))

    def _events(self, asked: Mapping[str, str]) -> None:
        """Tell of each change, until the page is gone."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self._say("text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        known, told = -1, False
        while True:
            version = self.server.watch.wait(known, KEEP_ALIVE)
            told = version == known
            text = ":\n\n" if told else f"event: version\ndata: {json.dumps(version)}\n\n"
            self.wfile.write(text.encode())
            self.wfile.flush()
            known = version

    ROUTES: ClassVar[Mapping[str, Callable[["_Handler", Mapping[str, str]], None]]] = {
        "/": _page,
        "/data": _data,
        "/events": _events,
    }

    def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self._say(kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _say(self, kind: str) -> None:
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        for name, value in HEADERS.items():
            self.send_header(name, value)

    def log_message(self, format: str, *args: Any) -> None:
        """Requests aren't told."""
