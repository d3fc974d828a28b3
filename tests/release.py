"""What a release says of itself: its notes, from CHANGELOG.md, if all that bears a version agrees.

    python -m tests.release      # the notes of this version

The version stands in netspec/_version.py. Its release is the commit with the tag `v` and that
version, from which dist/ is built.
"""

import re
import subprocess
import sys
from pathlib import Path

from netspec._version import __version__

ROOT = Path(__file__).parents[1]


def notes(changelog: str, version: str) -> str:
    """The section of a version, without its heading.

    LookupError where there is none, or one without a date: what is still being written has none.
    """
    heading = rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d\n"
    parts = re.split(heading, changelog, maxsplit=1, flags=re.MULTILINE)
    if len(parts) == 1:
        raise LookupError(f"CHANGELOG.md has no heading `## {version} - YYYY-MM-DD`")
    return re.split(r"^## ", parts[1], maxsplit=1, flags=re.MULTILINE)[0].strip() + "\n"


def obstacles(version: str, changed: str, tags: list[str]) -> list[str]:
    """What keeps a commit with these tags, and this `git status`, from being the release."""
    found = ["there are changes that aren't committed"] if changed else []
    if f"v{version}" not in tags:
        found.append(f"the commit hasn't the tag v{version}: `git tag v{version}`")
    return found


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def main() -> int:
    """Print the notes; where this commit isn't that version's release, say why and give 1."""
    try:
        text = notes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), __version__)
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    tags = _git("tag", "--points-at", "HEAD").split()
    found = obstacles(__version__, _git("status", "--porcelain"), tags)
    print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
    print(text, end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
