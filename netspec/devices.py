"""Devices by name: those that are known, and those of a user's own file."""

from collections.abc import Mapping as PlainMapping
from functools import cache
from os.path import isfile
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from netspec.analysis.columns.wrong import Wrong
from netspec.analysis.roofline import Device
from netspec.diagnostics import Diagnostic, Diagnostics, SourceText
from netspec.diagnostics.suggest import did_you_mean
from netspec.language.library import read_file
from netspec.language.validate import ModelT, show, validate
from netspec.language.values import Field as Given
from netspec.source import Mapping, Value, read

KNOWN = Path(__file__).resolve().parent / "devices.yaml"
SUFFIXES = (".yaml", ".yml")

Positive = Annotated[float, Field(gt=0)]


class Model(BaseModel):
    """Unknown keys and values of another type are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class PeakModel(Model):
    """Operations a second, by what a device computes in."""

    float32: Positive | None = None
    tf32: Positive | None = None
    bfloat16: Positive | None = None
    float16: Positive | None = None


class DeviceModel(Model):
    """What a file says of a device."""

    title: str | None = None
    peak: PeakModel
    bandwidth: Positive
    memory: Positive
    source: str = ""


class FileModel(Model):
    """A file of devices."""

    devices: dict[str, object]


def device(wanted: str) -> Device:
    """The device that is `wanted`: NAME of one that is known, or FILE:NAME of one in a file; FILE
    alone where that has only one.

    Wrong, a ValueError, for a name that there isn't; SpecError with all that is wrong with the
    file.
    """
    path, colon, name = wanted.rpartition(":")
    if _is_path(wanted) and (not colon or isfile(wanted)):
        return _only(devices_of(read_file(Path(wanted))), wanted)
    if colon and _is_path(path):
        return _named(devices_of(read_file(Path(path))), name, f" in {path}")
    return _named(known_devices(), wanted, "")


@cache
def known_devices() -> PlainMapping[str, Device]:
    """The devices that come with netspec, by name."""
    return devices_of(read_file(KNOWN, KNOWN.name))


def devices_of(text: SourceText) -> dict[str, Device]:
    """The devices of a file's text; SpecError with every mistake in it."""
    diagnostics = Diagnostics()
    top = read(text, diagnostics)
    found: dict[str, Device] = {}
    file = _checked(FileModel, top, "the file", diagnostics)
    if file is not None and isinstance(top, Mapping):
        listed = top["devices"]
        assert isinstance(listed, Mapping)
        for name, value in listed.items.items():
            model = _checked(DeviceModel, value, f"`{name}`", diagnostics)
            if model is not None:
                found[name] = _made(name, model)
    diagnostics.raise_errors()
    return found


def _checked(
    model: type[ModelT], value: Value, what: str, diagnostics: Diagnostics
) -> ModelT | None:
    if not isinstance(value, Mapping):
        message = f"{what} should be a mapping, not {show(value.plain())}"
        diagnostics.add(Diagnostic("wrong-type", message, value.span))
        return None
    given = {
        name: Given(value.keys[name], each, each.plain()) for name, each in value.items.items()
    }
    plain = {name: each.compiled for name, each in given.items()}
    return validate(model, given, plain, value.span, diagnostics.add)


def _made(name: str, model: DeviceModel) -> Device:
    return Device(
        name=name,
        title=model.title or name,
        peak=model.peak.model_dump(exclude_none=True),
        bandwidth=model.bandwidth,
        memory=int(model.memory),
        source=model.source,
    )


def _is_path(text: str) -> bool:
    return "/" in text or text.endswith(SUFFIXES)


def _named(found: PlainMapping[str, Device], name: str, where: str) -> Device:
    if name in found:
        return found[name]
    help = (
        did_you_mean(name, found) or f"there {'are' if len(found) > 1 else 'is'} {', '.join(found)}"
    )
    raise Wrong("device", f"no device{where} is called `{name}`: {help}")


def _only(found: PlainMapping[str, Device], path: str) -> Device:
    if len(found) != 1:
        raise Wrong("device", f"{path} has {len(found)} devices: say which, `{path}:NAME`")
    return next(iter(found.values()))
