"""Result files that appear whole or not at all."""

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from netspec.diagnostics import Diagnostic, SpecError
from netspec.interrupts import finishing, undone_on_signals
from netspec.writeback import eager_file

_Path = str | os.PathLike[str]


@contextmanager
def replacing(path: _Path) -> Iterator[BinaryIO]:
    """A binary file to write to, which takes the place of `path` when the block ends well.

    If the block doesn't end well, by an exception, Ctrl-C or a signal, what was at `path` stays
    and nothing new lies beside it. A file that was there before keeps its permission bits; of a
    symbolic link, the file that it points to is replaced. A pipe or a device is written to as it
    is. Where `path` can't be written, SpecError with the code `cannot-write`.
    """
    path = os.fspath(path)
    with _telling(path):
        old = _stat(path)
    if old is not None and not stat.S_ISREG(old.st_mode):
        with _telling(path):
            device = open(path, "wb")  # noqa: SIM115 (the next line closes it)
        with _telling(path, only_nameless=True), device:
            yield device
        return
    with replacing_all([path]) as (file,):
        yield file


@contextmanager
def replacing_all(paths: Sequence[_Path]) -> Iterator[tuple[BinaryIO, ...]]:
    """Files to write to, which all take the places of the paths when the block ends well, or none.

    They do so in the order of the paths, once all are written: the last should be the one that
    refers to the others. The paths are of regular files or of none; otherwise as `replacing`.
    """
    names = [os.fspath(path) for path in paths]
    with ExitStack() as stack:
        results = [_Result(name, stack) for name in names]
        with _telling(names[0], only_nameless=True):
            yield tuple(result.file for result in results)
        for result in results:
            result.finish()
        with finishing():
            _put_all(results)


def _put_all(results: "Sequence[_Result]") -> None:
    """Give all files their names, or, where one can't have its own, none."""
    others = results[:-1]
    for result in others:
        result.prepare_return()
    for result in results:
        result.put()
    for result in others:
        result.forget_return()


def require_folder(path: _Path) -> None:
    """SpecError (`cannot-write`) where there is no folder that the path could be in."""
    with _telling(os.fspath(path)):
        os.stat(os.path.join(os.path.dirname(os.path.realpath(path)), ""))


def landing(path: _Path) -> Path:
    """Where a file lies that is written to the path: of a link, what it points to."""
    return Path(os.path.realpath(path) if os.path.islink(path) else path)


def spare(path: _Path, read: _Path, what: str) -> None:
    """SpecError (`cannot-write`) where the path is the file, by whatever name, that something is
    read from: it would be gone, or weights no longer lie where a model refers to them.
    """
    try:
        same = os.path.samefile(path, read)
    except (OSError, ValueError):
        return  # one of them isn't there; where that is a mistake, whoever opens it says so
    if same:
        message = f"can't write `{os.fspath(path)}`: it is the file that {what} read from"
        raise SpecError([Diagnostic("cannot-write", message, help="name another file")])


class _Result:
    """A new file for a path, and what was there before; the stack ends it, however that goes."""

    def __init__(self, path: str, stack: ExitStack) -> None:
        self._path = path
        with _telling(path):
            self._old = _stat(path)
            if self._old is not None and not stat.S_ISREG(self._old.st_mode):
                raise OSError(errno.EINVAL, "it is no regular file")
            self._target = os.path.realpath(path)
        self._spare: str | None = None
        self._may_return = False
        self._new = _new_file(self._target)
        stack.enter_context(undone_on_signals(self._take_back))
        stack.callback(self._new.close)
        stack.callback(self._take_back)
        with _telling(path):
            self.file = self._new.open()

    def finish(self) -> None:
        """Bring all that was written to the disk: what may fail, fails before any is put."""
        with _telling(self._path):
            self.file.flush()
            if self._old is not None:
                os.chmod(self.file.fileno(), stat.S_IMODE(self._old.st_mode))
            # A power cut must not leave the new name on an empty file.
            os.fsync(self.file.fileno())

    def prepare_return(self) -> None:
        """From here to `forget_return`, the end brings back what was there before."""
        if self._old is not None:
            self._spare = os.path.join(os.path.dirname(self._target), _hidden_name())
            with _telling(self._path):
                os.link(self._target, self._spare)
        self._may_return = True

    def put(self) -> None:
        """Give the new file its name."""
        with _telling(self._path):
            self._new.put()

    def forget_return(self) -> None:
        """All files are put."""
        self._may_return = False

    def _take_back(self) -> None:
        """Leave nothing that isn't final. It may be called at any point, and again."""
        self._new.remove()
        if self._may_return and self._spare is None:
            _remove(self._target)
        elif self._may_return and self._spare is not None:
            with suppress(FileNotFoundError):
                os.replace(self._spare, self._target)
        if self._spare is not None:
            _remove(self._spare)  # also where `replace` found two names of one file


