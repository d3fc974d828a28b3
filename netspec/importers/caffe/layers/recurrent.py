"""Caffe's LSTM and RNN: a layer for each step, as `cont` may stop the state at any of them.

A step reads the states before it times its marks, which is what Caffe does: W_h · (cont · h), and
f · cont · c. All steps have the weights of the first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netspec.counted import counted
from netspec.graph.types import Shape
from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import take, weight_fillers
from netspec.importers.caffe.parts import CaffeLayer, Deferred, Part, Translated, Values
from netspec.layers.fitting import alike

MAX_STEPS = 1024
"""The most steps that a sequence may have."""

Ref = int | str
"""A bottom or top of the layer by number, or what a part gives by suffix."""
_SEQUENCE, _MATRIX = 3, 2
_SWAPPED = [1, 0, 2]


@dataclass(frozen=True)
class _Kind:
    """A recurrent layer: its states, the blobs in front of and behind that of a static bottom, and
    whether what it gives is made of the state by a product.
    """

    states: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    projected: bool = False


_INPUTS = ("weight_ih_l0", "bias_ih_l0")
_KINDS = {
    "LSTM": _Kind(("h", "c"), _INPUTS, ("weight_hh_l0",)),
    "RNN": _Kind(("h",), _INPUTS, ("weight_hh_l0", "", ""), projected=True),
}


@translates(*_KINDS)
def recurrent(layer: CaffeLayer) -> Translated:
    message = layer.message("recurrent_param")
    message.ignore("debug_info")
    kind = _KINDS[layer.type.value]
    exposed = message.told("expose_hidden")
    starts = len(kind.states) if exposed is not None and exposed.value else 0
    static = len(layer.bottoms) == 3 + starts
    if len(layer.bottoms) not in (2 + starts, 3 + starts):
        layer.refuse(
            f"Caffe's {layer.type.value} reads a sequence, the marks of where sequences begin, "
            f"`cont`, and further blobs of its own, but has {counted(len(layer.bottoms), 'bottom')}"
        )
    for each in layer.fields.messages("param"):
        if "name" in each:
            layer.refuse("a recurrent layer shares no blobs here: it has others", each.place)
    fields = take(message, "num_output") | weight_fillers(layer, message)
    _note(layer, starts > 0)
    made = _Steps(layer, kind, fields, _biases(layer, fields), static, starts > 0)
    if starts:
        return Deferred(layer.type.value, made.parts)
    alike = Part("InnerProduct", take(message, "num_output") | {"axis": layer.implied(2)})
    return Deferred(layer.type.value, made.parts, alike)


def _note(layer: CaffeLayer, exposed: bool) -> None:
    type = layer.type.value
    layer.notes.say(
        f"Caffe's {type} is a layer for each step here, as sequences may begin at any; where all "
        f"begin with the first, one {type} between two `Permute` with `order: [1, 0, 2]` does the "
        "same"
    )
    if not exposed:
        layer.notes.say(
            f"Each {type} begins with zeros here; Caffe keeps its state from one pass to the next "
            "where `cont` is 1 at the first step"
        )


def _biases(layer: CaffeLayer, fields: Values) -> Values:
    """The fillers of a step's two biases, which Caffe has as one: half of a number each."""
    told = fields.get("bias_filler")
    if told is None:
        return {"bias_filler": layer.implied({"type": "constant"})} if layer.fresh else {}
    if told.value["type"] == "constant":
        value = told.value.get("value", 0)
        half = {"value": value / 2} if value else {}
        return {"bias_filler": told.but({"type": "constant"} | half)}
    return {"bias_filler": told}


