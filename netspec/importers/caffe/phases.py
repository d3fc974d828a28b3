"""Which phases a file describes, and layers that it writes twice, once for each."""

from collections.abc import Sequence

from netspec.diagnostics import Diagnostics
from netspec.importers.caffe.blobs import Input
from netspec.importers.caffe.notes import Notes
from netspec.importers.caffe.parts import CaffeLayer
from netspec.importers.caffe.told import Told


def sound_phases(
    phases: Sequence[str],
    outer: Sequence[Input],
    layers: Sequence[CaffeLayer],
    notes: Notes,
    diagnostics: Diagnostics,
) -> Sequence[str]:
    """The phases that are whole: a file for training alone has no data for a test, one for use
    often has layers that aren't there in training. Where none is whole it is all of them.
    """
    missing = {phase: _missing(phase, outer, layers) for phase in phases}
    whole = [phase for phase, each in missing.items() if each is None]
    if not whole or len(whole) == len(phases):
        return phases
    for phase, bottom in missing.items():
        if bottom is None:
            continue
        notes.say(f"the file has no whole network for {phase}: what is here is that of {whole[0]}")
        if _has_inputs(phase, outer, layers):
            diagnostics.warning(
                "left-out",
                f"nothing above gives `{bottom.value}` in {phase}: the network is read for "
                f"{whole[0]} alone",
                bottom.place.span,
            )
    return whole


def _missing(phase: str, outer: Sequence[Input], layers: Sequence[CaffeLayer]) -> Told | None:
    """The first bottom that nothing gives in a phase."""
    there = {each.name for each in outer}
    for layer in layers:
        if phase in layer.phases:
            for bottom in layer.bottoms:
                if bottom.value not in there:
                    return bottom
            there.update(top.value for top in layer.tops)
    return None


def _has_inputs(phase: str, outer: Sequence[Input], layers: Sequence[CaffeLayer]) -> bool:
    return bool(outer) or any(phase in each.phases and not each.bottoms for each in layers)


def twins_joined(layers: Sequence[CaffeLayer], phases: Sequence[str]) -> list[CaffeLayer]:
    """The layers of the phases, those that stand there once for each of them as one."""
    kept: list[CaffeLayer] = []
    for layer in layers:
        layer.phases &= frozenset(phases)
        if not layer.phases:
            layer.fields.pass_over()
            continue
        before = kept[-1] if kept else None
        if before is not None and layer.bottoms and _are_twins(before, layer):
            before.phases |= layer.phases
            layer.fields.pass_over()
        else:
            kept.append(layer)
    return kept


def _are_twins(one: CaffeLayer, other: CaffeLayer) -> bool:
    """Whether two layers do the same in different phases, as a spec's one does it in both.

    A BatchNorm with a batch's own statistics in TRAIN and running ones in TEST is one that is told
    neither.
    """
    if one.phases & other.phases or (one.name.value, one.type.value) != (
        other.name.value,
        other.type.value,
    ):
        return False
    if _text(one) == _text(other):
        return True
    if _text(one, "use_global_stats") != _text(other, "use_global_stats"):
        return False
    fixed = [each.message("batch_norm_param").told("use_global_stats") for each in (one, other)]
    by_phase = {
        phase: told.value if told is not None else phase == "TEST"
        for each, told in zip((one, other), fixed, strict=True)
        for phase in each.phases
    }
    if by_phase != {"TRAIN": False, "TEST": True}:
        return False
    one.switches = True
    return True


_DECIDING = ("include", "exclude")


def _text(layer: CaffeLayer, *left: str) -> object:
    """What a layer says, but for its phases, and for some fields of a BatchNorm."""
    assert layer.fields.record is not None
    plain = layer.fields.record.plain()
    said = {name: each for name, each in plain.items() if name not in _DECIDING}
    settings = said.get("batch_norm_param")
    if isinstance(settings, dict):
        said["batch_norm_param"] = {n: each for n, each in settings.items() if n not in left}
    return said
