"""The examples of README.md: what is shown is what comes."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.test_weights_page import run

README = Path(__file__).resolve().parent.parent / "README.md"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", README.read_text(), re.DOTALL)


def test_the_network_and_a_mistake_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec = blocks("yaml")[0]
    for example in blocks("console"):
        command, _, shown = example.removeprefix("$ ").partition("\n")
        if not command.endswith(" lenet.yaml"):
            continue
        mistaken = spec.replace("num_output: 20", "out_channels: 20")
        Path("lenet.yaml").write_text(mistaken if "error" in shown else spec)
        assert run(command, monkeypatch) == shown


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::netspec.SpecWarning")
def test_the_same_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With weights of a thousand classes in a file, which are then there but for the last layer."""
    import torch

    import netspec

    monkeypatch.chdir(tmp_path)
    trained = netspec.load("alexnet").to_torch(seed=1).state_dict()
    torch.save(trained, "alexnet.pth")
    names: dict[str, Any] = {}
    exec(blocks("python")[0], names)
    made = names["model"].state_dict()
    assert {name for name in made if not torch.equal(made[name], trained[name])} == {
        "fc8.weight",
        "fc8.bias",
    }
    assert made["fc8.weight"].shape == (10, 4096)