@dataclass(frozen=True)
class _Steps:
    """What is known of a layer before its number of steps is."""

    layer: CaffeLayer
    kind: _Kind
    fields: Values
    biases: Values
    static: bool
    exposed: bool

    def parts(self, bottoms: Sequence[Shape]) -> Sequence[Part]:
        """The layers of a spec for a sequence of the bottoms' shapes."""
        steps = self._count(bottoms)
        return [*self._sequence(bottoms, steps), *self._steps(steps), *self._result(steps)]

    def _count(self, bottoms: Sequence[Shape]) -> int:
        """How many steps there are."""
        layer, marks = self.layer, bottoms[1]
        if bottoms[0].rank < _SEQUENCE or marks.rank != _MATRIX or not alike(bottoms[0][:2], marks):
            layer.refuse(
                f"Caffe's {layer.type.value} reads a sequence T×N×… and marks T×N, but these are "
                f"{bottoms[0]} and {marks}",
                layer.bottoms[1].place,
            )
        steps = marks[0]
        if not isinstance(steps, int):
            layer.refuse(
                f"a step is a layer, and how many there are is {steps} here",
                layer.bottoms[1].place,
                help="give the sequence's length as a number, as in `--input data=20xNx300`",
            )
        if steps > MAX_STEPS:
            layer.refuse(
                f"a step is a layer, and {steps:,} are more than {MAX_STEPS:,}",
                layer.bottoms[1].place,
            )
        if steps == 1 and not self.exposed:
            layer.refuse(
                f"`{layer.name.value}` goes a step at a time: Caffe keeps its state from one pass "
                "to the next, and a spec keeps none",
                help="`expose_hidden: true` makes bottoms and tops of it",
            )
        return steps

    def _sequence(self, bottoms: Sequence[Shape], steps: int) -> Iterator[Part]:
        """The steps, N×1×D, and the marks, 1×N, each by itself."""
        given: Ref = 0
        if bottoms[0].rank > _SEQUENCE:
            yield Part("Flatten", self._told(axis=2), "_flat", (0,), ())
            given = "_flat"
        if self.static:
            yield from self._joined(given, bottoms[2], steps)
            given = "_joined"
        swapped = self._told(order=_SWAPPED)
        if steps == 1:
            yield Part("Permute", swapped, "_x1", (given,), ())
            return
        yield Part("Permute", swapped, "_sequence", (given,), ())
        for name, first, axis in (("_x", "_sequence", 1), ("_cont", 1, 0)):
            pieces = tuple(f"{name}{step}" for step in range(1, steps + 1))
            yield Part("Slice", self._told(axis=axis), f"{name}s", (first,), pieces)

    def _joined(self, given: Ref, static: Shape, steps: int) -> Iterator[Part]:
        """The sequence with the static bottom, N×S, behind each step."""
        below: Ref = 2
        if static.rank > _MATRIX:
            yield Part("Flatten", {}, "_static", (2,), ())
            below = "_static"
        once, all = self._told(shape=[1], axis=0, num_axes=0), self._told(axis=0, tiles=steps)
        yield Part("Reshape", once, "_static_once", (below,), ())
        yield Part("Tile", all, "_static_all", ("_static_once",), ())
        yield Part("Concat", self._told(axis=2), "_joined", (given, "_static_all"), ())

    def _told(self, **values: object) -> Values:
        return {name: self.layer.implied(value) for name, value in values.items()}

    def _steps(self, steps: int) -> Iterator[Part]:
        """The states of each step, made of the step and of the states before it."""
        kind, first = self.kind, len(self.layer.bottoms) - len(self.kind.states)
        before: list[Ref] = [first + n for n in range(len(kind.states))]
        axis = self._told(axis=0)
        for step in range(1, steps + 1):
            states: list[Ref] = []
            for name, state in zip(kind.states, before, strict=True):
                if step == 1 and not self.exposed:
                    continue  # zeros, whatever their mark is
                mark: Ref = 1 if steps == 1 else f"_cont{step}"
                kept = f"_kept_{name}{step}"
                states.append(kept)
                yield Part("Scale", axis, kept, (state, mark), ())
            last = step == steps
            after: list[Ref] = [] if last else [f"_{name}{step}" for name in kind.states]
            if last and self.exposed:
                after = [1 + n for n in range(len(kind.states))]
            before = list(after)
            yield self._step(step, (f"_x{step}", *states), (f"_y{step}", *after))

    def _step(self, step: int, bottoms: tuple[Ref, ...], tops: tuple[Ref, ...]) -> Part:
        """A step's layer; of its two biases, which are one in Caffe, only the first is trained."""
        kind = self.kind
        if step > 1:
            return Part("", {}, f"_step{step}", bottoms, tops, "_step1")
        count = len(kind.before) + self.static
        static = ("weight_ih_l0",) if self.static else ()
        return Part(
            self.layer.type.value,
            self.fields | self.biases,
            "_step1",
            bottoms,
            tops,
            blobs=(*kind.before, *static, *kind.after),
            param=(0, count, 1, None) if self._trained() else None,
        )

    def _trained(self) -> bool:
        """Whether the file says anything of how the layer is trained."""
        return self.layer.fresh or bool(self.layer.fields.messages("param"))

    def _result(self, steps: int) -> Iterator[Part]:
        """What all steps give, T×N×H."""
        order = self._told(order=_SWAPPED)
        given: Ref = "_y1"
        if steps > 1:
            pieces = tuple(f"_y{step}" for step in range(1, steps + 1))
            yield Part("Concat", self._told(axis=1), "_all", pieces, ())
            given = "_all"
        if not self.kind.projected:
            yield Part("Permute", order, "", (given,), (0,))
            return
        yield Part("Permute", order, "_states", (given,), ())
        static = ("",) if self.static else ()
        yield Part(
            "InnerProduct",
            self.fields | self._told(axis=2),
            "_projected",
            ("_states",),
            (),
            blobs=("", "", *static, "", "weight", "bias"),
            param=tuple(3 + self.static + n for n in range(2)),
        )
        yield Part("TanH", {}, "", ("_projected",), (0,))
