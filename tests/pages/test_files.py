"""The page of files names what can be written."""

import re

from netspec.targets import SUFFIXES
from tests.pages.links import ROOT

WRITTEN = (ROOT / "docs" / "files.md").read_text(encoding="utf-8").partition("\n## Written\n")[2]


def test_every_suffix_that_a_target_has_is_there() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+?) \|", WRITTEN, re.MULTILINE)
    compiled = " ".join(names for names, by in rows if "`compile`" in by)
    assert {*re.findall(r"\.\w+", compiled)} == {*SUFFIXES}
