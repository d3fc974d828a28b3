"""Source run in memory: its classes, with tracebacks that show lines and instances that pickle."""

import copyreg
import hashlib
import linecache
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

MODULE = "netspec.compiled"


def run(source: str, class_name: str, **names: Any) -> dict[str, Any]:
    """Execute a source with some global names; gives all that it defines."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:12]
    file = f"<netspec {class_name} {digest}>"
    # No modification time: the entry never goes stale.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace: dict[str, Any] = {"__name__": f"{MODULE}.{class_name}_{digest}", **names}
    exec(compile(source, file, "exec"), namespace)
    return namespace


@cache
def compiled(source: str, class_name: str) -> Mapping[str, Any]:
    """What a source defines; run once, so that equal sources give the same classes."""
    namespace = run(source, class_name)

    def reduced(instance: Any) -> tuple[Callable[..., Any], tuple[str, ...], dict[str, Any]]:
        return _bare, (source, class_name, type(instance).__name__), instance.__dict__

    # No other process can import these classes, so their instances carry the source.
    for value in namespace.values():
        if isinstance(value, type) and value.__module__ == namespace["__name__"]:
            copyreg.pickle(value, reduced)
    return namespace


def _bare(source: str, class_name: str, name: str) -> Any:
    """An instance of a class that a source defines, to be given its state."""
    cls = compiled(source, class_name)[name]
    return cls.__new__(cls)
