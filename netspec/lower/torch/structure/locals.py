"""The local variables of a `forward`: what a careful person would call them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from netspec.lower.torch.code import Expr, Name
from netspec.lower.torch.python.names import FORWARD_RESERVED, Names
from netspec.lower.torch.structure.branches import BODY, SHORTCUT, roles
from netspec.lower.torch.structure.steps import Step

GENERIC = ("x", BODY, SHORTCUT)


class Locals:
    """Which variable holds which blob, and which variables are free to be used again.

    The value that runs through a class is `x`; beside an `x` that a sum needs later it's `out`,
    and what goes around that `shortcut`; the values of other branches, and each of several
    results, are named after their layers. So is what several values make where `x` is another.
    """

    def __init__(
        self,
        inputs: Mapping[str, str],
        steps: Sequence[Step],
        results: Iterable[str],
        tensors: Mapping[str, str],
        taken: Collection[str],
        main: Collection[str],
    ) -> None:
        self._holds = {**inputs, **tensors}
        self._owner = {name: blob for blob, name in inputs.items()}
        reads = [name for step in steps for name in step.inputs]
        reads += [step.instead for step in steps if step.instead is not None]
        self._instead = {step.instead for step in steps if step.instead is not None}
        self._left = Counter(reads)
        self._left.update(results)
        always = [step for step in steps if not step.condition]
        self._branches = Counter(name for step in always for name in step.inputs)
        self._results = frozenset(results)
        self._residual = any(step.adds for step in always) and all(
            step.adds or step.optional or len(step.inputs) == 1 for step in always
        )
        self._roles = roles(always)
        self._runs = ("x",) if len(inputs) == 1 or "x" not in inputs.values() else ()
        # What a branch starts with has a name of its own, and so has what follows from it.
        self._main = {*GENERIC, *(inputs[blob] for blob in main if len(main) == 1)}
        self._within: set[str] = set()
        self._names = Names([*inputs.values(), *GENERIC, *taken], FORWARD_RESERVED)

    def use(self, blob: str) -> Expr:
        """The variable that holds a blob, for one of its readers."""
        self._left[blob] -= 1
        return Name(self._holds[blob])

    def held(self, blob: str) -> Expr:
        """The variable that holds a blob."""
        return Name(self._holds[blob])

    def read_once(self, blob: str) -> bool:
        """Whether a blob has just one reader, who may as well compute it."""
        return self._left[blob] == 1

    def unread(self, blob: str) -> bool:
        """Whether nothing reads a blob: an unused layer that the spec allows."""
        return self._left[blob] == 0

    def assign(self, blob: str, sources: Sequence[str], step: Step) -> str:
        """Choose the variable for a blob that a step gives and that is made of `sources`."""
        name = self._choose(blob, sources, step)
        self.hold(blob, name)
        return name

    def hold(self, blob: str, name: str) -> None:
        """A variable holds a blob from now on."""
        self._holds[blob] = name
        self._owner[name] = blob

    def carry(self, blob: str, wish: str, before: str, is_only: bool) -> tuple[str, str]:
        """The variable of what the turns of a loop hand on, and what holds it `before` these."""
        self._left[before] -= 1
        held = self._holds[before]
        names = [*self._generic(blob, (before,))] if is_only and not self._told(blob) else []
        names += [held] if self._owner.get(held) == before else []
        names += [*self._runs, BODY] if is_only else []
        name = next((each for each in names if self._free(each)), None)
        name = self._names.unique(wish) if name is None else name
        self.hold(blob, name)
        return name, held

    def fresh(self, wish: str) -> str:
        """A variable that no other has the name of."""
        return self._names.unique(wish)

    def within(self, wish: str, taken: Collection[str]) -> str:
        """A variable of a loop, which only has a meaning within it: the next may have it too."""
        if wish in taken or wish not in self._within:
            wish = self._names.unique(wish)
        self._within.add(wish)
        return wish

    def find(self, blob: str, expression: str) -> None:
        """A blob is an item of what a variable holds."""
        self._holds[blob] = expression

    def changes(self, name: str, blob: str) -> bool:
        """Whether a variable may become, in place, this blob, which is made of what it holds."""
        return name in ("x", BODY) and not self._told(blob)

    def _told(self, blob: str) -> bool:
        """Whether a result has a name of its own: it's one of several, or read by others too."""
        return blob in self._results and (len(self._results) > 1 or self._left[blob] > 1)

    def _choose(self, blob: str, sources: Sequence[str], step: Step) -> str:
        plain = not step.condition and len(step.outputs) == 1
        if plain and blob in self._instead:
            # It may become something else where a layer is there.
            usual = (*self._runs, BODY)
            free: str | None = next((name for name in usual if self._free(name)), None)
            if free is not None:
                return free
        if plain and not self._told(blob):
            for name in self._generic(blob, sources):
                if self._free(name):
                    return name
        wanted = _wanted(blob, step)
        if wanted[0] in GENERIC and self._free(wanted[0]):
            return wanted[0]
        return self._names.unique(*wanted)

    def _generic(self, blob: str, sources: Sequence[str]) -> tuple[str, ...]:
        """Names that don't say what a value is, for a blob made of these."""
        if blob in self._roles:
            return (self._roles[blob],)
        held = [self._holds[source] for source in sources]
        if len(sources) == 1:
            if self._branches[sources[0]] > 1:
                # What is itself read in several places is a branch of its own.
                return ()
            if held[0] not in self._main or (self._left[blob] > 1 and not self._residual):
                return ()
        return (*self._runs, *(name for name in held if name in GENERIC))

    def _free(self, name: str) -> bool:
        blob = self._owner.get(name)
        return blob is None or self._left[blob] == 0


def _wanted(blob: str, step: Step) -> tuple[str, ...]:
    """A name after the layer; with the scope's where it gives several, if need be."""
    name = step.names[step.outputs.index(blob)]
    wanted = (name, f"{step.name}_{name}") if len(step.outputs) > 1 else (name,)
    return tuple(f"x{each}" if each[0].isdecimal() else each for each in wanted)
