"""A result file appears whole or not at all, whatever happens on the way."""

import os
import resource
import signal
import stat
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from netspec import output
from netspec.diagnostics import SpecError
from netspec.output import (
    landing,
    replacing,
    replacing_all,
    require_folder,
    spare,
)

LINUX = sys.platform == "linux"
UNPRIVILEGED = os.geteuid() != 0


@pytest.fixture(params=["unnamed", "named"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to make a file: the one of this system, and the one for all others."""
    way = str(request.param)
    if way == "named":
        monkeypatch.setattr(output, "_has_unnamed_files", lambda folder: False)
    elif not LINUX:
        pytest.skip("unnamed files are Linux's")
    return way


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def write(path: str | Path, content: bytes = b"new") -> None:
    with replacing(path) as file:
        file.write(content)


def refusal(path: str | Path, content: bytes = b"new") -> str:
    """The message of the error that writing to the path gives."""
    with pytest.raises(SpecError) as caught:
        write(path, content)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "cannot-write"
    return diagnostic.message


# --- how it ends well


@pytest.mark.usefixtures("way")
def test_a_new_file_appears_when_the_block_ends(tmp_path: Path) -> None:
    with replacing(tmp_path / "x") as file:
        file.write(b"new")
        file.flush()
        assert not (tmp_path / "x").exists()
    assert files(tmp_path) == {"x": b"new"}


@pytest.mark.usefixtures("way")
def test_an_old_file_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"the old one, which is longer")
    write(tmp_path / "x")
    assert files(tmp_path) == {"x": b"new"}


@pytest.mark.usefixtures("way")
def test_who_reads_the_old_file_reads_it_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    with (tmp_path / "x").open("rb") as reader:
        write(tmp_path / "x")
        assert reader.read() == b"old"


@pytest.mark.usefixtures("way")
def test_a_path_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("x")
    write("x", b"newer")
    assert files(tmp_path) == {"x": b"newer"}


@pytest.mark.usefixtures("way")
def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    name = "x" * 255
    write(tmp_path / name)
    write(tmp_path / name, b"newer")
    assert files(tmp_path) == {name: b"newer"}


@pytest.mark.usefixtures("way")
def test_the_umask_decides_on_a_new_file_and_the_old_one_on_its_heir(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write(tmp_path / "new")
        (tmp_path / "old").touch()
        (tmp_path / "old").chmod(0o751)
        write(tmp_path / "old")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o751


@pytest.mark.usefixtures("way")
def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"old")
    (tmp_path / "link").symlink_to("folder/file")
    (tmp_path / "dangling").symlink_to("folder/other")
    write(tmp_path / "link")
    write(tmp_path / "dangling")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "dangling").is_symlink()
    assert files(tmp_path / "folder") == {"file": b"new", "other": b"new"}


@pytest.mark.usefixtures("way")
def test_a_file_that_somebody_else_makes_meanwhile_is_replaced(tmp_path: Path) -> None:
    with replacing(tmp_path / "x") as file:
        (tmp_path / "x").write_bytes(b"somebody else's")
        file.write(b"new")
    assert files(tmp_path) == {"x": b"new"}


def test_a_pipe_is_written_to_as_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write(tmp_path / "pipe")
    reader.join()
    assert read == [b"new"]
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


@pytest.mark.skipif(not LINUX, reason="/dev/stdout is a link of another kind elsewhere")
def test_standard_output_by_its_path() -> None:
    program = (
        "from netspec.output import replacing\n"
        "with replacing('/dev/stdout') as file: file.write(b'x')"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, capture_output=True, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"x", b"")


# --- how it ends otherwise


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("old", [{}, {"x": b"old"}])
@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_exception_leaves_all_as_it_was(
    tmp_path: Path, old: dict[str, bytes], kind: type[BaseException]
) -> None:
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)

    def write_and_raise() -> None:
        with replacing(tmp_path / "x") as file:
            file.write(b"new" * 10_000)
            raise kind

    with pytest.raises(kind):
        write_and_raise()
    assert files(tmp_path) == old


@pytest.mark.usefixtures("way")
def test_an_exception_between_link_and_replace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "x").write_bytes(b"old")
    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "x")
    assert files(tmp_path) == {"x": b"old"}


@pytest.mark.usefixtures("way")
def test_nothing_stays_open(tmp_path: Path) -> None:
    """Warnings are errors here, an unclosed file's too; descriptors give no warning."""
    if not LINUX:
        pytest.skip("/proc is Linux's")
    before = os.listdir("/proc/self/fd")
    for path in (tmp_path / "x", tmp_path / "x", tmp_path / "no" / "x"):
        with suppress(SpecError):
            write(path)
    assert os.listdir("/proc/self/fd") == before


KILLED = """
import signal, sys
from netspec import output
if sys.argv[2] == "named":
    output._has_unnamed_files = lambda folder: False
with output.replacing(sys.argv[1]) as file:
    for _ in range(1000):
        file.write(b"new" * 1000)
    print("writing", flush=True)
    signal.pause()
"""


@pytest.mark.parametrize("old", [{}, {"x": b"old"}])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_leaves_all_as_it_was(
    tmp_path: Path, way: str, old: dict[str, bytes], number: signal.Signals
) -> None:
    if (way, number) == ("named", signal.SIGKILL):
        pytest.skip("nothing can be done about it")
    for name, content in old.items():
        (tmp_path / name).write_bytes(content)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "x"), way]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(number)
        process.communicate()
    # As without netspec, which has put nothing in the way of the signal.
    assert process.returncode == -number
    assert files(tmp_path) == old


