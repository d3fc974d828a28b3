"""A network in all targets, run side by side on one example after the other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from netspec.graph import Blob, Graph, Phase
from netspec.lower.running import Refused, Running
from netspec.lower.values import Array
from netspec.verify.boxes import NoBoxes
from netspec.verify.compared import before_every_saturation, before_saturation
from netspec.verify.examples import Example, concrete, with_rows
from netspec.verify.judge import COARSE, CONSTANT, Pair, compared, judged
from netspec.verify.moving import parameters_of, unmoving, where_it_ends
from netspec.verify.nonfinite import planted, spread
from netspec.verify.result import TOLERANCES, Difference, NonFinite, Trial, Verification
from netspec.verify.torch_network import TorchNetwork, wrong_parameters, wrong_shapes

Blobs: TypeAlias = Sequence[Blob]
Comparison: TypeAlias = Callable[[Verification], Verification]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """PyTorch's network and, by name, the targets that are held against it, all with the same
    weights; `dtype` is what these compute in, `tolerance` None lets the judge decide.

    `noticed` are blobs that are known to show a change of any parameter; none where that isn't so.
    """

    network: TorchNetwork
    targets: Mapping[str, Running]
    dtype: str
    tolerance: float | None
    absolute_tolerance: float
    noticed: frozenset[str] = frozenset()

    @property
    def graph(self) -> Graph:
        """Both phases."""
        return self.network.graph

    @property
    def view(self) -> Graph:
        """The TEST phase."""
        return self.network.view

    def verify(
        self, usual: Example, edges: Sequence[Example], *, layers: bool, nonfinite: bool
    ) -> Verification:
        """Compare everything; where a target can't run the network, all up to there."""
        steps: list[Comparison] = [
            lambda found: self._with_shapes(found, usual),
            lambda found: self._with_outputs(found, usual),
            lambda found: self._with_trials(found, edges),
            lambda found: self._with_inside(found, usual, layers),
        ]
        if nonfinite:
            steps.append(lambda found: replace(found, nonfinite=tuple(self._nonfinite(usual))))
        found = self._promised()
        for step in steps:
            try:
                found = step(found)
            except NoBoxes as error:
                return replace(found, untold=str(error))
            except Refused as error:
                return replace(found, refused=(str(error),))
        return found

    def _promised(self) -> Verification:
        """What is told without running anything."""
        usual = TOLERANCES[self.dtype]
        return Verification(
            name=self.graph.name,
            tolerance=usual if self.tolerance is None else self.tolerance,
            absolute_tolerance=self.absolute_tolerance,
            outputs=(),
            shapes_checked=0,
            wrong_shapes=(),
            parameters_checked=len(self.graph.parameters),
            wrong_parameters=wrong_parameters(self.graph, self.network.state),
            checks={name: each.checks() for name, each in self.targets.items()},
            runners={name: each.runner for name, each in self.targets.items()},
        )

    def _with_shapes(self, found: Verification, usual: Example) -> Verification:
        """The shapes of both phases."""
        _, shapes = self.network.values(usual.inputs, ())
        wrong = [*wrong_shapes(self.view, shapes, usual.sizes)]
        training = self.graph.phase(Phase.TRAIN)
        if len(training) > len(self.view):
            shapes = self.network.shapes_in_training(usual.inputs)
            wrong += wrong_shapes(training, shapes, usual.sizes)
        checked = sum(len(node.tops) for node in self.graph.nodes)
        return replace(found, shapes_checked=checked, wrong_shapes=tuple(wrong))

    def _with_outputs(self, found: Verification, usual: Example) -> Verification:
        """The outputs of the module and of the others as users get them."""
        made = self.network.results(usual.inputs)
        return replace(found, outputs=self._differences(found, usual, self.view.results, made))

    def _with_inside(self, found: Verification, usual: Example, layers: bool) -> Verification:
        """Values within the network: of all layers, or of those without which nothing is seen."""
        for each in self.targets.values():
            each.close()
        if layers:
            tops = [top for node in self.view for top in node.tops]
            inside: Blobs = self._in_all(tops)
            still = self._unmoving(usual, inside)
        else:
            inside, still = self._hidden(usual)
        ends = where_it_ends(self.network, usual.inputs, still) if still else {}
        differences = self._inner(found, usual, inside)
        found = replace(
            found,
            moved=len(parameters_of(self.network)) - len(still),
            unmoved={name: ends.get(name) for name in still},
        )
        return replace(found, layers=differences) if layers else replace(found, inner=differences)

    def _hidden(self, usual: Example) -> tuple[Blobs, list[str]]:
        """What goes into the last layers that saturate, or into all of them where there are
        parameters that else move nothing; and those that move nothing even so.
        """
        inside = self._in_all(before_saturation(self.view))
        still = self._unmoving(usual, inside)
        more = self._in_all(before_every_saturation(self.view)) if still else []
        if len(more) > len(inside):
            inside, still = more, self._unmoving(usual, more, still)
        return inside, still

    def _unmoving(
        self, usual: Example, inside: Blobs, among: Sequence[str] | None = None
    ) -> list[str]:
        names = [blob.name for blob in (*self.view.results, *inside)]
        if self.noticed and self.noticed <= set(names):
            return []
        return unmoving(self.network, usual.inputs, names, among)

    def _in_all(self, blobs: Blobs) -> list[Blob]:
        """Those that every target has."""
        common = frozenset.intersection(*(each.blobs for each in self.targets.values()))
        return [blob for blob in blobs if self.view.result_name(blob) in common]

    def _inner(self, found: Verification, usual: Example, blobs: Blobs) -> tuple[Difference, ...]:
        if not blobs:
            return ()
        made, _ = self.network.values(usual.inputs, [blob.name for blob in blobs])
        self._give_also(blobs)
        return self._differences(found, usual, blobs, self._named(made))

    def _give_also(self, blobs: Blobs) -> None:
        for each in self.targets.values():
            each.give_also(map(self.view.result_name, blobs))

    def _with_trials(self, found: Verification, edges: Sequence[Example]) -> Verification:
        """Other examples."""
        return replace(found, trials=tuple(self._trial(found, each) for each in edges))

    def _trial(self, found: Verification, example: Example) -> Trial:
        """The outputs and the shapes of another example."""
        trial = Trial(example.title, example.sizes)
        results = self.view.results
        try:
            made, shapes = self.network.values(example.inputs, [blob.name for blob in results])
        except NoBoxes:
            raise
        except Refused as error:
            return self._refused(trial, example, str(error))
        try:
            wrong = tuple(wrong_shapes(self.view, shapes, example.sizes))
            trial = replace(trial, wrong_shapes=wrong)
            outputs = self._differences(found, example, results, self._named(made))
        except Refused as error:
            return replace(trial, refused=(str(error),))
        return replace(trial, outputs=outputs)

    def _refused(self, trial: Trial, example: Example, reason: str) -> Trial:
        """A trial that PyTorch can't run: its own limit if the others give what is promised."""
        for target in self.targets.values():
            try:
                given = target.outputs(example.inputs)
            except Refused as error:
                return replace(trial, refused=(reason, str(error)))
            for blob in self.view.results:
                found = given.get(self.view.result_name(blob))
                sizes = with_rows(example.sizes, blob.shape, None if found is None else found.shape)
                if found is None or found.shape != concrete(blob.shape, sizes):
                    return replace(trial, refused=(reason,))
        return replace(trial, limit=reason)

    def _nonfinite(self, usual: Example) -> list[NonFinite]:
        """Where the targets begin to differ when something isn't finite."""
        tops = self._in_all([top for node in self.view for top in node.tops])
        self._give_also(tops)
        found: list[NonFinite] = []
        for value, inputs in planted(self.graph, usual.inputs):
            made, _ = self.network.values(inputs, None)
            for name, target in self.targets.items():
                given = target.outputs(inputs)
                there = {blob.name: given[self.view.result_name(blob)] for blob in tops}
                begun = spread(self.view, value, made, there | dict(inputs))
                found += [replace(each, target=name, where=target.called) for each in begun]
        return found

    def _named(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Values of blobs by the names that the user knows."""
        tops = (top for node in self.view for top in (*node.tops, *node.bottoms))
        blobs = {blob.name: blob for blob in (*self.view.inputs, *tops)}
        return {self.view.result_name(blobs[name]): value for name, value in values.items()}

    def _differences(
        self,
        found: Verification,
        example: Example,
        blobs: Blobs,
        made: Mapping[str, Array],
    ) -> tuple[Difference, ...]:
        """What these blobs differ by in each target, which is run; the judge is asked of those
        beyond the tolerances.
        """
        return tuple(
            replace(each, target=name)
            for name, target in self.targets.items()
            for each in self._against(target, found, example, blobs, made)
        )

    def _against(
        self,
        target: Running,
        found: Verification,
        example: Example,
        blobs: Blobs,
        made: Mapping[str, Array],
    ) -> Iterable[Difference]:
        given = target.outputs(example.inputs)
        differences: dict[str, Difference] = {}
        doubtful: list[Pair] = []
        for blob in blobs:
            name = self.view.result_name(blob)
            one, other = made.get(name), given.get(name)
            differences[name] = each = compared(name, one, other)
            if one is None or other is None:
                continue
            is_asked = self.tolerance is None or example.constant
            if is_asked and not found.agrees(each):
                doubtful.append(Pair(blob.name, each, one, other))
        if doubtful:
            constant = min(CONSTANT * TOLERANCES[self.dtype], COARSE)
            settled = judged(
                self.network,
                example.inputs,
                doubtful,
                dtype=self.dtype,
                tolerance=constant if example.constant else found.tolerance,
                runner=target.runner,
            )
            differences |= {each.name: each for each in settled}
        return differences.values()
