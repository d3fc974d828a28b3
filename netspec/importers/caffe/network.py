"""A Caffe network as entries of a spec: phases, inputs, wiring, pairs, names and results."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from netspec.diagnostics import Diagnostic, Diagnostics, SpecError
from netspec.diagnostics.suggest import did_you_mean
from netspec.elaborate.budget import MAX_LAYERS
from netspec.importers.caffe.blobs import Blob, Entry, Input
from netspec.importers.caffe.fields import Fields
from netspec.importers.caffe.inputs import declared
from netspec.importers.caffe.layers.refused import LOSSES as UNKNOWN_LOSSES
from netspec.importers.caffe.names import Names, class_name
from netspec.importers.caffe.notes import Notes
from netspec.importers.caffe.pairs import joined
from netspec.importers.caffe.params import drop_ignored_fillers, gather_multipliers
from netspec.importers.caffe.parts import CaffeLayer
from netspec.importers.caffe.phases import sound_phases, twins_joined
from netspec.importers.caffe.records import Record
from netspec.importers.caffe.rules import PHASES, State, present
from netspec.importers.caffe.told import Told
from netspec.importers.caffe.wiring import LeftOut, Unfit, Wiring, readers_of
from netspec.layers import CATALOGUE
from netspec.layers.elements import INTEGERS
from netspec.layers.losses import Loss
from netspec.listed import listed
from netspec.source.values import Place

TEXTUAL = ("name", "type")
_PASSED_OVER = ("force_backward", "debug_info", "bn_stats_batch_size", "multinode", "engine")
"""Fields of a whole network that say how it is computed."""


_TEST_LOSSES = "losses of the TEST phase"
_HOW_COMPUTED = (
    "engine",
    "forward_type",
    "backward_type",
    "forward_math",
    "backward_math",
    "cudnn_math_override",
    "debug",
)
"""Fields that forks give every layer, of how it is computed."""


@dataclass(frozen=True)
class Asked:
    """What is wanted of a file: phases, Caffe's stages and level, shapes of inputs."""

    phases: Sequence[str] = PHASES
    stages: frozenset[str] = frozenset()
    level: int = 0
    shapes: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    partial: bool = False


@dataclass
class CaffeNetwork:
    """What a file says, in a spec's terms. `declared` names all inputs, read or not."""

    name: str
    called: str | None
    place: Place
    inputs: list[Input]
    entries: list[Entry]
    outputs: list[Blob]
    notes: Notes
    left_out: list[LeftOut]
    names: Names
    declared: list[str]


def network_of(
    net: Fields, asked: Asked, default_name: str, diagnostics: Diagnostics, unfit: Unfit
) -> CaffeNetwork:
    """The network of a file in today's form; mistakes go to `diagnostics`. `unfit` are layers that
    are known not to fit what they read.
    """
    notes = Notes()
    state = net.message("state")
    level, stages = state.told("level"), {each.value for each in state.every("stage")}
    state.ignore("phase")
    states = [
        State(phase, asked.level or (level.value if level else 0), asked.stages | stages)
        for phase in asked.phases
    ]
    for name in net.ignore(*_PASSED_OVER):
        notes.drop(f"`{name}`")
    layers = _layers(net, states, notes)
    outer = declared(net)
    asked = replace(asked, phases=sound_phases(asked.phases, outer, layers, notes, diagnostics))
    layers = twins_joined(layers, asked.phases)
    wiring = Wiring(asked.phases, diagnostics, asked.partial, asked.shapes, unfit)
    wiring.declare(outer, asked.phases)
    for layer in layers:
        if _gives_inputs(layer):
            wiring.source(layer)
        elif layer.type.value in UNKNOWN_LOSSES and "TRAIN" not in asked.phases:
            notes.drop(_TEST_LOSSES)
        else:
            wiring.add(layer)
        if _judges_alone(layer.type.value) and "TRAIN" not in asked.phases:
            layer.fields.pass_over()  # the loss is dropped, with all that it says
        _refuse_unread(layer, diagnostics, asked.partial)
    entries = joined(_losses_in_training(wiring.entries, asked, notes))
    gather_multipliers(entries, diagnostics)
    drop_ignored_fillers(entries)
    if not entries and not diagnostics.has_errors:
        message = "the network has no layer that computes anything"
        diagnostics.error("not-importable", message, net.place.span)
    inputs = _inputs(wiring, entries, asked, diagnostics)
    outputs = _outputs(wiring, entries)
    called = net.told("name")
    name = class_name(called.value if called is not None and called.value else default_name)
    names = _give_names(inputs, entries)
    return CaffeNetwork(
        name=name,
        called=called.value if called is not None else None,
        place=called.place if called is not None else net.place,
        inputs=inputs,
        entries=entries,
        outputs=outputs,
        notes=notes,
        left_out=wiring.left_out,
        names=names,
        declared=list(wiring.inputs),
    )


