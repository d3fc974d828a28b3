"""A random network as the text of a spec, written entry by entry.

After every construct the text so far is compiled, so that the next one knows what it reads; a
construct that a layer refuses is taken back. Everything is drawn from Hypothesis, which shrinks a
network with a difference to a small one.
"""

from dataclasses import dataclass, field
from functools import cache

from hypothesis import strategies as st

from netspec import SpecError, loads
from netspec.graph import Phase, Shape, TensorType
from netspec.graph.sizes import Symbol, SymbolicSize, substitute
from netspec.layers import CATALOGUE
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES, Draw, Fields, Input, Recipe, Sizes, Use
from tests.layers.recipes.shapes import ranks
from tests.layers.recipes.text import flow, input_text

LARGEST = 20_000
"""Elements that a blob may have."""
REFUSALS = {
    "shape-mismatch",
    "size-underflow",
    "bad-value",
    "bad-axis",
    "unknown-size",
    "group-mismatch",
    "not-lowerable",
    "wrong-type",
}
"""What a layer may say of a bottom that it can't read; everything else would be a mistake."""

LOSSES = [name for name, layer in CATALOGUE.items() if "loss_weight" in layer.model_fields]
PLAIN = [
    n for n, recipe in RECIPES.items() if n in CATALOGUE and n not in LOSSES and not recipe.source
]


@dataclass
class Draft:
    """The parts of a spec, and the blobs that its outermost scope has so far."""

    draw: Draw
    inputs: dict[str, tuple[Input, Phase | None]] = field(default_factory=dict)
    variables: Fields = field(default_factory=dict)
    blocks: dict[str, Fields] = field(default_factory=dict)
    entries: list[Fields] = field(default_factory=list)
    blobs: dict[str, TensorType] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    current: str = "data"

    def begin(self) -> None:
        """Start with the inputs alone."""
        for name, (each, _) in self.inputs.items():
            self.blobs[name] = TensorType(Shape(each.shape))

    def name(self, stem: str) -> str:
        """A name that nothing bears yet."""
        return f"{stem}{len(self.entries)}"

    def text(self, outputs: list[str]) -> str:
        """The spec."""
        said = {name: input_text(each, phase) for name, (each, phase) in self.inputs.items()}
        lines = ["netspec: 1", "name: Net", "allow: [unused-layer]", f"inputs: {flow(said)}"]
        if self.variables:
            lines.append(f"vars: {flow(self.variables)}")
        if self.blocks:
            lines.append("blocks:")
        for name, block in self.blocks.items():
            lines += [
                f"  {name}:",
                *(f"    {k}: {flow(v)}" for k, v in block.items() if k != "layers"),
            ]
            lines += ["    layers:", *(f"      - {flow(entry)}" for entry in block["layers"])]
        lines += ["layers:", *(f"  - {flow(entry)}" for entry in self.entries)]
        return "\n".join([*lines, f"outputs: {flow(outputs)}"]) + "\n"

    def outputs(self) -> list[str]:
        """What nothing reads, and what came last."""
        given = [name for name in self.blobs if name not in self.inputs]
        return [name for name in given if name not in self.read or name == self.current]

    def shape(self, name: str) -> Sizes:
        return self.blobs[name].shape.sizes

    def pick(self) -> str:
        """A blob of real numbers to read: mostly the last, now and then an earlier one."""
        real = [name for name, type in self.blobs.items() if type.dtype == "float32"]
        if self.current in real and self.draw(st.integers(0, 3)):
            return self.current
        return self.draw(st.sampled_from(real))

    def add(
        self, *entries: Fields, inputs: tuple[tuple[str, Input, Phase | None], ...] = ()
    ) -> bool:
        """Append entries, of which the last gives what comes next; False where they don't fit."""
        before = (dict(self.inputs), len(self.entries), dict(self.blocks))
        for name, each, phase in inputs:
            self.inputs[name] = (each, phase)
        self.entries += entries
        last = entries[-1]
        tops = last.get("top", [last["name"]])
        try:
            network = loads(self.text(tops))
        except SpecError as error:
            codes = {each.code for each in error.diagnostics}
            if not codes <= REFUSALS:
                error.add_note(self.text(tops))
                raise
            self.inputs, self.blocks = before[0], before[2]
            del self.entries[before[1] :]
            return False
        types = {name: blob.type for name, blob in zip(tops, network.results, strict=True)}
        if not all(map(_suits, types.values())):
            self.inputs, self.blocks = before[0], before[2]
            del self.entries[before[1] :]
            return False
        self.blobs |= types
        for name, _, phase in inputs:
            if phase is None:
                self.blobs[name] = network.inputs[list(self.inputs).index(name)].type
        for entry in entries:
            bottoms = entry.get("bottom", [])
            self.read |= {bottoms} if isinstance(bottoms, str) else set(bottoms)
        self.current = tops[0]
        return True

    def bottom(self, name: str) -> Fields:
        """The `bottom` of an entry that reads one blob; left out where that stands before it."""
        before = self.entries[-1] if self.entries else None
        if before is None:
            implied = name == "data" and list(self.inputs) == ["data"]
        else:
            implied = before["name"] == name and "phase" not in before and "top" not in before
        if implied and self.draw(st.booleans()):
            self.read.add(name)
            return {}
        return {"bottom": name}


