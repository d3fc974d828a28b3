"""Caffe's LSTM and RNN: an instance of a block for each step, as `cont` may stop the state at any.

A step reads the states before it times its marks, which is what Caffe does: W_h · (cont · h), and
f · cont · c. All steps have the weights of the first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from netspec.counted import counted
from netspec.graph.types import Shape
from netspec.importers.caffe.layers.cells import HIDDEN, KINDS, Kind, Line
from netspec.importers.caffe.layers.registry import translates
from netspec.importers.caffe.layers.values import take, weight_fillers
from netspec.importers.caffe.parts import (
    CaffeLayer,
    Deferred,
    Member,
    Part,
    Translated,
    Values,
)
from netspec.layers.fitting import alike

MAX_STEPS = 1024
"""The most steps that a sequence may have."""

Ref = int | str
"""A bottom or top of the layer by number, or what a part gives by suffix."""
_SEQUENCE, _MATRIX = 3, 2


@translates(*KINDS)
def recurrent(layer: CaffeLayer) -> Translated:
    message = layer.message("recurrent_param")
    message.ignore("debug_info")
    kind = KINDS[layer.type.value]
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
    size = take(message, "num_output")
    if not size or size["num_output"].value < 1:
        layer.refuse(f"Caffe's {layer.type.value} needs a `num_output` of 1 or more")
    fillers = weight_fillers(layer, message)
    _note(layer, starts > 0)
    made = _Steps(layer, kind, size["num_output"].value, size, fillers, static, starts > 0)
    if starts:
        return Deferred(layer.type.value, made.parts)
    alike = Part("InnerProduct", size | {"axis": layer.implied(2)})
    return Deferred(layer.type.value, made.parts, alike)


def _note(layer: CaffeLayer, exposed: bool) -> None:
    type = layer.type.value
    layer.notes.say(
        f"Caffe's {type} is a block for each step here, as sequences may begin at any; where all "
        f"begin with the first, one {type} between two `Permute` with `order: [1, 0, 2]` does the "
        "same"
    )
    if not exposed:
        layer.notes.say(
            f"Each {type} begins with zeros here; Caffe keeps its state from one pass to the next "
            "where `cont` is 1 at the first step"
        )


@dataclass(frozen=True)
class _Steps:
    """What is known of a layer before its number of steps is; `size` is of its states."""

    layer: CaffeLayer
    kind: Kind
    size: int
    num_output: Values
    fillers: Values
    static: bool
    exposed: bool

    def parts(self, bottoms: Sequence[Shape]) -> Sequence[Part]:
        """The layers of a spec for a sequence of the bottoms' shapes."""
        steps = self._count(bottoms)
        self._check(bottoms)
        return [*self._sequence(steps), *self._begun(), *self._steps(steps), *self._result(steps)]

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
                f"a step is a block, and how many there are is {steps} here",
                layer.bottoms[1].place,
                help="give the sequence's length as a number, as in `--input data=20xNx300`",
            )
        if steps > MAX_STEPS:
            layer.refuse(
                f"a step is a block, and {steps:,} are more than {MAX_STEPS:,}",
                layer.bottoms[1].place,
            )
        if steps == 1 and not self.exposed:
            layer.refuse(
                f"`{layer.name.value}` goes a step at a time: Caffe keeps its state from one pass "
                "to the next, and a spec keeps none",
                help="`expose_hidden: true` makes bottoms and tops of it",
            )
        return steps

    def _check(self, bottoms: Sequence[Shape]) -> None:
        """Refuse a static bottom of another batch, and states of another shape."""
        batch = bottoms[1][1]
        if self.static and not alike(bottoms[2][:1], Shape((batch,))):
            self._refuse(2, f"a static bottom N×…, N {batch} here, but this is {bottoms[2]}")
        state = Shape((1, batch, self.size))
        for number in range(2 + self.static, len(bottoms)):
            if not alike(bottoms[number], state):
                self._refuse(number, f"states of {state} here, but this is {bottoms[number]}")

    def _refuse(self, number: int, what: str) -> None:
        layer = self.layer
        layer.refuse(f"Caffe's {layer.type.value} reads {what}", layer.bottoms[number].place)

    def _sequence(self, steps: int) -> Iterator[Part]:
        """W_x · x + b for the whole sequence, T×N×…, and its steps and marks each by itself."""
        last = "_gates"
        fields = self._rows() | self._told(axis=2) | self.fillers
        yield self._with_blobs(Part("InnerProduct", fields, last, (0,), ()), 0)
        if self.static:
            yield self._with_blobs(
                Part("InnerProduct", self._without_bias(axis=1), "_static", (2,), ()), 2
            )
            last = "_with_static"
            yield Part("Bias", self._told(axis=1), last, ("_gates", "_static"), ())
        if steps == 1:
            return
        for name, first in (("_x", last), ("_cont", 1)):
            pieces = tuple(f"{name}/{step}" for step in range(steps))
            yield Part("Slice", self._told(axis=0), f"{name}s", (first,), pieces)

    def _begun(self) -> Iterator[Part]:
        """What the states before the first step need, where they aren't bottoms as they are."""
        if self.exposed:
            again = [ref for ref in self._before() if isinstance(ref, str)]
            yield from (
                Part("Identity", {}, ref, (len(self.layer.bottoms) - 1,), ()) for ref in again
            )
            return
        zero = self._told(shape=[1, 1, self.size], value=0, persistent=False)
        yield Part("Constant", zero, "_zero", (), ())
        for state in self.kind.states:
            yield Part("Expand", self._told(axis=1), f"_{state}0", ("_zero", "_x/0"), ())

    def _rows(self) -> Values:
        """How many elements a step reads."""
        given = self.num_output["num_output"]
        return {"num_output": given.but(self.kind.rows * self.size)}

    def _without_bias(self, axis: int) -> Values:
        """The fields of a product with as many elements that adds nothing."""
        fillers = {name: told for name, told in self.fillers.items() if name != "bias_filler"}
        return self._rows() | self._told(axis=axis, bias_term=False) | fillers

    def _told(self, **values: object) -> Values:
        return {name: self.layer.implied(value) for name, value in values.items()}

    def _with_blobs(self, part: Part, first: int) -> Part:
        """A part with weights, the first of which are so many of the layer's blobs."""
        part.blobs = self._blobs(first, bias="bias_term" not in part.fields)
        part.param = tuple(number for number, name in enumerate(part.blobs) if name)
        return part

    def _blobs(self, first: int, bias: bool) -> tuple[str, ...]:
        """The names for a part of the layer's blobs: W_x and b, a static bottom's, W_h, and those
        of what makes the result of the state.
        """
        own = ("weight", "bias") if bias else ("weight",)
        count = 3 + self.static + 2 * self.kind.projected
        return (*[""] * first, *own, *[""] * (count - first - len(own)))

    def _steps(self, steps: int) -> Iterator[Part]:
        """The states of each step, made of the step and of the states before it."""
        names, states = self.kind.cell.inputs, self._before()
        for step in range(steps):
            reads: list[Ref] = [f"_x/{step}", f"_cont/{step}"]
            if steps == 1:
                reads = ["_with_static" if self.static else "_gates", 1]
            yield from self._step(step, dict(zip(names, [*reads, *states], strict=True)))
            states = [*self._states(step)]

    def _before(self) -> list[Ref]:
        """The states before the first step: zeros, unless they are bottoms. One bottom that is both
        is told apart, as a block reads each of them.
        """
        given = self.layer.bottoms[-len(self.kind.states) :] if self.exposed else ()
        found: list[Ref] = [f"_{state}0" for state in self.kind.states]
        for place, bottom in enumerate(given):
            if bottom.value not in [each.value for each in given[:place]]:
                found[place] = len(self.layer.bottoms) - len(given) + place
        return found

    def _states(self, step: int) -> Iterator[str]:
        """What a step gives, by suffix."""
        return (f"{_instance(step)}/{state}" for state in self.kind.states)

    def _step(self, step: int, known: dict[str, Ref]) -> Iterator[Part]:
        """The layers of a step, which reads what is known."""
        within = _instance(step)
        for line in self.kind.lines:
            suffix, tops = f"{within}/{line.name}", tuple(f"{within}/{top}" for top in line.tops)
            part = Part(
                line.type,
                suffix=suffix,
                bottoms=tuple(known[each] for each in line.reads),
                tops=tops,
                member=Member(self.kind.cell, step, line.name, line.reads),
            )
            if step:
                part.type, part.reuse = "", f"{_instance(0)}/{line.name}"
            else:
                self._fill(part, line)
            yield part
            known |= zip(line.tops, tops, strict=True) if tops else {line.name: suffix}

    def _fill(self, part: Part, line: Line) -> None:
        """Say what a layer of the first step is, whose weights all have."""
        part.fields = self._told(**line.fields)
        if line.name == HIDDEN:
            part.fields = self._without_bias(axis=2)
            self._with_blobs(part, 2 + self.static)

    def _result(self, steps: int) -> Iterator[Part]:
        """What all steps give, T×N×H, and the last states where they are tops."""
        all = tuple(next(self._states(step)) for step in range(steps))
        name, tops = ("_states", ()) if self.kind.projected else ("", (0,))
        if steps > 1:
            yield Part("Concat", self._told(axis=0), name, all, tops)
        else:
            yield Part("Identity", {}, name, all, tops)
        if self.kind.projected:
            fields = self.num_output | self._told(axis=2) | self.fillers
            product = Part("InnerProduct", fields, "_projected", (name,), ())
            yield self._with_blobs(product, 3 + self.static)
            yield Part("TanH", {}, "", ("_projected",), (0,))
        if self.exposed:
            last = zip(self.kind.states, self._states(steps - 1), strict=True)
            for number, (state, given) in enumerate(last, 1):
                if number < len(self.layer.tops):
                    yield Part("Identity", {}, f"_last_{state}", (given,), (number,))


def _instance(step: int) -> str:
    """The suffix of a step's scope: the others have the first one's weights."""
    return f"_step/{step - 1}" if step else "_first"