def _layers(net: Fields, states: Sequence[State], notes: Notes) -> list[CaffeLayer]:
    """The layers of the phases asked for, in order; SpecError for more than a spec may have."""
    messages = net.messages("layer")
    if len(messages) > MAX_LAYERS:
        message = f"the network has more than {MAX_LAYERS:,} layers"
        raise SpecError([Diagnostic("too-large", message, messages[MAX_LAYERS].place.span)])
    fresh = _trains(messages)
    found = []
    for fields in messages:
        phases = present(fields, states)
        if not phases:
            fields.pass_over()
            continue
        name, type = fields.told("name"), fields.told("type")
        type = type or Told("", fields.place, fields.place)
        found.append(
            CaffeLayer(
                name=name or type,
                type=type,
                bottoms=tuple(fields.every("bottom")),
                tops=tuple(fields.every("top")),
                fields=fields,
                notes=notes,
                fresh=fresh,
                phases=phases,
            )
        )
        for each in fields.ignore("propagate_down", "quantization_param", "blobs"):
            notes.drop(f"`{each}`")
    return found


def _trains(layers: Sequence[Fields]) -> bool:
    """Whether a file says how a network is trained: it has a loss, and draws some weights. Others
    have theirs from a caffemodel, and leave fillers out.
    """
    types = [layer.told("type") for layer in layers]
    losses = any(each is not None and each.value.endswith("Loss") for each in types)
    return losses and any("weight_filler" in each for layer in layers for each in _settings(layer))


def _settings(layer: Fields) -> Iterable[Record]:
    """The messages of a layer's own settings."""
    record = layer.record
    found = [item.value for items in record.items.values() for item in items] if record else []
    return [each for each in found if isinstance(each, Record)]


def _gives_inputs(layer: CaffeLayer) -> bool:
    """Whether what a layer gives comes from outside: it reads nothing."""
    return not layer.bottoms and bool(layer.type.value)


def _refuse_unread(layer: CaffeLayer, diagnostics: Diagnostics, partial: bool) -> None:
    """Name each field that nobody has understood."""
    layer.fields.ignore("loss_weight", "param")
    for name in layer.fields.ignore(*_HOW_COMPUTED):
        layer.notes.drop(f"`{name}`")
    for path, found in layer.fields.unread():
        if found.type.number is not None and isinstance(found.value, Record) and "." not in path:
            message = f"`{path}` says nothing to a {layer.type.value}, in Caffe either"
            diagnostics.warning("left-out", message, found.key.span)
            continue
        message = f"netspec doesn't know what `{path}` of a {layer.type.value} means"
        report = diagnostics.warning if partial else diagnostics.error
        report("left-out" if partial else "unknown-field", message, found.key.span)


def _losses_in_training(entries: list[Entry], asked: Asked, notes: Notes) -> list[Entry]:
    """The entries with losses in the TRAIN phase alone, which Caffe has in both."""
    kept = []
    for entry in entries:
        if _is_loss(entry.type):
            if "TRAIN" not in asked.phases or entry.phase == "TEST":
                notes.drop(_TEST_LOSSES)
                continue
            entry.phase = "TRAIN"
        kept.append(entry)
    return kept


