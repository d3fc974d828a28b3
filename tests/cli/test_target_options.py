"""The options of targets on the command line: a field of theirs is an option."""

from dataclasses import dataclass
from inspect import signature
from typing import Any

import pytest
import typer

from netspec.cli.target_options import read_options, taking
from netspec.lower.options import flag_of, option, options_of
from netspec.targets import TARGETS, Target
from tests.cli.conftest import Run


def test_the_options_are_those_of_the_command_line(run: Run) -> None:
    shown = run("compile", "--help").out
    words = " ".join(shown.split())
    for target in TARGETS.values():
        for name, each in options_of(target.options).items():
            assert f" {flag_of(name, each)} " in words
            assert each.metadata["help"].split()[0] in words


@dataclass(frozen=True)
class ToyOptions:
    """Of a target that there isn't."""

    loud: bool = option(False, "Shout.")
    polite: bool = option(True, "Don't say please.")
    times: int = option(1, "How often.", least=1)
    name: str | None = option(None, "Whom to greet.", str, metavar="NAME")

    def __post_init__(self) -> None:
        if self.loud and self.polite:
            raise ValueError("nobody shouts politely")


TOY = Target(lambda *_: None, "toys", ToyOptions)


def asked(*arguments: str) -> ToyOptions:
    """What a verb reads of a command line."""
    found = []

    @taking([TOY])
    def verb(**values: Any) -> None:
        found.append(read_options(TOY, values))

    app = typer.Typer()
    app.command()(verb)
    app([*arguments], standalone_mode=False)
    (made,) = found
    assert isinstance(made, ToyOptions)
    return made


def test_a_field_is_an_option() -> None:
    assert asked() == ToyOptions()
    assert asked("--times", "3", "--name", "Ann") == ToyOptions(times=3, name="Ann")
    assert asked("--no-polite", "--loud") == ToyOptions(loud=True, polite=False)


def test_what_cannot_be_asked_for_is_wrong_usage() -> None:
    with pytest.raises(typer.BadParameter, match="nobody shouts politely"):
        asked("--loud")
    with pytest.raises(typer.BadParameter):
        asked("--times", "0")


def test_an_option_of_a_verb_is_its_own() -> None:
    @taking([TOY], without=["loud"])
    def verb(times: str = "often", **values: Any) -> None: ...

    assert [*signature(verb).parameters] == ["times", "no_polite", "name"]
