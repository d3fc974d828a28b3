"""How much pip is about to fetch, said beforehand where it is a lot.

    python -m tests.download ARGUMENT…

ARGUMENTs are those of `pip install`. It needs Python alone: it runs before anything is installed.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from urllib.request import Request, urlopen

LARGE = 500_000_000
"""Bytes from which on one would rather have been asked."""


def files(arguments: Sequence[str], python: str = sys.executable) -> list[str]:
    """The addresses of what a Python's pip would install; none where it can't tell, as it will
    then say.
    """
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install", "--dry-run"]
    command = [*pip, "--quiet", "--report=-", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        return []
    return [each["download_info"]["url"] for each in json.loads(ran.stdout)["install"]]


def size(url: str) -> int:
    """A file's bytes by its server's word; 0 where that doesn't say."""
    try:
        with urlopen(Request(url, method="HEAD"), timeout=10) as answer:
            return int(answer.headers.get("Content-Length", 0))
    except OSError:
        return 0


def warning(total: int) -> str | None:
    """What to say of a download of so many bytes."""
    if total < LARGE:
        return None
    return (
        f"up to {total / 1e9:.1f} GB are to be fetched, most of it CUDA; without a GPU interrupt "
        "this and give the index of PyTorch's CPU builds:"
        "\n  make TORCH_INDEX=https://download.pytorch.org/whl/cpu …"
    )


if __name__ == "__main__":
    if said := warning(sum(map(size, files(sys.argv[1:])))):
        print(said)
