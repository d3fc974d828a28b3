"""From layers that write over each other's blobs to blobs that are written once.

A name means the latest blob above that bears it. What reads behind a layer in place reads what
that gives; one above it may not have read the same blob, as Caffe has it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from netspec.diagnostics import Diagnostics, SpecError
from netspec.importers.caffe.blobs import Blob, Entry, Input
from netspec.importers.caffe.inputs import given, given_by
from netspec.importers.caffe.layers import TABLE
from netspec.importers.caffe.parts import Alias, CaffeLayer, Deferred, Part
from netspec.importers.caffe.placing import deferred, placed
from netspec.importers.caffe.told import Told
from netspec.layers import CATALOGUE
from netspec.layers.foreign import help_for
from netspec.listed import listed


@dataclass(frozen=True)
class LeftOut:
    """A layer that isn't in the spec, why, and the tops of it that are inputs there."""

    layer: CaffeLayer
    why: str
    inputs: list[str]


Unfit = dict[tuple[int, int], SpecError]
"""What is wrong with layers, by the line and column of their types."""


_SOURCES = frozenset({"Python"})
"""Of the layers that become some of a spec's those that may give data as well."""


class Wiring:
    """Goes through the layers in order; `phases` are those that are asked for, `shapes` the names
    of the blobs whose shapes the user says, `unfit` layers that don't fit what they read.
    """

    def __init__(
        self,
        phases: Sequence[str],
        diagnostics: Diagnostics,
        partial: bool,
        shapes: Collection[str],
        unfit: Unfit,
    ) -> None:
        self.phases = phases
        self.shapes = shapes
        self.unfit = unfit
        self.diagnostics = diagnostics
        self.partial = partial
        self.names: dict[str, dict[str, Blob]] = {phase: {} for phase in phases}
        self.readers: dict[str, dict[Blob, list[CaffeLayer]]] = {
            phase: defaultdict(list) for phase in phases
        }
        self.entries: list[Entry] = []
        self.inputs: dict[str, Input] = {}
        self.silenced: set[Blob] = set()
        self.unread: dict[str, Blob] = {}
        """What a Split gives and nothing reads, by the name that it has there."""
        self.left_out: list[LeftOut] = []

    def source(self, layer: CaffeLayer) -> None:
        """A layer that reads nothing: what it gives are inputs."""
        kind = layer.type.value
        try:
            if kind in TABLE and kind not in _SOURCES:
                layer.refuse(f"this {kind} reads nothing: it has no `bottom`")
            if not layer.tops:
                layer.refuse(f"this {kind} has neither `bottom` nor `top`")
        except SpecError as error:
            self._refused(layer, error)
            return
        self.declare(given_by(layer), layer.phases)

    def declare(self, inputs: Iterable[Input], phases: Iterable[str]) -> None:
        """Add inputs; those of one name in both phases are one."""
        phases = tuple(phases)
        for each in inputs:
            if any(each.name in self.names[phase] for phase in phases):
                message = f"`{each.name}` is given above as well, which Caffe refuses"
                self.diagnostics.error("duplicate-name", message, each.place.span)
            else:
                self._declare(each, phases)

    def _declare(self, each: Input, phases: Iterable[str]) -> None:
        known = self.inputs.get(each.name)
        if known is None:
            self.inputs[each.name] = known = each
        elif known.shape is None:
            known.shape = each.shape
        elif (
            each.name not in self.shapes
            and each.shape is not None
            and each.shape.value[1:] != known.shape.value[1:]
        ):
            self.diagnostics.error(
                "not-importable",
                f"`{each.name}` has another shape in the other phase, in line "
                f"{known.place.line}, and an input has one",
                each.shape.place.span,
                help=f"`--phase TEST` or `--phase TRAIN` imports one of them, "
                f"`--input {each.name}=…` says the shape of both",
            )
        for phase in phases:
            self.names[phase][each.name] = known.blob

    def add(self, layer: CaffeLayer) -> None:
        """A layer that isn't an input."""
        bottoms = self._bottoms(layer)
        if bottoms is None or any(blob.lost for blob in bottoms):
            self._lose(layer, "")
            return
        if layer.type.value == "Silence":
            self.silenced.update(bottoms)
            return
        translation = TABLE.get(layer.type.value)
        if translation is None:
            self._unknown(layer)
            return
        place = layer.type.place
        try:
            made = translation(layer)
            if (place.line, place.column) in self.unfit:
                raise self.unfit[place.line, place.column]
        except SpecError as error:
            self._refused(layer, error)
            return
        if not self._tops_fit(layer, bottoms):
            return
        if isinstance(made, Alias):
            for top in layer.tops:
                self._bind(layer, top.value, bottoms[0])
                self.unread[top.value] = bottoms[0]
            return
        self._note_reads(layer, bottoms)
        self._place(layer, made, bottoms)

    def _bottoms(self, layer: CaffeLayer) -> list[Blob] | None:
        """What a layer reads; None where that can't be said."""
        found: list[Blob] = []
        for bottom in layer.bottoms:
            blobs = {phase: self.names[phase].get(bottom.value) for phase in sorted(layer.phases)}
            missing = [phase for phase, blob in blobs.items() if blob is None]
            if missing:
                self._missing(bottom, missing)
                return None
            different = set(blobs.values())
            if len(different) > 1:
                self._disagree(layer, bottom, blobs)
                return None
            blob = next(iter(different))
            assert blob is not None
            found.append(blob)
            self.unread.pop(bottom.value, None)
        return found

    def _missing(self, bottom: Told, phases: Sequence[str]) -> None:
        where = "" if len(phases) == len(self.phases) else f" in {listed(list(phases))}"
        self.diagnostics.error(
            "unknown-name", f"nothing above gives `{bottom.value}`{where}", bottom.place.span
        )

    def _disagree(self, layer: CaffeLayer, bottom: Told, blobs: dict[str, Blob | None]) -> None:
        makers = [
            f"in {phase} what `{_maker(blob)}` gives" for phase, blob in blobs.items() if blob
        ]
        self.diagnostics.error(
            "not-importable",
            f"`{layer.name.value}` reads {' and '.join(makers)}, and what a layer reads never "
            "depends on the phase",
            bottom.place.span,
            help="`--phase TEST` or `--phase TRAIN` imports one of them",
        )

    def _tops_fit(self, layer: CaffeLayer, bottoms: Sequence[Blob]) -> bool:
        """Whether no top is another blob's name, or that of one which others have read."""
        own: set[str] = set()
        for number, top in enumerate(layer.tops):
            if top.value in own:
                message = f"`{top.value}` is given twice by this layer, which Caffe refuses"
                self.diagnostics.error("duplicate-name", message, top.place.span)
                return False
            own.add(top.value)
            for phase in layer.phases:
                known = self.names[phase].get(top.value)
                if known is None:
                    continue
                in_place = number < len(bottoms) and layer.bottoms[number].value == top.value
                if not in_place:
                    message = f"`{top.value}` is the name of another blob, and not this layer's"
                    self.diagnostics.error(
                        "duplicate-name", f"{message} bottom in place", top.place.span
                    )
                    return False
                earlier = self.readers[phase][known]
                if earlier:
                    self._overwrites(layer, top, earlier[0])
                    return False
        return True

    def _overwrites(self, layer: CaffeLayer, top: Told, reader: CaffeLayer) -> None:
        self.diagnostics.error(
            "in-place",
            f"`{layer.name.value}` writes over `{top.value}`, which `{reader.name.value}` in line "
            f"{reader.name.place.line} has read before; Caffe refuses that",
            top.place.span,
            help="give it a top of its own, and let those behind read that",
        )
        for each in layer.tops:
            self._bind(layer, each.value, Blob(each.value, lost=True))

    def _note_reads(self, layer: CaffeLayer, bottoms: Sequence[Blob]) -> None:
        for phase in layer.phases:
            for blob in bottoms:
                self.readers[phase][blob].append(layer)

    def _place(
        self,
        layer: CaffeLayer,
        made: Part | Sequence[Part] | Deferred,
        bottoms: Sequence[Blob],
    ) -> None:
        """The entries that a layer becomes."""
        phase = next(iter(layer.phases)) if len(layer.phases) < len(self.phases) else None
        tops = [Blob(top.value) for top in layer.tops]
        if isinstance(made, Deferred):
            self.entries.append(deferred(layer, made, bottoms, tops, phase))
        else:
            parts = [made] if isinstance(made, Part) else made
            self.entries += placed(layer, parts, bottoms, tops, phase)
        for blob in tops:
            if blob.maker is not None:
                self._bind(layer, blob.called, blob)

    def _bind(self, layer: CaffeLayer, name: str, blob: Blob) -> None:
        for phase in layer.phases:
            self.names[phase][name] = blob

    def _unknown(self, layer: CaffeLayer) -> None:
        kind = layer.type.value
        help, code = None, "unknown-type"
        if not kind:
            message, code = "this layer has no `type`", "missing-field"
        elif kind in CATALOGUE:
            message = f"Caffe's `{kind}` is another layer than netspec's, and isn't imported"
        else:
            help = help_for(kind, CATALOGUE)
            message = f"netspec has no layer `{kind}`"
        span = layer.type.place.span
        if self.partial:
            self.diagnostics.warning("left-out", message, span, help=help)
        else:
            self.diagnostics.error(code, message, span, help=help)
        self._lose(layer, message)

    def _refused(self, layer: CaffeLayer, error: SpecError) -> None:
        for each in error.diagnostics:
            if self.partial and each.code == "not-importable":
                self.diagnostics.warning("left-out", each.message, each.span, help=each.help)
            else:
                self.diagnostics.add(each)
        self._lose(layer, error.diagnostics[0].message)

    def _lose(self, layer: CaffeLayer, why: str) -> None:
        """Leave out a layer, and with it what reads it; but where the user says the shape of what
        it gives, that is an input.
        """
        layer.fields.pass_over()
        known = [top for top in layer.tops if top.value in self.shapes] if self.partial else []
        self.left_out.append(LeftOut(layer, why, [top.value for top in known]))
        for top in layer.tops:
            if top in known:
                self._declare(given(top), layer.phases)
            else:
                self._bind(layer, top.value, Blob(top.value, lost=True))


def _maker(blob: Blob) -> str:
    maker = blob.maker
    return maker.called if isinstance(maker, Entry) else blob.called


def readers_of(entries: Iterable[Entry]) -> dict[Blob, list[Entry]]:
    """Who reads each blob."""
    found: dict[Blob, list[Entry]] = defaultdict(list)
    for entry in entries:
        for blob in entry.bottoms:
            found[blob].append(entry)
    return found
