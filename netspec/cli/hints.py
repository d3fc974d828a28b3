"""What to do next, said after a command's first success, to a person, once."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

NEXT = {
    "list": "`netspec summary NAME` shows one of them, layer by layer",
    "init": "`netspec check FILE` says what is wrong with it as you change it",
    "check": "`netspec summary SPEC` says what the network costs",
    "summary": "`netspec compile SPEC -o net.py` writes its PyTorch source, `-o net.onnx` ONNX",
    "compile": "`netspec verify SPEC` runs PyTorch and ONNX Runtime on it and compares",
    "train": "`netspec test DIR` says how good it is, `netspec predict DIR FILE` reads new data",
    "import": "`netspec summary FILE` shows what came in, `netspec diff A B` how it differs",
}


def hint(arguments: Sequence[str]) -> None:
    """After a command that succeeded: what to do next, where a person sees it for the first time.

    What was said is kept in the user's folder of state (`NETSPEC_STATE` names another). Where it
    can't be kept nothing is said, for it would be said each time.
    """
    verb = arguments[0] if arguments else ""
    if verb not in NEXT or not (sys.stdout.isatty() and sys.stderr.isatty()):
        return
    if {"-h", "--help"} & {*arguments}:
        return
    if _is_new(verb):
        print(f"next: {NEXT[verb]}", file=sys.stderr)


def _is_new(verb: str) -> bool:
    """Whether a verb's hint was never given; from now on it was."""
    folder = os.environ.get("NETSPEC_STATE")
    if folder is None:
        from platformdirs import user_state_path

        folder = str(user_state_path("netspec"))
    try:
        said = Path(folder, "hints")
        said.mkdir(parents=True, exist_ok=True)
        said.joinpath(verb).touch(exist_ok=False)
    except OSError:  # it is there, or nothing can be kept
        return False
    return True