STEPS = """
import os, signal, sys
from netspec import output

if sys.argv[2] == "named":
    output._has_unnamed_files = lambda folder: False
os.chdir(sys.argv[1])

def write(step):
    left = step

    def count(event, arguments):
        nonlocal left
        left -= event in ("os.link", "os.rename", "os.remove")
        if left == 0:
            signal.raise_signal(signal.SIGTERM)

    sys.addaudithook(count)
    with output.replacing_all(["a", "b"]) as (first, second):
        first.write(b"new a")
        second.write(b"new b")
    os._exit(left < 0)

step, ended = 0, -signal.SIGTERM
while ended == -signal.SIGTERM:
    step += 1
    for name in ("a", "b"):
        with open(name, "w") as file:
            file.write("old " + name)
    child = os.fork()
    if not child:
        write(step)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(sorted(os.listdir()), *[open(name).read() for name in ("a", "b")])
assert ended == 0, ended
"""


def test_a_signal_at_any_step_leaves_all_files_or_none(tmp_path: Path, way: str) -> None:
    command = [sys.executable, "-c", STEPS, str(tmp_path), way]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = done.stdout.splitlines()
    new = "['a', 'b'] new a new b"
    assert len(found) > 4
    assert found[-1] == new
    assert set(found) <= {"['a', 'b'] old a old b", new}


def test_the_handlers_of_signals_are_as_before(tmp_path: Path) -> None:
    def own(number: int, frame: object) -> None: ...

    before = signal.signal(signal.SIGTERM, own)
    try:
        with replacing(tmp_path / "x"):
            assert signal.getsignal(signal.SIGTERM) is own
            assert signal.getsignal(signal.SIGHUP) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is own
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_another_thread_may_write(tmp_path: Path) -> None:
    writer = threading.Thread(target=write, args=(tmp_path / "x",))
    writer.start()
    writer.join()
    assert files(tmp_path) == {"x": b"new"}


# --- what can't be written


@pytest.mark.usefixtures("way")
def test_no_such_folder(tmp_path: Path) -> None:
    message = refusal(tmp_path / "no" / "x")
    assert message == f"can't write `{tmp_path}/no/x`: there is no folder `{tmp_path}/no`"


@pytest.mark.usefixtures("way")
def test_a_link_into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("no/x")
    message = refusal(tmp_path / "link")
    assert message == f"can't write `{tmp_path}/link`: there is no folder `{tmp_path}/no`"


@pytest.mark.usefixtures("way")
def test_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("link")
    assert "symbolic links" in refusal(tmp_path / "link")


@pytest.mark.usefixtures("way")
def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file" / "x").endswith(f": `{tmp_path}/file` is not a folder")