def _suits(type: TensorType) -> bool:
    """Whether other layers can be drawn on it: it isn't large, and of a size that is known before
    it runs, as DetectionOutput's rows aren't.
    """
    count = 1
    for size in type.shape:
        known = substitute(size, VALUES)
        if not isinstance(known, int):
            return False
        count *= known
    return count <= LARGEST


def layer(draft: Draft) -> None:
    """Any layer that blobs of as many axes suit, with inputs of its own for what else it reads."""
    name = draft.draw(st.sampled_from(_suiting(len(draft.shape(draft.current)))))
    recipe = RECIPES[name]
    if recipe.looks_up:
        _look_up(draft, name, recipe)
        return
    source = _exact(draft, recipe) if recipe.jumps else draft.pick()
    if source is None or len(draft.shape(source)) not in ranks(recipe.shapes):
        return
    use = recipe.plan(draft.draw, draft.shape(source))
    entries, inputs = entries_of(draft, name, source, use)
    if all(_writable(each.shape) for _, each, _ in inputs):
        draft.add(*entries, inputs=tuple(inputs))


@cache
def _suiting(rank: int) -> list[str]:
    """The layers that read so many axes, and those that read integers."""
    return [n for n in PLAIN if RECIPES[n].looks_up or rank in ranks(RECIPES[n].shapes)]


def _look_up(draft: Draft, name: str, recipe: Recipe) -> None:
    """A layer that reads integers, which are an input of their own."""
    new, shape = draft.name(name.lower()), draft.draw(recipe.shapes)
    words = Input(shape, "labels", recipe.looks_up)
    use = recipe.plan(draft.draw, shape)
    entry: Fields = {"name": new, "type": name, "bottom": f"{new}_in", **use.fields}
    draft.add(entry, inputs=((f"{new}_in", words, None),))


def _exact(draft: Draft, recipe: Recipe) -> str | None:
    """An input, which is the same to the last bit everywhere: what a jump may read."""
    kind = "positive" if recipe.positive else "real"
    found = [n for n, (each, phase) in draft.inputs.items() if each.kind == kind and phase is None]
    return draft.draw(st.sampled_from(found)) if found else None


def entries_of(
    draft: Draft, name: str, source: str, use: Use, phase: Phase | None = None
) -> tuple[list[Fields], list[tuple[str, Input, Phase | None]]]:
    """A use as entries, and the inputs that it needs."""
    new = draft.name(name.lower())
    entries: list[Fields] = []
    reads = [source]
    if RECIPES[name].positive and draft.inputs.get(source, (Input(()), None))[0].kind != "positive":
        gate = f"{new}_gate"
        entries.append({"name": gate, "type": "Sigmoid", **draft.bottom(source)})
        reads = [gate]
    if use.pooled is not None:
        tops = [f"{new}_pooled", f"{new}_mask"]
        pooling = {"name": f"{new}_pool", "top": tops, "type": "Pooling", "bottom": source}
        entries.append(pooling | use.pooled)
        reads = tops
    inputs = [(f"{new}_in{n}", each, phase) for n, each in enumerate(use.further)]
    reads += [each[0] for each in inputs]
    entry: Fields = {"name": new, "type": name, **use.fields}
    joins = CATALOGUE[name].bottom_count[1] is None  # wants a list, even of one
    if len(reads) == 1 and not entries and not joins:
        entry |= draft.bottom(source)
    else:
        entry["bottom"] = reads
    if use.tops:
        entry["top"] = [f"{new}_{number}" for number in range(use.tops)]
    return [*entries, entry], inputs


def _writable(shape: Sizes) -> bool:
    """Whether an input can have the shape: integers and plain symbols."""
    return all(isinstance(size, int) or _is_symbol(size) for size in shape)


def _is_symbol(size: SymbolicSize) -> bool:
    return (
        len(size.terms) == 1
        and size.terms[0][1] == 1
        and len(size.terms[0][0]) == 1
        and isinstance(size.terms[0][0][0], Symbol)
    )


def loss(draft: Draft) -> None:
    """A loss in the TRAIN phase; nothing reads it."""
    name = draft.draw(st.sampled_from(LOSSES))
    source = draft.pick()
    shape = draft.shape(source)
    if len(shape) not in ranks(RECIPES[name].shapes) or not _writable(shape):
        return
    use = RECIPES[name].plan(draft.draw, shape)
    entries, inputs = entries_of(draft, name, source, use, Phase.TRAIN)
    entries[-1] |= {"phase": "TRAIN"}
    before, count = dict(draft.inputs), len(draft.entries)
    for key, each, phase in inputs:
        draft.inputs[key] = (each, phase)
    draft.entries += entries
    try:
        loads(draft.text(draft.outputs() or [source]))
    except SpecError as error:
        if not {each.code for each in error.diagnostics} <= REFUSALS:
            raise
        draft.inputs = before
        del draft.entries[count:]
