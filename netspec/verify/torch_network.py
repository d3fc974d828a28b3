"""A network in PyTorch, the source that is emitted, with those values looked at that are asked for.

It is run in float32 as users run it, or in float64 as the judge of that.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from netspec.graph import Graph, Phase
from netspec.graph.meanings import regions
from netspec.lower.running import Refused, refused
from netspec.lower.torch import instrumented, to_torch
from netspec.lower.values import Array
from netspec.lower.weights import Weights
from netspec.verify.boxes import require_boxes
from netspec.verify.examples import concrete, with_rows
from netspec.verify.watcher import Watcher

PYTORCH = "PyTorch"
Shapes = Mapping[str, tuple[int, ...]]


class TorchNetwork:
    """The module with its weights, in the TEST phase."""

    def __init__(self, graph: Graph, weights: Weights) -> None:
        self.graph = graph
        self.view = graph.phase(Phase.TEST)
        self._watcher = Watcher()
        self._network = instrumented(graph, self._watcher)
        self.model = self._network.model.eval()
        self._kind: torch.dtype | None = None
        _load(self.model, weights)

    @property
    def state(self) -> Shapes:
        """The shapes of the module's state_dict."""
        return {name: tuple(each.shape) for name, each in self.model.state_dict().items()}

    def tensors(
        self,
        inputs: Mapping[str, Array],
        keep: Collection[str] | None,
        *,
        share: float = 0.0,
        phase: Phase = Phase.TEST,
    ) -> dict[str, Tensor]:
        """All blobs of a pass: those that `keep` names (None: all), of the others the shape as a
        tensor on `meta`. With gradients where the caller has them on; `share` as in Watcher.

        Refused where PyTorch can't run it, or where it tells nothing (NoBoxes).
        """
        view = self.graph.phase(phase)
        makers = view.makers
        kept = None
        if keep is not None:
            names = {*keep, *(blob.name for blob, _ in regions(view))}
            kept = {makers[name].module for name in names if name in makers}
        self._watcher.start(kept, share)
        given = self._given(inputs)
        try:
            self._run(self.model, phase, given)
        except Exception as error:  # whatever a layer's code may raise
            require_boxes(view, self._network.blobs | given)
            raise refused(PYTORCH, error, _culprit(view, self._network.blobs)) from error
        found = self._network.blobs | {blob.name: given[blob.name] for blob in view.inputs}
        require_boxes(view, found)
        return found

    def values(
        self, inputs: Mapping[str, Array], keep: Collection[str] | None, share: float = 0.0
    ) -> tuple[dict[str, Array], Shapes]:
        """The blobs asked for as arrays, and the shapes of all."""
        with torch.no_grad():
            found = self.tensors(inputs, keep, share=share)
        shapes = {name: tuple(tensor.shape) for name, tensor in found.items()}
        # A Parameter's top is the parameter itself.
        arrays = {n: t.detach().numpy() for n, t in found.items() if t.device.type != "meta"}
        return arrays, shapes

    def shapes_in_training(self, inputs: Mapping[str, Array]) -> Shapes:
        """The shapes of the TRAIN phase."""
        _train(self.model)
        try:
            with torch.no_grad():
                found = self.tensors(inputs, (), phase=Phase.TRAIN)
        finally:
            self.model.eval()
        return {name: tuple(tensor.shape) for name, tensor in found.items()}

    def results(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """What the module gives as users get it, where layers may write over what they read."""
        emitted = to_torch(self.graph, init=False)
        emitted.load_state_dict(self.model.state_dict(), assign=True)
        try:
            with torch.no_grad():
                found = self._run(emitted.eval(), Phase.TEST, self._given(inputs))
        except Exception as error:  # whatever a layer's code may raise
            raise refused(PYTORCH, error) from error
        if not isinstance(found, dict):
            found = {self.view.result_name(self.view.results[0]): found}
        return {name: each.detach().numpy() for name, each in found.items()}

    def settle(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """Give batch normalizations about the statistics that these inputs make, as training does,
        and say which.

        With the fillers' means of 0 and variances of 1 a deep network makes such large values that
        nothing of its biases is left in them.
        """
        waiting: dict[nn.Module, str] = {}
        for path, module in self.model.named_modules():
            if isinstance(module, _BatchNorm) and module.track_running_stats:
                waiting[module] = path
        settled: dict[str, Array] = {}
        random = torch.Generator().manual_seed(0)

        def settle(module: nn.Module, given: tuple[Tensor, ...]) -> None:
            # What stands behind it is settled on what it then gives.
            path = waiting.pop(module, None)
            if path is not None and isinstance(module, _BatchNorm):
                for name, values in _statistics(module, given[0], random).items():
                    settled[f"{path}.{name}"] = values

        handles = [module.register_forward_pre_hook(settle) for module in waiting]
        try:
            with torch.no_grad(), suppress(Refused):
                self.tensors(inputs, ())
        finally:
            for handle in handles:
                handle.remove()
        return settled

    @contextmanager
    def in_double(self) -> Iterator[None]:
        """In float64, which weights in float32 come through unchanged."""
        self.model.double()
        self._kind = torch.float64
        try:
            yield
        finally:
            self.model.float()
            self._kind = None

    def _run(self, model: nn.Module, phase: Phase, given: Mapping[str, Tensor]) -> Any:
        """What a module gives in a phase. Inputs go by place, but for those of TRAIN: an
        nn.Sequential has a name of its own for its input.
        """
        required = [given[blob.name] for blob in self.graph.inputs if blob.phase is not Phase.TRAIN]
        view = self.graph.phase(phase)
        optional = {b.name: given[b.name] for b in view.inputs if b.phase is Phase.TRAIN}
        return model(*required, **optional)

    def _given(self, inputs: Mapping[str, Array]) -> dict[str, Tensor]:
        found: dict[str, torch.Tensor] = {}
        for blob in self.graph.inputs:
            tensor = torch.tensor(inputs[blob.name])
            real = self._kind is not None and tensor.is_floating_point()
            found[blob.name] = tensor.to(self._kind) if real else tensor
        return found


def wrong_shapes(view: Graph, found: Shapes, sizes: Mapping[str, int]) -> Iterator[str]:
    """Where the shapes that PyTorch made aren't those predicted, with these sizes."""
    for blob in (top for node in view for top in node.tops):
        made = found.get(blob.name)
        sizes = with_rows(sizes, blob.shape, made)
        expected = concrete(blob.shape, sizes)
        if made != expected:
            yield f"{blob.name}: predicted {expected}, PyTorch made {made}"


def wrong_parameters(graph: Graph, state: Shapes) -> tuple[str, ...]:
    """Where the state_dict departs from the graph's parameters in name, shape or order."""
    expected = {each.name: each.shape for each in graph.parameters}
    wrong = [f"{name}: only the graph has it" for name in expected if name not in state]
    wrong += [f"{name}: only PyTorch has it" for name in state if name not in expected]
    wrong += [
        f"{name}: predicted {shape}, PyTorch has {state[name]}"
        for name, shape in expected.items()
        if name in state and state[name] != shape
    ]
    if not wrong and list(expected) != list(state):
        first = next(a for a, b in zip(expected, state, strict=True) if a != b)
        wrong.append(f"{first}: another place in PyTorch's state_dict")
    return tuple(wrong)


def _load(model: nn.Module, weights: Weights) -> None:
    """Copy the weights in, one after the other; a shape that is wrong is told elsewhere."""
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name in weights:
                values = torch.from_numpy(np.array(weights[name]))
                if values.shape == tensor.shape:
                    tensor.copy_(values)


def _statistics(module: _BatchNorm, value: Tensor, random: torch.Generator) -> dict[str, Array]:
    """Set statistics that differ a little from the value's own, which may be 0 of a channel."""
    mean, variance = module.running_mean, module.running_var
    channels = value.transpose(0, 1).flatten(1)
    if mean is None or variance is None or channels.shape[1] < 2:
        return {}
    own, average = torch.var_mean(channels, dim=1, correction=0)
    part = 0.75 + torch.rand(own.shape, generator=random) / 2
    variance.copy_(own * part + 0.01 * own.mean() + 1e-6)
    shift = (torch.rand(own.shape, generator=random) - 0.5) / 4
    mean.copy_(average + shift * variance.sqrt())
    return {"running_mean": mean.numpy().copy(), "running_var": variance.numpy().copy()}


def _train(model: nn.Module) -> None:
    """In training, but for normalizations: a pass for the shapes needs no statistics of a batch,
    which may be too small to have any.
    """
    for module in model.train().modules():
        if isinstance(module, _BatchNorm):
            module.eval()


def _culprit(view: Graph, made: Mapping[str, object]) -> str | None:
    """The layer that raised an error: the first that gave nothing."""
    for node in view:
        if any(top.name not in made for top in node.tops):
            return f"{node.path}, {node.type}"
    return None
