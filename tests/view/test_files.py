"""The files: SVG, PNG, dot and Mermaid, their bytes, and what names and docs can do to them."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from netspec import loads
from netspec.diagnostics import SpecError
from netspec.view.build import scene_of
from netspec.view.dot import to_dot
from netspec.view.mermaid import to_mermaid
from tests.cli.conftest import Run, run
from tests.view.networks import BRANCHES, NETWORKS, RESIDUAL

__all__ = ["run"]

GOLDEN = Path(__file__).parent.parent / "golden" / "view"
HOSTILE = """\
netspec: 1
name: Net
doc: '</title><script>alert(1)</script> "quoted" & \\N'
inputs: {data: [N, 3, 8, 8]}
layers:
  - name: block
    doc: "]]> <image href='file:///etc/passwd'/> \\u202e %% click n0 call()"
    layers:
      - {name: a, type: Convolution, num_output: 4, kernel_size: 3}
      - {name: b, type: Convolution, num_output: 4, kernel_size: 3}
"""
EXTRA = "install it with `pip install 'netspec-compiler[draw]'`"


@pytest.mark.parametrize("name", NETWORKS)
def test_the_files_are_what_they_were(name: str) -> None:
    """A drawing that has changed is looked at, and then kept: `python -m tests.view.golden`."""
    scene = scene_of(loads(NETWORKS[name]))
    assert to_dot(scene) == (GOLDEN / f"{name}.dot").read_text(encoding="utf-8")
    assert to_mermaid(scene) == (GOLDEN / f"{name}.mmd").read_text(encoding="utf-8")
    pytest.importorskip("graphlay")
    assert loads(NETWORKS[name]).draw().svg == (GOLDEN / f"{name}.svg").read_text(encoding="utf-8")


def test_names_and_docs_are_text() -> None:
    pytest.importorskip("graphlay")
    svg = loads(HOSTILE).draw(open_all=True).svg
    root = ElementTree.fromstring(svg)
    kinds = {each.tag.partition("}")[2] for each in root.iter()}
    assert kinds == {
        *("svg", "title", "desc", "defs", "marker", "path", "rect", "text", "tspan", "g"),
    }
    hidden = root.find("{http://www.w3.org/2000/svg}desc")
    assert hidden is not None
    assert hidden.text == '</title><script>alert(1)</script> "quoted" & \\N'
    assert "\u202e" not in svg
    assert "href" not in {key for each in root.iter() for key in each.attrib}


def test_what_only_a_file_format_might_misread() -> None:
    """A name of the network's own class of text: quotes, brackets, backslashes."""
    from dataclasses import replace

    from netspec.view.scene import Frame, Scene

    scene = scene_of(loads(BRANCHES))
    box = replace(scene.frame.boxes[0], title='a"]; x\\"', about="<b>`#1`\n")
    hostile = Scene('x" {', scene.caption, None, Frame((box,), ()))
    assert 'digraph "x\\" {" {\n' in to_dot(hostile)
    assert 'n0 [label="a\\"]; x\\\\\\"\\n<b>`#1`\\\\n", ' in to_dot(hostile)
    assert 'n0(["a#34;]; x#92;#34;<br>#60;b#62;#96;#35;1#96;#92;n"])\n' in to_mermaid(hostile)


def test_the_command_line(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "net.yaml"
    spec.write_text(RESIDUAL)
    path = tmp_path / "net.mmd"
    assert run("compile", str(spec), "-o", str(path), "--depth", "1").status == 0
    assert path.read_text(encoding="utf-8").startswith("flowchart TB\n  n0")
    assert "subgraph" not in path.read_text(encoding="utf-8")
    dot = ["compile", str(spec), "-o", "-", "--to", "dot"]
    told = run(*dot, "--open", "basic", "--phase", "train")
    assert told.out.count("subgraph cluster_") == 4  # layer1 ×2, layer2, its first, its others
    wrong = run(*dot, "--open", "bassic")
    assert wrong.status == 1
    assert wrong.err == (
        "error[unknown-name]: there is no block `bassic` to open, nor a scope of that path\n"
        "  = help: did you mean `basic`?\n"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "x.py", "--depth", "1"], "it is for SVG, PNG, Graphviz's dot and Mermaid's"),
        (["-o", "x.svg", "--scale", "2"], "it is for PNG, and none is asked for"),
        (["-o", "x.svg", "--depth", "1", "--open-all"], "every block open has no depth"),
        (["-o", "x.png", "--scale", "9"], "`scale` is at most 8"),
        (["-o", "x.svg", "--depth", "0"], "should be greater than or equal to 1"),
    ],
)
def test_wrong_usage(run: Run, options: list[str], said: str) -> None:
    told = run("compile", "lenet", *options)
    assert told.status == 2
    assert said in " ".join(told.err.split())


def test_a_picture(tmp_path: Path) -> None:
    pytest.importorskip("graphlay")
    picture = loads(RESIDUAL).draw(depth=2, phase="train")
    assert picture._repr_svg_() == picture.svg
    assert repr(picture) == "<drawing of Residual>"
    for suffix in ("svg", "dot", "mmd"):
        picture.save(tmp_path / f"net.{suffix}")
    assert (tmp_path / "net.svg").read_text(encoding="utf-8") == picture.svg
    assert (tmp_path / "net.dot").read_text(encoding="utf-8") == picture.dot
    with pytest.raises(ValueError, match=r"^`path` must end in .svg, .png, .dot or .mmd$"):
        picture.save("net.pdf")


def test_pixels(tmp_path: Path) -> None:
    pytest.importorskip("graphlay")
    pytest.importorskip("resvg_py")
    from struct import unpack

    picture = loads(BRANCHES).draw()
    try:
        small, large = picture.png(1), picture.png(2)
    except SpecError as error:
        pytest.skip(error.diagnostics[0].message)  # no font on this machine
    assert small.startswith(b"\x89PNG")
    size, double = (unpack(">II", each[16:24]) for each in (small, large))
    assert all(abs(2 * one - two) <= 2 for one, two in zip(size, double, strict=True))
    assert picture.png(1) == small
    picture.save(tmp_path / "net.png")
    assert (tmp_path / "net.png").read_bytes() == large
    with pytest.raises(ValueError, match="`scale` is at most 8"):
        picture.png(9)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"depth": 0}, "`depth` should be at least 1, not 0"),
        ({"depth": 1, "open_all": True}, "a drawing with every block open has no depth"),
        ({"phase": "both"}, "phase"),
    ],
)
def test_arguments_that_can_not_be(arguments: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        loads(RESIDUAL).draw(**arguments)  # type: ignore[arg-type]


def test_a_block_that_is_not_there() -> None:
    with pytest.raises(SpecError, match="there is no block `bottleneck` to open"):
        loads(RESIDUAL).draw(open="bottleneck")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "graphlay", None)
    picture = loads(RESIDUAL).draw()
    assert picture.dot.startswith("digraph")
    with pytest.raises(SpecError) as caught:
        picture.save(tmp_path / "net.svg")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.help) == ("missing-extra", EXTRA)
    assert not [*tmp_path.iterdir()]
