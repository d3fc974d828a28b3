"""The live page's server, asked without a browser: what it answers, whom, and what it renews."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest

from netspec.elaborate import Overrides
from netspec.spec_page import Live
from netspec.stock import Location
from netspec.view.page.server import Server
from tests.cli.conftest import Run, run
from tests.view.networks import RESIDUAL
from tests.view.page.test_document import data_of

__all__ = ["run"]
pytest.importorskip("graphlay")

SPEC = (
    RESIDUAL.replace("blocks:\n", "vars: {classes: 10}\nblocks:\n").replace(
        "num_output: 10}", "num_output: $classes}"
    )
    + "variants:\n  small: {classes: 2}\n"
)


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(SPEC)
    return path


@pytest.fixture
def server(spec: Path) -> Iterator[Server]:
    made = Server(Live(Location(spec, str(spec)), Overrides()))
    Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def ask(
    server: Server, path: str = "/", method: str = "GET", headers: dict[str, str] | None = None
) -> tuple[HTTPResponse, str]:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    connection.request(method, path, headers=headers or {})
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return response, text


def data(server: Server, **asked: str) -> dict[str, Any]:
    response, text = ask(server, f"/data?{urlencode(asked)}")
    assert response.status == 200
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_page(server: Server) -> None:
    response, text = ask(server)
    assert response.status == 200
    assert response.getheader("Content-Type") == "text/html; charset=utf-8"
    policy = response.getheader("Content-Security-Policy") or ""
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    assert response.getheader("Cache-Control") == "no-store"
    assert response.getheader("Cross-Origin-Resource-Policy") == "same-origin"
    assert response.getheader("Access-Control-Allow-Origin") is None
    assert data_of(text)["live"] is True
    assert "http-equiv" not in text


@pytest.mark.parametrize("path", ["/", "/data", "/events"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "example.org"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Host": "example.org:{port}"}, 421),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://example.org"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_others_are_refused(
    server: Server, path: str, headers: dict[str, str], status: int
) -> None:
    port = str(server.server_port)
    response, text = ask(server, path, headers={k: v.format(port=port) for k, v in headers.items()})
    assert (response.status, text) == (status, response.reason)


def test_its_own_are_answered(server: Server) -> None:
    host = f"localhost:{server.server_port}"
    own = {"Host": host, "Sec-Fetch-Site": "same-origin", "Origin": f"http://{host}"}
    assert ask(server, "/data", headers=own)[0].status == 200


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/net.yaml", "GET", 404),
        ("/../net.yaml", "GET", 404),
        ("//etc/passwd", "GET", 404),
        ("/page.css", "GET", 404),
        ("/", "POST", 501),
        ("/data", "PUT", 501),
        ("/data", "OPTIONS", 501),
        (f"/data?{'&'.join(['a=1'] * 3000)}", "GET", 400),
    ],
)
def test_there_is_nothing_else(server: Server, path: str, method: str, status: int) -> None:
    assert ask(server, path, method)[0].status == status


def test_what_controls_ask_for(server: Server) -> None:
    usual = data(server)
    assert usual["controls"] == {
        "variants": ["small"],
        "variant": None,
        "inputs": [["data", "Nx16x32x32"]],
        "vars": [["classes", "10"]],
    }
    fc = 10 * 32 + 10
    params = usual["graph"]["total"][0]
    assert data(server, variant="small")["graph"]["total"][0] == params - fc + 2 * 32 + 2
    assert data(server, **{"set classes": "3"})["graph"]["total"][0] == params - fc + 3 * 32 + 3
    large = data(server, **{"input data": "1x16x64x64"})
    assert large["controls"]["inputs"] == [["data", "1x16x64x64"]]
    assert large["graph"]["total"][1] > 3 * usual["graph"]["total"][1]
    assert data(server, phase="TRAIN")["graph"]["phase"] == "TRAIN"


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ({"set classes": "[1"}, "yaml-syntax", ""),
        ({"set nothing": "1"}, "unknown-var", "has no var `nothing`"),
        ({"input data": "3,4"}, "bad-value", "'3,4' is no shape"),
        ({"input image": "1x3"}, "unknown-var", "has no input `image`"),
        ({"variant": "large"}, "unknown-variant", "`large`"),
    ],
)
def test_what_can_not_be_had(server: Server, asked: dict[str, str], code: str, said: str) -> None:
    found = data(server, **asked)
    assert found["graph"] is None
    assert found["text"] is not None
    assert code in [each["code"] for each in found["diagnostics"]]
    assert said in " ".join(each["message"] for each in found["diagnostics"])


def test_a_broken_spec(server: Server, spec: Path) -> None:
    spec.write_text(SPEC.replace("kernel_size: 3", "kernel_sise: 3", 1))
    found = data(server)
    assert (found["graph"], found["controls"]) == (None, None)
    said = found["diagnostics"][0]
    assert said["code"] == "unknown-field"
    line = found["text"]["lines"][said["line"] - 1]
    assert line[said["column"] - 1 : said["end_column"] - 1] == "kernel_sise"
    spec.write_text("netspec: [")
    assert [each["code"] for each in data(server)["diagnostics"]] == ["yaml-syntax"]
    spec.unlink()
    assert [each["code"] for each in data(server)["diagnostics"]] == ["cannot-read"]
    spec.write_text(SPEC)
    assert data(server)["graph"] is not None


def test_changes_are_told(server: Server, spec: Path) -> None:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
    connection.request("GET", "/events")
    stream = connection.getresponse()
    assert stream.getheader("Content-Type") == "text/event-stream; charset=utf-8"

    def event() -> list[bytes]:
        return [stream.readline() for _ in range(3)]

    assert event() == [b"event: version\n", b"data: 0\n", b"\n"]
    spec.write_text(SPEC + "# more\n")
    assert event() == [b"event: version\n", b"data: 1\n", b"\n"]
    assert data(server)["version"] == 1
    other = spec.with_name("other.yaml")  # as editors save: another file under the same name
    other.write_text(SPEC + "# and more\n")
    other.replace(spec)
    assert event()[1] == b"data: 2\n"
    connection.close()


def test_a_file_that_is_used_is_watched(server: Server, spec: Path) -> None:
    library = spec.with_name("blocks.yaml")
    library.write_text("netspec: 1\nblocks:\n  one:\n    layers: [{name: a, type: ReLU}]\n")
    spec.write_text(
        "netspec: 1\nname: Net\nuse: blocks.yaml\ninputs: {data: [N, 4]}\n"
        "layers: [{name: one, type: one}]\n"
    )
    found = data(server)
    assert found["diagnostics"] == []
    assert [path.name for path in server.source.files] == ["net.yaml", "blocks.yaml"]


def test_it_writes_nothing(server: Server, spec: Path) -> None:
    ask(server)
    data(server)
    assert [*spec.parent.iterdir()] == [spec]


def test_wrong_usage(run: Run, server: Server) -> None:
    told = run("view", "-")
    assert told.status == 2
    assert "a page needs a file that it can read again" in " ".join(told.err.split())
    told = run("view", "lenet", "--no-browser", "--port", str(server.server_port))
    assert told.status == 2
    assert f"can't serve at {server.server_port}: address already in use" in " ".join(
        told.err.replace("│", " ").split()
    )
    assert run("view", "nothing_of_that_name").status == 1
