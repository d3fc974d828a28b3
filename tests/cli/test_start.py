"""What meets a newcomer: the start, the examples of the help, hints, completion."""

import shlex
import shutil
from pathlib import Path

import pytest

from netspec.cli.app import COMPLETING, VERBS
from netspec.cli.examples import EXAMPLES
from netspec.cli.hints import NEXT
from netspec.cli.start import START
from tests.cli.conftest import Run
from tests.cli.terminal import on_terminal

PROTOTXT = """
name: "tiny"
input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }
layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip"
  inner_product_param { num_output: 2 } }
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> Path:
    """A folder with the files that the examples name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train_val.prototxt").write_text(PROTOTXT)
    assert run("init", "lenet", "-o", "mine.yaml").status == 0
    return tmp_path


def test_the_program_alone_says_how_to_begin(run: Run) -> None:
    result = run()
    assert (result.status, result.out, result.err) == (0, START, "")


def test_the_first_steps_work_as_they_stand(desk: Path, run: Run) -> None:
    steps = [line.strip().split("  ")[0] for line in START.splitlines() if line[:2] == "  "]
    assert len(steps) == 5
    (desk / "mine.yaml").unlink()
    for step in steps:
        result = run(*shlex.split(step)[1:])
        assert result.status == 0, result.err


def test_every_verb_has_an_example() -> None:
    assert [*EXAMPLES] == [*VERBS]


# No caffemodel is at hand; `>` is the shell's.
APART = ("doctor", "train", "test", "predict", "verify", "plot", "lsp", "view")
"""What runs PyTorch, reads what a run has left, or serves, and has tests of its own."""
RUN = [
    each
    for verb, examples in EXAMPLES.items()
    for each in examples
    if verb not in APART and "caffemodel" not in each and "> " not in each
]


@pytest.mark.parametrize("example", RUN)
def test_an_example_works(desk: Path, run: Run, example: str) -> None:
    if example.startswith("init"):
        (desk / "mine.yaml").unlink()
    result = run(*shlex.split(example))
    assert result.status == 0, result.err
    assert "error" not in result.err


def test_the_help_of_a_verb_ends_with_its_examples(run: Run) -> None:
    help = run("summary", "--help").out
    assert help.endswith(
        "\n\n  Examples:\n"
        "    netspec summary resnet50 --depth 1\n"
        "    netspec summary resnet50 --input data=1x3x320x320 --columns "
        "name,top,macs,receptive_field\n"
        "    netspec summary resnet50 --training --budget 24GiB\n"
    )


def test_a_hint_is_given_once_on_a_terminal(tmp_path: Path) -> None:
    state = str(tmp_path / "state")
    first = on_terminal("list", "lenet5", width=100, NETSPEC_STATE=state)
    assert first.endswith(f"next: {NEXT['list']}\n")
    assert "next:" not in on_terminal("list", "lenet5", width=100, NETSPEC_STATE=state)


@pytest.mark.parametrize("arguments", [("list", "lenet5"), ("list", "--help")])
def test_no_hint_elsewhere(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("NETSPEC_STATE", str(tmp_path / "state"))
    assert run(*arguments).err == ""
    assert not (tmp_path / "state").exists()


def test_where_nothing_can_be_kept_there_is_no_hint(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.touch()
    assert "next:" not in on_terminal("list", "lenet5", width=100, NETSPEC_STATE=str(blocked))


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("netspec su", ["summary"]),
        ("netspec summary resnet50_v", ["resnet50_v1"]),
        ("netspec check mi", ["mine.yaml"]),
        ("netspec check ne", ["nets/"]),
        ("netspec check nets/a", ["nets/a.yml"]),
        ("netspec diff alexnet_ow", ["alexnet_owt"]),
        ("netspec init mi", []),
        ("netspec compile mine.yaml --to safe", ["safetensors"]),
        ("netspec layers Inst", ["InstanceNorm"]),
        ("netspec train lenet --recipe lenet", ["lenet_digits"]),
        ("netspec test lenet --recipe min", ["mine.yaml"]),
        ("netspec summary --device a100-4", ["a100-40gb"]),
    ],
)
def test_a_shell_is_told_what_could_come_next(
    desk: Path, run: Run, monkeypatch: pytest.MonkeyPatch, typed: str, offered: list[str]
) -> None:
    (desk / "nets").mkdir()
    (desk / "nets" / "a.yml").touch()
    shutil.copy("mine.yaml", "minor.txt")
    monkeypatch.setenv(COMPLETING, "complete_bash")
    monkeypatch.setenv("COMP_WORDS", typed)
    monkeypatch.setenv("COMP_CWORD", str(len(typed.split()) - 1))
    assert run().out.split() == offered