@pytest.mark.usefixtures("way")
def test_a_folder_where_a_file_should_be(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"can't write `{tmp_path}`: it is a folder"
    assert refusal(f"{tmp_path}/new/") == f"can't write `{tmp_path}/new/`: it is a folder"
    assert refusal("") == "can't write ``: it is a folder"


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("name", ["x\0", "\0/x", "x\ud800"])
def test_a_name_that_no_file_can_have(name: str) -> None:
    assert refusal(name) == f"can't write `{name}`: it is no path"
    with pytest.raises(SpecError, match="it is no path"):
        require_folder(name)
    spare(name, __file__, "the weights are")


@pytest.mark.usefixtures("way")
def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    assert refusal(tmp_path / ("x" * 256)).endswith(": file name too long")
    assert files(tmp_path) == {}


@pytest.mark.skipif(not UNPRIVILEGED, reason="root may write everywhere")
@pytest.mark.usefixtures("way")
def test_a_file_and_a_folder_without_permission(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    (tmp_path / "x").chmod(0o444)
    assert refusal(tmp_path / "x").endswith(": permission denied")
    (tmp_path / "folder").mkdir(mode=0o555)
    message = refusal(tmp_path / "folder" / "x")
    assert message.endswith(f": no permission to make a file in the folder `{tmp_path}/folder`")


@pytest.mark.skipif(not LINUX, reason="/dev/full is Linux's")
def test_a_full_device() -> None:
    assert refusal("/dev/full") == "can't write `/dev/full`: no space left on device"


@pytest.mark.usefixtures("way")
def test_a_file_over_the_limit(tmp_path: Path) -> None:
    """The disk is full, as far as a process can tell: `write` fails after some part of it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        message = refusal(tmp_path / "x", b"new" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert message == f"can't write `{tmp_path}/x`: file too large"
    assert files(tmp_path) == {}


def test_an_error_of_another_file_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="weights"), replacing(tmp_path / "x"):
        (tmp_path / "weights").read_bytes()
    assert files(tmp_path) == {}


# --- several files


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("before", [{}, {"a": b"old a"}, {"b": b"old b"}, {"a": b"1", "b": b"2"}])
class TestSeveral:
    def prepare(self, folder: Path, before: dict[str, bytes]) -> list[Path]:
        for name, content in before.items():
            (folder / name).write_bytes(content)
        return [folder / "a", folder / "b"]

    def test_all_appear(self, tmp_path: Path, before: dict[str, bytes]) -> None:
        with replacing_all(self.prepare(tmp_path, before)) as (first, second):
            first.write(b"new a")
            second.write(b"new b")
            assert files(tmp_path).items() >= before.items()
        assert files(tmp_path) == {"a": b"new a", "b": b"new b"}

    def test_an_exception_leaves_all_as_it_was(
        self, tmp_path: Path, before: dict[str, bytes]
    ) -> None:
        def fail() -> None:
            with replacing_all(self.prepare(tmp_path, before)) as (first, _):
                first.write(b"new a")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        assert files(tmp_path) == before

    def test_one_that_cannot_be_put_takes_the_others_back(
        self, tmp_path: Path, before: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put = output._Result.put

        def fail(result: output._Result) -> None:
            if result._target.endswith("b"):
                assert (tmp_path / "a").read_bytes() == b"new a"
                raise KeyboardInterrupt
            put(result)

        monkeypatch.setattr(output._Result, "put", fail)
        with (
            pytest.raises(KeyboardInterrupt),
            replacing_all(self.prepare(tmp_path, before)) as (first, _),
        ):
            first.write(b"new a")
        assert files(tmp_path) == before

    def test_one_that_cannot_be_replaced(self, tmp_path: Path, before: dict[str, bytes]) -> None:
        paths = [*self.prepare(tmp_path, before), Path("/dev/null")]
        with pytest.raises(SpecError, match="can't write `/dev/null`"), replacing_all(paths):
            pass
        assert files(tmp_path) == before


# --- beforehand


def test_a_folder_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    require_folder("x")
    require_folder(tmp_path / "x")
    with pytest.raises(SpecError, match="can't write `no/x`: there is no folder `no`"):
        require_folder("no/x")
    with pytest.raises(SpecError, match="can't write `file/x`: `file` is not a folder"):
        require_folder("file/x")


def test_a_file_lands_where_its_link_points_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("folder/file")
    assert landing(tmp_path / "link") == tmp_path / "folder" / "file"
    assert landing("folder/x") == Path("folder/x")


def test_weights_are_spared_by_whatever_name(tmp_path: Path) -> None:
    weights = tmp_path / "w"
    weights.touch()
    (tmp_path / "link").symlink_to("w")
    os.link(weights, tmp_path / "again")
    for name in ("w", "link", "again"):
        with pytest.raises(SpecError, match="it is the file that the weights are read from"):
            spare(tmp_path / name, weights, "the weights are")
    spare(tmp_path / "x", weights, "the weights are")
    spare(weights, tmp_path / "missing", "the weights are")
