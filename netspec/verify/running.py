"""Running a network in each of its targets, with every value looked at."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from netspec.graph import Graph, Phase
from netspec.lower.weights import Weights
from netspec.verify.examples import concrete

if TYPE_CHECKING:
    import torch
    from torch import nn

Array = npt.NDArray[Any]


class Refused(Exception):
    """A target can't run the network; the message is what it says."""

    def __init__(self, runner: str, error: Exception) -> None:
        lines = str(error).strip().splitlines()
        reason = lines[0] if lines else type(error).__name__
        super().__init__(f"{runner} can't run it: {reason}")


@dataclass(slots=True)
class TorchRun:
    """What PyTorch made of a network.

    `results` are those of the TEST phase by the user's names, `values` those of all its blobs,
    looked at one by one; then the parameters that differ from the graph's, and the shapes of
    either phase that do.
    """

    results: dict[str, Array] = field(default_factory=dict)
    values: dict[str, Array] = field(default_factory=dict)
    wrong_parameters: tuple[str, ...] = ()
    wrong_shapes: list[str] = field(default_factory=list)


def run_torch(
    graph: Graph, weights: Weights, inputs: Mapping[str, Array], sizes: Mapping[str, int]
) -> TorchRun:
    """Run the source that is emitted; Refused where PyTorch can't."""
    import torch

    from netspec.lower.torch import instrumented, to_torch

    network = instrumented(graph)
    state = network.model.state_dict()
    run = TorchRun()
    run.wrong_parameters = _wrong_parameters(graph, {n: tuple(t.shape) for n, t in state.items()})
    tensors = {name: torch.from_numpy(np.array(weights[name])) for name in state if name in weights}
    network.model.load_state_dict(tensors, strict=False)
    view = graph.phase(Phase.TEST)
    _forward(network.model.eval(), graph, Phase.TEST, inputs)
    blobs = network.blobs
    run.wrong_shapes += _wrong_shapes(view, blobs, sizes)
    run.values = {name: tensor.numpy() for name, tensor in blobs.items()}
    run.values |= {blob.name: inputs[blob.name] for blob in view.inputs}
    # As users get it, where layers may write over what they read.
    emitted = to_torch(graph, init=False)
    emitted.load_state_dict(network.model.state_dict(), assign=True)
    results = _forward(emitted.eval(), graph, Phase.TEST, inputs)
    run.results = {name: np.asarray(each) for name, each in results.items()}
    view = graph.phase(Phase.TRAIN)
    if len(view) > len(graph.phase(Phase.TEST)):
        _forward(_training(network.model), graph, Phase.TRAIN, inputs)
        run.wrong_shapes += _wrong_shapes(view, network.blobs, sizes)
    return run


def _forward(
    model: "nn.Module", graph: Graph, phase: Phase, inputs: Mapping[str, Array]
) -> "dict[str, torch.Tensor]":
    """The results of a pass, by name."""
    import torch

    view = graph.phase(phase)
    given = {blob: torch.tensor(inputs[blob.name]) for blob in graph.inputs}
    # In their order, but for those of TRAIN: an nn.Sequential has a name of its own for its input.
    positional = [tensor for blob, tensor in given.items() if blob.phase != Phase.TRAIN]
    optional = {blob.name: given[blob] for blob in view.inputs if blob.phase == Phase.TRAIN}
    try:
        with torch.no_grad():
            results = model(*positional, **optional)
    except (RuntimeError, ValueError, IndexError, TypeError) as error:
        raise Refused("PyTorch", error) from error
    if isinstance(results, dict):
        return results
    return {view.result_name(view.results[0]): results}


def _training(model: "nn.Module") -> "nn.Module":
    """In training, but for normalizations: a pass for the shapes needs no statistics of a batch,
    which may be too small to have any.
    """
    from torch.nn.modules.batchnorm import _BatchNorm

    for module in model.train().modules():
        if isinstance(module, _BatchNorm):
            module.eval()
    return model


def _wrong_shapes(
    view: Graph, blobs: "Mapping[str, torch.Tensor]", sizes: Mapping[str, int]
) -> Iterator[str]:
    for blob in (top for node in view for top in node.tops):
        expected = concrete(blob.shape, sizes)
        found = tuple(blobs[blob.name].shape) if blob.name in blobs else None
        if found != expected:
            yield f"{blob.name}: predicted {expected}, PyTorch made {found}"


def _wrong_parameters(graph: Graph, state: Mapping[str, tuple[int, ...]]) -> tuple[str, ...]:
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


Runner: TypeAlias = Callable[[Path, Mapping[str, Array]], dict[str, Array]]
"""Runs an ONNX file on inputs; gives its outputs by name. Refused where it can't."""


ONNX_RUNTIME = "ONNX Runtime"
EVALUATOR = "onnx's reference evaluator"


class OnnxFile:
    """The ONNX file of a network's TEST phase, at a path, and what runs it."""

    def __init__(self, path: Path, dtype: str) -> None:
        self.path = path
        # ONNX Runtime's CPU doesn't compute with bfloat16; onnx's own evaluator does.
        plain = dtype != "bfloat16"
        self.runner = ONNX_RUNTIME if plain else EVALUATOR
        self._run: Runner = _run_onnxruntime if plain else _run_evaluator

    def invalid(self) -> str | None:
        """What onnx's checker has against it."""
        import onnx
        from onnx.checker import ValidationError
        from onnx.shape_inference import InferenceError

        try:
            onnx.checker.check_model(str(self.path), full_check=True)
        except (ValidationError, InferenceError) as error:
            return str(error).strip()
        return None

    def outputs(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """What it gives, by name."""
        return self._run(self.path, inputs)

    def all_values(self, view: Graph, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """What those of the layers give that it has, by name."""
        import onnx

        model = onnx.load(str(self.path), load_external_data=False)
        known = {each.name: each for each in (*model.graph.value_info, *model.graph.output)}
        tops = (view.result_name(blob) for node in view for blob in node.tops)
        every = [known[name] for name in dict.fromkeys(tops) if name in known]
        if not every:
            return {}
        del model.graph.output[:]
        model.graph.output.extend(every)
        # Beside the first, whose file of weights it may need.
        whole = self.path.with_name("layers.onnx")
        onnx.save(model, str(whole))
        return self._run(whole, inputs)


def _run_onnxruntime(path: Path, inputs: Mapping[str, Array]) -> dict[str, Array]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what it logs as an error, it raises as well
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        names = [each.name for each in session.get_outputs()]
        read = {each.name for each in session.get_inputs()}
        arguments = {name: values for name, values in inputs.items() if name in read}
        return dict(zip(names, session.run(names, arguments), strict=True))
    except Exception as error:  # its exceptions have no base of their own
        raise Refused(ONNX_RUNTIME, error) from error


def _run_evaluator(path: Path, inputs: Mapping[str, Array]) -> dict[str, Array]:
    from onnx.reference import ReferenceEvaluator

    try:
        evaluator = ReferenceEvaluator(str(path))
        read = {name: inputs[name] for name in evaluator.input_names}
        return dict(zip(evaluator.output_names, evaluator.run(None, read), strict=True))
    except Exception as error:  # whatever NumPy raises in one of its operators
        raise Refused(EVALUATOR, error) from error
