"""The parameters of a layer at its place: names, multipliers and sharing."""

from dataclasses import dataclass
from math import prod

from pydantic import BaseModel, ConfigDict

from netspec.elaborate.context import Context, Share
from netspec.elaborate.limits import MAX_ELEMENTS
from netspec.elaborate.scope import Site
from netspec.elaborate.tree import join
from netspec.graph import Parameter
from netspec.language.models import ParamModel
from netspec.language.validate import validate
from netspec.language.values import PlacedError
from netspec.layers import Layer, Weight
from netspec.printable import printable


@dataclass(frozen=True, slots=True)
class _Setting:
    """How a parameter is shared and trained."""

    name: str | None = None
    lr_mult: float = 1.0
    decay_mult: float = 1.0


_DEFAULT = _Setting()


class _Settings(BaseModel):
    model_config = ConfigDict(strict=True, defer_build=True)

    param: list[ParamModel]


def make_parameters(
    context: Context, site: Site, layer: Layer, weights: tuple[Weight, ...]
) -> tuple[Parameter, ...]:
    """The layer's weights and buffers; those of another layer where it is reused."""
    if site.scope.reusing:
        return tuple([_reused(context, site, weight) for weight in weights])
    if "param" not in site.fields:
        return tuple([_make(context, site, weight, _DEFAULT) for weight in weights])
    settings = _settings(context, site, layer, weights)
    settings += [_DEFAULT] * (len(weights) - len(settings))
    pairs = zip(weights, settings, strict=True)
    return tuple([_make(context, site, weight, setting) for weight, setting in pairs])


def _reused(context: Context, site: Site, weight: Weight) -> Parameter:
    name = join(site.module, weight.suffix)
    parameter = context.parameters.get(name)
    if parameter is None or parameter.shape != weight.shape:
        shape = "×".join(map(str, weight.shape))
        had = "no such weight" if parameter is None else "×".join(map(str, parameter.shape))
        message = f"on this bottom `{name}` would be {shape}, but the layer reused has {had}"
        raise context.error("bad-reuse", message, site.at("reuse"), site.scope)
    return parameter


def _settings(
    context: Context, site: Site, layer: Layer, weights: tuple[Weight, ...]
) -> list[_Setting]:
    """The `param` list: a setting for each weight, in Caffe's order."""
    field = site.fields["param"]
    known = context.types.settings.get(id(field))
    if known is None:
        values = {"param": context.evaluate(field, site.scope)}
        made = validate(
            _Settings,
            {"param": field},
            values,
            field.span,
            lambda found: context.report(PlacedError(found), site.scope, site.path),
        )
        if made is None:
            raise PlacedError(None)
        known = made.param
        if not field.dynamic:
            context.types.settings[id(field)] = known
    learned = sum(not weight.buffer for weight in weights)
    if len(known) > learned:
        count = f"{learned} parameter{'s' * (learned != 1)}" if learned else "no parameters"
        message = f"`param` has {len(known)} entries, but this {layer.type_name} has {count}"
        raise context.error("bad-value", message, field, site.scope)
    return [_Setting(each.name, each.lr_mult, each.decay_mult) for each in known]


def _make(context: Context, site: Site, weight: Weight, setting: _Setting) -> Parameter:
    name = f"{site.module}.{weight.suffix}" if weight.suffix else site.module
    if prod(weight.shape) > MAX_ELEMENTS:
        shape = "×".join(map(str, weight.shape))
        message = f"`{name}` would be {shape}: over {MAX_ELEMENTS:,} elements"
        raise context.error("too-large", message, site.entry, site.scope)
    owner = name
    if setting.name is not None:
        context.unique += 1
        owner = _share(context, site, weight, setting.name, name)
    parameter = Parameter(
        name,
        weight.shape,
        weight.filler,
        owner,
        weight.buffer,
        setting.lr_mult,
        setting.decay_mult,
        weight.dtype,
        weight.values,
    )
    context.parameters[name] = parameter
    if setting.name is not None and owner == name:
        allowed = "share-once" in site.scope.allow
        context.shares[setting.name] = Share(parameter, site.phase, site.at("param"), allowed)
    return parameter


def _share(context: Context, site: Site, weight: Weight, shared: str, name: str) -> str:
    """The name of the parameter that first bore a sharing name; its own if it is the first."""
    share, place = context.shares.get(shared), site.at("param")
    if printable(shared) != shared:
        message = f"the sharing name `{shared}` holds characters that don't show"
        raise context.error("bad-name", message, place, site.scope)
    if share is None:
        return name
    first = share.parameter
    if first.shape != weight.shape:
        shapes = ["×".join(map(str, shape)) for shape in (weight.shape, first.shape)]
        message = (
            f"`{name}` is {shapes[0]}, but `{first.name}`, which shares the name `{shared}`, "
            f"is {shapes[1]}"
        )
        raise context.error("share-mismatch", message, place, site.scope)
    if share.phase not in (None, site.phase):
        message = f"`{first.name}`, which `{name}` shares, exists in phase {share.phase} alone"
        raise context.error("phase-mismatch", message, place, site.scope)
    share.count += 1
    filler = site.fields.get(f"{weight.suffix}_filler")
    if filler is not None:
        message = f"`{name}` is shared: it is filled as `{first.name}` is, this filler is ignored"
        context.warn("ignored-filler", message, filler, site.scope, site.path)
    return first.name