class _NewFile(Protocol):
    """A file on its way to `target`. Made closed, so that `remove` is in place before it opens."""

    def open(self) -> BinaryIO: ...

    def put(self) -> None:
        """Give the file its name, in the place of what had it."""

    def remove(self) -> None:
        """Take away any other name that the file has; at any point, and again."""

    def close(self) -> None: ...


def _new_file(target: str) -> _NewFile:
    return _Unnamed(target) if _has_unnamed_files(os.path.dirname(target)) else _Named(target)


class _Unnamed:
    """A file without a name until it is whole: even SIGKILL leaves nothing of it (Linux).

    Where nothing has its name yet it gets that at once; only to replace a file does it need a
    name of its own, for the moment between two system calls.
    """

    def __init__(self, target: str) -> None:
        self._folder, self._name = os.path.split(target)
        self._hidden: str | None = None
        self._open = ExitStack()

    def open(self) -> BinaryIO:
        self._fd = _open_unnamed(self._folder)
        file = eager_file(self._fd)
        self._open.callback(_close, file)
        self._folder_fd = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._open.callback(os.close, self._folder_fd)
        return file

    def put(self) -> None:
        try:
            self._link(self._name)
        except FileExistsError:
            self._replace()

    def remove(self) -> None:
        if self._hidden is not None:
            with suppress(FileNotFoundError):
                os.unlink(self._hidden, dir_fd=self._folder_fd)

    def close(self) -> None:
        self._open.close()

    def _replace(self) -> None:
        self._hidden = _hidden_name()
        self._link(self._hidden)
        folder = self._folder_fd
        os.replace(self._hidden, self._name, src_dir_fd=folder, dst_dir_fd=folder)

    def _link(self, name: str) -> None:
        # With `dst_dir_fd`, os.link follows the link in /proc to the file, as it must here.
        os.link(f"/proc/self/fd/{self._fd}", name, dst_dir_fd=self._folder_fd)


class _Named:
    """A file with a hidden name: for the systems that have no unnamed ones."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._hidden = os.path.join(os.path.dirname(target), _hidden_name())
        self._open = ExitStack()

    def open(self) -> BinaryIO:
        # 0o666, so that the umask decides; tempfile's files are for their owner alone.
        flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
        file = eager_file(os.open(self._hidden, flags, 0o666))
        self._open.callback(_close, file)
        return file

    def put(self) -> None:
        os.replace(self._hidden, self._target)

    def remove(self) -> None:
        _remove(self._hidden)

    def close(self) -> None:
        self._open.close()


def _has_unnamed_files(folder: str) -> bool:
    """Whether the folder's file system has them and /proc, through which they get names."""
    if not (hasattr(os, "O_TMPFILE") and os.path.isdir("/proc/self/fd")):
        return False
    try:
        os.close(_open_unnamed(folder))
    except OSError:
        # If it isn't that but, say, a folder that isn't there, the other way meets it again.
        return False
    return True


def _open_unnamed(folder: str) -> int:
    return os.open(folder, os.O_TMPFILE | os.O_WRONLY | os.O_CLOEXEC, 0o666)


def _hidden_name() -> str:
    return f".netspec-{os.urandom(8).hex()}"


def _close(file: BinaryIO) -> None:
    # What is in the buffer no longer matters: either it has been flushed or the file is dropped.
    with suppress(OSError):
        file.close()


def _remove(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _stat(path: str) -> os.stat_result | None:
    """What is at the path, None if nothing is; OSError where no file may be written there."""
    if path == "" or path.endswith("/"):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not os.access(path, os.W_OK):
        # Replacing asks no permission of the file itself; who took that away meant something.
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return found


@contextmanager
def _telling(path: str, *, only_nameless: bool = False) -> Iterator[None]:
    """Turn OSError into SpecError. Errors of `write` name no file; those of others' `open` do.

    A name that no file can have, as with a zero byte, is a ValueError of Python's.
    """
    try:
        yield
    except ValueError:
        if only_nameless:
            raise
        raise SpecError([_cannot_write(path, OSError("it is no path"))]) from None
    except OSError as error:
        if only_nameless and error.filename is not None:
            raise
        raise SpecError([_cannot_write(path, error)]) from error


def _cannot_write(path: str, error: OSError) -> Diagnostic:
    folder = os.path.dirname(path) or "."
    if os.path.islink(path):  # the trouble lies where it points to
        folder = os.path.dirname(os.path.realpath(path))
    help = None
    match error:
        case FileNotFoundError() if folder == ".":
            reason = "the current folder is gone"
        case FileNotFoundError():
            reason = f"there is no folder `{folder}`"
        case NotADirectoryError():
            reason = f"`{folder}` is not a folder"
        case IsADirectoryError():
            reason = "it is a folder"
            help = "name a file in it"
        case PermissionError() if error.filename not in (None, path):
            reason = f"no permission to make a file in the folder `{folder}`"
        case _:
            text = error.strerror or str(error)
            reason = text[:1].lower() + text[1:]
    return Diagnostic("cannot-write", f"can't write `{path}`: {reason}", help=help)
