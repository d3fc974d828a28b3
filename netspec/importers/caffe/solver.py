"""A solver as the values of a recipe, each where the prototxt has it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from netspec.diagnostics import Diagnostics
from netspec.diagnostics.suggest import did_you_mean
from netspec.importers.caffe.reading import read_solver
from netspec.importers.caffe.records import Item, Record
from netspec.importers.caffe.text import Message
from netspec.importers.caffe.told import put
from netspec.listed import listed
from netspec.source import Mapping
from netspec.source.values import Place

_SAME = frozenset(
    (
        *("net", "train_net", "test_net", "weights"),
        *("base_lr", "lr_policy", "gamma", "power", "stepsize", "stepvalue"),
        *("warmup_iter", "warmup_start_lr"),
        *("momentum", "momentum2", "rms_decay", "delta"),
        *("weight_decay", "regularization_type", "iter_size", "max_iter"),
        *("display", "average_loss"),
        *("test_iter", "test_interval", "test_initialization", "test_compute_loss"),
        *("snapshot", "snapshot_prefix", "snapshot_after_train"),
    )
)
"""Fields that a recipe has under the same name."""

POLICIES = ("fixed", "step", "multistep", "exp", "inv", "poly", "sigmoid")
OPTIMIZERS = {
    "SGD": "SGD",
    "NESTEROV": "Nesterov",
    "ADAGRAD": "AdaGrad",
    "RMSPROP": "RMSProp",
    "ADADELTA": "AdaDelta",
    "ADAM": "Adam",
}
"""The words of the old `solver_type`, and the names that `type` takes."""

_OFF_BELOW_ZERO = {"clip_gradients": "clip_gradients", "random_seed": "seed"}
"""Fields that say nothing with a number below 0, and what a recipe calls them."""

_HOW = frozenset(
    (
        *("solver_mode", "device_id", "engine", "debug_info", "layer_wise_reduce"),
        *("snapshot_diff", "snapshot_format", "solver_data_type", "store_blobs_in_old_format"),
        *("eval_type", "ap_version", "show_per_class_result", "test_offset"),
        *("group_id", "richness"),
    )
)
"""Fields that say how or where Caffe does it, not what is learned."""


@dataclass(frozen=True)
class Solver:
    """What a recipe would say, and sentences on what it can't."""

    values: Mapping
    notes: tuple[str, ...]


def solver_of(tree: Message, diagnostics: Diagnostics) -> Solver:
    """The solver of a prototxt's tree; SpecError where it is none.

    What a recipe has no words for and changes what is learned is told as a warning (`left-out`).
    """
    return _Reading(read_solver(tree, diagnostics), diagnostics).solver()


class _Reading:
    def __init__(self, record: Record, diagnostics: Diagnostics) -> None:
        self.record = record
        self.diagnostics = diagnostics
        place = record.place
        self.values = Mapping(place.source, place.line, place.column)
        self.values.end_line, self.values.end_column = place.end_line, place.end_column
        self.left_out: list[str] = []

    def solver(self) -> Solver:
        self._put("recipe", 1, self._start(), self._start())
        for name, items in self.record.items.items():
            self._take(name, items)
        self.diagnostics.raise_errors()
        name = self.record.place.source.name.rpartition("/")[2]
        return Solver(self.values, (f"Made by `netspec import` from {name}.", *self._notes()))

    def _start(self) -> Place:
        """Where to complain of what isn't there."""
        first = next(iter(self.record.items.values()), None)
        return first[0].key if first else self.record.place

    def _take(self, name: str, items: list[Item]) -> None:
        item = items[0]
        if name == "lr_policy" and item.value not in POLICIES:
            self._unknown_policy(item)
        elif name in ("type", "solver_type"):
            self._optimizer(name, item)
        elif name == "test_state":
            self._put("test_stage", [_stages(each) for each in items], item.key, item.place)
        elif name in _OFF_BELOW_ZERO:
            if _number(item) >= 0:
                self._put(_OFF_BELOW_ZERO[name], item.value, item.key, item.place)
        elif name in _SAME:
            value = [each.value for each in items] if item.type.repeated else item.value
            self._put(name, value, item.key, item.place)
        elif name not in _HOW and any(each.value != item.type.default for each in items):
            self._unsaid(name, items)

    def _put(self, name: str, value: Any, key: Place, place: Place) -> None:
        put(self.values, name, value, key, place)

    def _unknown_policy(self, item: Item) -> None:
        message = (
            f"a recipe has no `lr_policy` called `{item.value}`, which changes what is learned"
        )
        help = did_you_mean(str(item.value), POLICIES)
        self.diagnostics.warning("left-out", message, item.place.span, help=help)
        self.left_out.append(_shown("lr_policy", [item]))

    def _optimizer(self, name: str, item: Item) -> None:
        other = self.record.one("type" if name == "solver_type" else "solver_type")
        word = str(item.value)
        known = OPTIMIZERS.get(word) if name == "solver_type" else word
        if other is not None and name == "solver_type":
            message = "`type` and the old `solver_type` both name the optimizer"
            self.diagnostics.error("field-conflict", message, item.key.span, help="leave one out")
        elif known not in OPTIMIZERS.values():
            named = listed([f"`{each}`" for each in OPTIMIZERS.values()], "or")
            message = f"`{name}` should be {named}, not `{word}`"
            help = did_you_mean(word, OPTIMIZERS.values())
            self.diagnostics.error("bad-value", message, item.place.span, help=help)
        else:
            self._put("optimizer", known, item.key, item.place)

    def _unsaid(self, name: str, items: list[Item]) -> None:
        message = f"a recipe has no words for `{name}`, which changes what is learned"
        self.diagnostics.warning("left-out", message, items[0].key.span)
        self.left_out.append(_shown(name, items))

    def _notes(self) -> Iterator[str]:
        if self.left_out:
            yield f"Left out, though it changes what is learned: {', '.join(self.left_out)}."
        how = [_shown(name, items) for name, items in self.record.items.items() if name in _HOW]
        if how:
            yield f"Left out, as it says how Caffe runs: {', '.join(how)}."


def _number(item: Item) -> float:
    assert isinstance(item.value, int | float)
    return item.value


def _stages(item: Item) -> list[Any]:
    """The stages of a test's state; a level and a phase are left to the network's own."""
    return item.value.values("stage") if isinstance(item.value, Record) else []


def _shown(name: str, items: list[Item]) -> str:
    """A field as the file has it, and where."""
    values = ["{ … }" if isinstance(each.value, Record) else _plain(each.value) for each in items]
    shown = values[0] if len(values) == 1 else f"[{', '.join(values[:8])}]"
    return f"`{name}: {shown}` (line {items[0].key.line})"


def _plain(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
