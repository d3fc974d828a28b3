"""The page of the commands."""

from netspec.cli.app import VERBS
from netspec.cli.examples import EXAMPLES
from tests.pages.commands import PAGE, page


def test_the_page_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run `make pages`"


def test_every_command_is_there() -> None:
    text = page()
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == [*VERBS]
    examples = (f"$ netspec {each}\n" for listed in EXAMPLES.values() for each in listed)
    assert all(each in text for each in examples)
    assert "| `--version` | Print the version. |\n" in text
    assert "`netspec check [OPTIONS] SPEC...`\n" in text
    assert "| `SPEC` | A stock network (`netspec list`), a file (" in text
    assert "| `--dtype <float32\\|float16\\|bfloat16>` | What " in text
