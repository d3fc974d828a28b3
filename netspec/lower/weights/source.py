"""Where weights come from, as their user says it."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

from netspec.diagnostics import Diagnostic, SpecError
from netspec.lower.weights.entries import NoStateDict, StateDicts, state_dicts
from netspec.lower.weights.files import files_of, read_weights


@runtime_checkable
class Module(Protocol):
    """What is asked of a torch.nn.Module, so that torch needn't be imported to recognise one."""

    def state_dict(self) -> Mapping[str, Any]: ...


Source: TypeAlias = str | os.PathLike[str] | Mapping[str, Any] | Module
"""Where weights come from: a file, arrays or tensors by name, or a PyTorch module."""


@dataclass(frozen=True, slots=True)
class UserWeights:
    """Weights, and what is to be done with them.

    `prefix` is what to take off their names, AUTO to find that out; `fresh` are patterns of
    parameters that are filled from their fillers where the weights don't have them or don't fit.
    """

    source: Source
    prefix: str | None = None
    fresh: tuple[str, ...] = ()

    @property
    def path(self) -> Path | None:
        """The file that was named, if one was."""
        named = isinstance(self.source, str | os.PathLike)
        return Path(self.source) if named else None  # type: ignore[arg-type]

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read."""
        return files_of(self.path) if self.path is not None else ()

    @property
    def is_module(self) -> bool:
        """Whether it is a module, which may be one that PyTorch has wrapped around another."""
        return not isinstance(self.source, str | os.PathLike | Mapping)

    def read(self) -> StateDicts:
        """The state dicts that the source holds, their tensors yet to be read.

        SpecError as `read_weights`; TypeError for what is no source.
        """
        if self.path is not None:
            return read_weights(self.path)
        source = self.source
        if not isinstance(source, Mapping):
            if not isinstance(source, Module) or isinstance(source, type):
                kinds = "a file, a mapping of arrays or tensors, or a module"
                raise TypeError(f"weights are {kinds}, not {type(source).__name__}")
            source = source.state_dict()
        try:
            return state_dicts(source)
        except NoStateDict as error:
            message = f"the weights can't be read: {error}"
            raise SpecError([Diagnostic("weights-format", message)]) from error


def user_weights(
    source: UserWeights | Source | None, prefix: str | None = None, fresh: str | Iterable[str] = ()
) -> UserWeights | None:
    """What is asked for by these options; ValueError where there are no weights to do it with."""
    if isinstance(source, UserWeights):
        return source
    patterns = (fresh,) if isinstance(fresh, str) else tuple(fresh)
    if source is None:
        if prefix is not None or patterns:
            raise ValueError("without weights there is no prefix, and all is fresh")
        return None
    for each in (*patterns, *(() if prefix is None else (prefix,))):
        if not isinstance(each, str):
            raise TypeError(f"a prefix and patterns are text, not {type(each).__name__}")
    return UserWeights(source, prefix, patterns)
