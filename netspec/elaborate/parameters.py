"""The parameters of a layer at its place: names, multipliers and sharing."""

from typing import Any

from netspec.diagnostics import Diagnostic
from netspec.elaborate.context import Context, Share
from netspec.elaborate.site import Site
from netspec.elaborate.tree import join
from netspec.graph import Parameter
from netspec.language.models import ParamModel
from netspec.language.validate import validate
from netspec.language.values import Field
from netspec.layers import Layer, Weight
from netspec.layers.base import Types
from netspec.source import Sequence

MAX_ELEMENTS = 2**40


def make_parameters(
    context: Context, site: Site, layer: Layer, bottoms: Types
) -> tuple[Parameter, ...]:
    """The layer's weights and buffers; those of another layer where it is reused."""
    weights = layer.weights(bottoms)
    if site.reusing:
        return tuple(_reused(context, site, weight) for weight in weights)
    settings = _settings(context, site, weights)
    made = []
    for number, weight in enumerate(weights):
        setting = settings[number] if number < len(settings) else ParamModel()
        made.append(_make(context, site, weight, setting, number))
    return tuple(made)


def _reused(context: Context, site: Site, weight: Weight) -> Parameter:
    name = join(site.module, weight.suffix)
    parameter = context.parameters.get(name)
    if parameter is None or parameter.shape != weight.shape:
        span = site.fields["reuse"].span if "reuse" in site.fields else site.entry.span
        shape = "×".join(map(str, weight.shape))
        had = "no such weight" if parameter is None else "×".join(map(str, parameter.shape))
        message = f"on this bottom `{name}` would be {shape}, but the layer reused has {had}"
        raise context.error("bad-reuse", message, span, site.scope)
    return parameter


def _settings(
    context: Context, site: Site, weights: tuple[Weight, ...]
) -> list[ParamModel]:
    """The `param` list: a setting for each weight, in Caffe's order."""
    field = site.fields.get("param")
    if field is None:
        return []
    value = context.evaluate(field, site.scope)
    items = value if isinstance(value, list) else [value]
    learned = sum(not weight.buffer for weight in weights)
    if len(items) > learned:
        count = f"{learned} parameter{'s' * (learned != 1)}" if learned else "no parameters"
        message = f"`param` has {len(items)} entries, but the layer has {count}"
        raise context.error("bad-value", message, field.span, site.scope)
    settings = []
    for number, item in enumerate(items):
        node = field.node.items[number] if isinstance(field.node, Sequence) else field.node
        fields = {name: Field(field.key, node, each) for name, each in item.items()}
        report = _reporter(context, site)
        made = validate(ParamModel, fields, item, node.span, report)
        settings.append(made or ParamModel())
    return settings


def _reporter(context: Context, site: Site) -> Any:
    def report(diagnostic: Diagnostic) -> None:
        context.diagnostics.add(diagnostic)

    return report


def _make(
    context: Context, site: Site, weight: Weight, setting: ParamModel, number: int
) -> Parameter:
    name = join(site.module, weight.suffix)
    elements = 1
    for size in weight.shape:
        elements *= size
    if elements > MAX_ELEMENTS:
        shape = "×".join(map(str, weight.shape))
        message = f"`{name}` would be {shape}: over {MAX_ELEMENTS:,} elements"
        raise context.error("too-large", message, site.entry.span, site.scope)
    owner = name
    if setting.name is not None:
        owner = _share(context, site, weight, setting.name, name, number)
    parameter = Parameter(
        name,
        weight.shape,
        weight.filler,
        owner,
        weight.buffer,
        setting.lr_mult,
        setting.decay_mult,
        weight.dtype,
    )
    context.parameters[name] = parameter
    if setting.name is not None and owner == name:
        span = site.fields["param"].span
        allowed = "share-once" in site.scope.allow
        context.shares[setting.name] = Share(parameter, span, allowed)
    return parameter


def _share(
    context: Context, site: Site, weight: Weight, shared: str, name: str, number: int
) -> str:
    """The name of the parameter that first bore a sharing name; its own if it is the first."""
    share = context.shares.get(shared)
    if share is None:
        return name
    first = share.parameter
    if first.shape != weight.shape:
        shapes = ["×".join(map(str, shape)) for shape in (weight.shape, first.shape)]
        message = (
            f"`{name}` is {shapes[0]}, but `{first.name}`, which shares the name `{shared}`, "
            f"is {shapes[1]}"
        )
        raise context.error("share-mismatch", message, site.fields["param"].span, site.scope)
    share.count += 1
    filler = site.fields.get(f"{weight.suffix}_filler")
    if filler is not None:
        message = f"`{name}` is shared: it is filled as `{first.name}` is, this filler is ignored"
        context.warn("ignored-filler", message, filler.span, site.scope, site.path)
    return first.name
