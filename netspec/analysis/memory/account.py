"""A run of the emitted module, kept account of: what memory is made, when, and when it's let go.

The module is run without values (`netspec.eager`), layer by layer, as PyTorch runs it: memory lasts
as long as something names it. Blobs are named for as long as `held` says. In training autograd's
steps name what they keep; the pass back then goes through them as PyTorch's engine does, the last
one made first.
"""

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from netspec.analysis.memory.held import held
from netspec.analysis.memory.timeline import Piece
from netspec.analysis.storage import Runner, kept
from netspec.eager.tensor import Step, Storage, Tape, Tensor
from netspec.graph import Graph, Phase, Size
from netspec.graph.sizes import total
from netspec.quick import frozen

FORWARD = "made by {}"
BACKWARD = "gradient made by {}"
WEIGHTS = "gradients of weights"
RESULTS = "gradients of results"
"""What pieces are called, by what makes them and when."""


@frozen
class Account:
    """Pieces of memory in the order in which they were made: the making of each is a moment of its
    own, and the end is one behind the last.

    `forward` counts those of the pass forward; `saved` are the bytes that autograd keeps of it.
    """

    pieces: Sequence[Piece]
    forward: int
    saved: Size = 0


class _Ledger:
    """Is told of each storage that is made and that goes. `kind` says what is made now."""

    def __init__(self) -> None:
        self.kind = FORWARD
        self._made: list[tuple[str, Size, str | None]] = []
        self._last: dict[int, int] = {}

    def made(self, storage: Storage) -> int:
        self._made.append((self.kind.format(storage.maker), storage.size, storage.maker))
        return len(self._made) - 1

    def gone(self, number: int) -> None:
        self._last[number] = len(self._made) - 1

    def call(self, number: int, name: str) -> None:
        """Call a piece otherwise than by what made it."""
        self._made[number] = (name, *self._made[number][1:])

    def __len__(self) -> int:
        return len(self._made)

    def pieces(self) -> tuple[Piece, ...]:
        """All of them; what hasn't gone lasts to the end."""
        end, last = len(self), self._last
        return tuple(
            Piece(called, size, number, last.get(number, end), layer)
            for number, (called, size, layer) in enumerate(self._made)
        )


def inference(
    graph: Graph, sizes: Mapping[str, int], precision: str = "float32", *, records: bool = False
) -> Account:
    """A pass forward in the TEST phase, of a module in that precision; without gradients, unless it
    `records` what a pass back asks for.
    """
    ledger = _Ledger()
    tape = Tape(training=False, ledger=ledger, records=records)
    runner = Runner(graph, Phase.TEST, tape, sizes=sizes, precision=precision)
    results = _forward(runner)
    pieces = ledger.pieces()
    del results
    return Account(pieces, len(pieces))


def training(graph: Graph, sizes: Mapping[str, int], autocast: str | None = None) -> Account:
    """A pass forward and back in the TRAIN phase.

    It goes back from the losses; where there are none, from all results, with a gradient as large
    as each.
    """
    ledger = _Ledger()
    tape = Tape(training=True, autocast=autocast, ledger=ledger)
    runner = Runner(graph, Phase.TRAIN, tape, sizes=sizes)
    results = _forward(runner)
    forward = len(ledger)
    steps = [each.step for each in results.values() if each.step is not None]
    saved = total(each.size for each in kept(steps))
    losses = runner.view.losses
    ends = [each.step for name, each in results.items() if name in losses or not losses]
    gradients = _Gradients(ledger)
    gradients.run([step for step in ends if step is not None])
    pieces = ledger.pieces()
    del results, steps, ends
    return Account(pieces, forward, saved)


def _forward(runner: Runner) -> dict[str, Tensor]:
    """Run all layers; the results, which the caller holds."""
    view = runner.view
    ends: dict[int, list[str]] = {}
    alive = held(view)
    runner.leave(alive.apart)
    for blob, number in alive.until.items():
        ends.setdefault(number, []).append(blob)
    tensors = runner.inputs()
    for number, node in enumerate(view.nodes):
        tensors.update(runner.tops(node, tensors))
        for blob in ends.get(number, ()):
            del tensors[blob]
    runner.tape.casts.clear()
    return {name: tensors[name] for name in runner.results}


class _Gradient:
    """A gradient on its way: its memory and the number of that piece, how many steps wait with it,
    and whether a view of it is about, which PyTorch doesn't add to in place.
    """

    __slots__ = ("is_viewed", "number", "storage", "waiting")

    def __init__(self, storage: Storage, number: int) -> None:
        self.storage = storage
        self.number = number
        self.waiting = 1
        self.is_viewed = False


class _Gradients:
    """The pass back, as autograd's engine does it."""

    def __init__(self, ledger: _Ledger) -> None:
        self._ledger = ledger
        self._of: dict[Step, _Gradient] = {}
        self._next: list[tuple[int, Step]] = []

    def run(self, ends: Sequence[Step]) -> None:
        """Go back from the ends, each of which is given a gradient."""
        for step in ends:
            self._add(step, self._new(step, None, RESULTS))
        while self._next:
            self._back(heappop(self._next)[1])

    def _new(self, step: Step, maker: str | None, kind: str = BACKWARD) -> _Gradient:
        """Memory for the gradient of what a step gave; without steps behind it that is a weight."""
        self._ledger.kind = kind if step.behind else WEIGHTS
        made = Storage(step.shape, step.dtype, maker, self._ledger)
        return _Gradient(made, len(self._ledger) - 1)

    def _back(self, step: Step) -> None:
        """Give those behind a step their gradients; what it kept is let go of."""
        gradient = self._of.pop(step)
        taken = [self._new(step, step.maker) for _ in range(step.meanwhile)]
        given = [(each, self._given(step, each, gradient)) for each in step.behind]
        gradient.waiting -= 1
        step.kept = ()
        del gradient, taken
        given.reverse()
        while given:
            self._add(*given.pop())

    def _given(self, step: Step, behind: Step, gradient: _Gradient) -> _Gradient:
        """What a step gives one behind it. A weight takes no gradient that others wait with, or
        that lies otherwise than itself.
        """
        fits = step.gives == "parts" or (step.gives != "new" and step.size == behind.size)
        alone = len(step.behind) == 1 and gradient.waiting == 1 and step.gives != "turned"
        if not fits or not (behind.behind or alone):
            return self._new(behind, step.maker)
        gradient.waiting += 1
        gradient.is_viewed |= step.gives != "same"
        return gradient

    def _add(self, step: Step, more: _Gradient) -> None:
        """Give a step a gradient; what it has already is added to, in place where that can be."""
        there = self._of.get(step)
        if there is None:
            self._of[step] = more
            if step.behind:
                heappush(self._next, (-step.number, step))
            else:
                self._ledger.call(more.number, WEIGHTS)
            return
        more.waiting -= 1
        if there.waiting > 1 or there.is_viewed:
            there.waiting -= 1
            self._of[step] = self._new(step, step.maker)