def _judges_alone(type: str) -> bool:
    """Whether it is a loss, here or in Caffe alone."""
    return _is_loss(type) or type in UNKNOWN_LOSSES


def _is_loss(type: str) -> bool:
    return type in CATALOGUE and issubclass(CATALOGUE[type], Loss)


def refuse_strangers(asked: Asked, network: CaffeNetwork, diagnostics: Diagnostics) -> None:
    """Name each shape that was said of what is no input."""
    known = network.declared
    for name in asked.shapes:
        # Of a layer that is an error itself the user may mean to give what it does.
        if name not in known and not diagnostics.has_errors:
            shown = listed([f"`{each}`" for each in known])
            help = did_you_mean(name, known) or (f"its inputs are {shown}" if known else None)
            diagnostics.error("unknown-var", f"the network has no input `{name}`", help=help)


def _inputs(
    wiring: Wiring, entries: list[Entry], asked: Asked, diagnostics: Diagnostics
) -> list[Input]:
    """The inputs that are read, each with a shape, an element type and a phase."""
    readers = readers_of(entries)
    found = []
    for each in wiring.inputs.values():
        uses = readers.get(each.blob, [])
        if not uses:
            continue
        if each.name in asked.shapes:
            each.shape = Told(list(asked.shapes[each.name]), each.place, each.place)
        each.label = any(_is_label(entry, each.blob) for entry in uses)
        phases = {entry.phase for entry in uses}
        each.phase = next(iter(phases)) if len(phases) == 1 else None
        if each.shape is None:
            diagnostics.error(
                "unknown-size",
                f"the shape of `{each.name}` isn't in the file: {each.why or 'none is given'}",
                each.place.span,
                help=f"say it, as in `--input {each.name}=Nx{1 if each.label else 3}xHxW`",
            )
            each.shape = Told(["N"], each.place, each.place)
        found.append(each)
    return found


def _is_label(entry: Entry, blob: Blob) -> bool:
    """Whether an entry reads a blob as integers."""
    if entry.type not in CATALOGUE:
        return False
    layer = CATALOGUE[entry.type]
    integers = [n for n, elements in enumerate(layer.elements) if elements is INTEGERS]
    return any(
        n < len(entry.bottoms) and entry.bottoms[n] is blob for n in (*layer.labels, *integers)
    )


def _outputs(wiring: Wiring, entries: list[Entry]) -> list[Blob]:
    """What the network gives: what nothing reads, and what only losses and the like do, or a Split
    that gives it once more. Where there is nothing else, what a Silence reads is given, or an input
    that a loss reads.
    """
    again = set(wiring.unread.values())
    readers = readers_of(entries)
    judged = [entry.bottoms[0] for entry in entries if _judges(entry) and entry.bottoms]
    found: list[Blob] = []
    silenced: list[tuple[Entry, Blob]] = []
    for entry in entries:
        for blob in entry.tops if not _is_loss(entry.type) else ():
            uses = readers.get(blob, [])
            if blob in wiring.silenced and not uses:
                silenced.append((entry, blob))
            elif not uses or blob in again or (blob in judged and all(map(_judges, uses))):
                found.append(blob)
    if not found:
        return [blob for _, blob in silenced] or judged[:1]
    for entry, _ in silenced:
        entry.allow = ["unused-layer"]
    return found


def _judges(entry: Entry) -> bool:
    """Whether an entry tells how good what it reads is."""
    return _is_loss(entry.type) or entry.type == "Accuracy"


def _give_names(inputs: list[Input], entries: list[Entry]) -> Names:
    """Names for all of them, those of the inputs first as they are for the user."""
    tops = [blob for entry in entries for blob in entry.tops]
    taken = [each.name for each in inputs] + [e.called for e in entries] + [b.called for b in tops]
    names = Names(taken)
    for each in inputs:
        each.name = names.give_plain(each.name)
    for entry in entries:
        entry.name = names.give(entry.called, entry.type)
    for entry in entries:
        if len(entry.tops) > 1:
            entry.top_names = [
                entry.name if blob.called == entry.called else names.give(blob.called, "top")
                for blob in entry.tops
            ]
    return names
