"""The ONNX file of a network, as it is written, and what runs it."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
import onnx

from netspec.extras import require
from netspec.graph import Blob, Graph, Phase
from netspec.lower.onnx.model import save, to_model
from netspec.lower.onnx.options import Options
from netspec.lower.onnx.runtime import require_runnable
from netspec.lower.running import refused
from netspec.lower.values import Array, element_type
from netspec.lower.weights import UserWeights, Weights

ONNX_RUNTIME = "ONNX Runtime"
EVALUATOR = "onnx's reference evaluator"

Run: TypeAlias = Callable[[Mapping[str, Array]], dict[str, Array]]
"""Gives a file's outputs by name for its inputs; Refused where that fails."""


class OnnxFile:
    """The file of a network's TEST phase, in a folder that nobody else writes into.

    SpecError where a library is missing or too old; ValueError for `no_weights`.
    """

    called = "the ONNX file"

    def __init__(self, graph: Graph, folder: Path, options: Options) -> None:
        if options.no_weights:
            raise ValueError("a model without weights can't be run")
        require("onnxruntime", "verify")
        self.path = folder / "network.onnx"
        self._graph = graph
        self._options = options
        # ONNX Runtime's CPU doesn't compute with bfloat16; onnx's own evaluator does.
        plain = options.dtype != "bfloat16"
        if plain:
            require_runnable(options.version)
        self.runner = ONNX_RUNTIME if plain else EVALUATOR
        self._open: Callable[[Path], Run] = _onnxruntime if plain else _evaluator
        self._run: Run | None = None
        view = graph.phase(Phase.TEST)
        self._outputs = {view.result_name(blob) for blob in view.results}

    def load(self, weights: Weights) -> None:
        """Write it with these weights, or so that it refers to the user's file of them."""
        user = self._options.user_weights
        stored = _beside(user, self.path.parent) if self._options.reference_weights else weights
        save(self._graph, self.path, replace(self._options, weights=stored))

    def checks(self) -> dict[str, str | None]:
        """What onnx's checker has against it."""
        return {f"{self.called} passes onnx's checker": self._invalid()}

    def _invalid(self) -> str | None:
        from onnx.checker import ValidationError
        from onnx.shape_inference import InferenceError

        try:
            onnx.checker.check_model(str(self.path), full_check=True)
        except (ValidationError, InferenceError) as error:
            return str(error).strip()
        return None

    def outputs(self, inputs: Mapping[str, Array]) -> dict[str, Array]:
        """What it gives by name, for a network's inputs."""
        if self._run is None:
            self._run = self._open(self.path)
        view = self._graph.phase(Phase.TEST)
        return self._run({b.name: inputs[b.name].astype(self._given(b)) for b in view.inputs})

    def close(self) -> None:
        """Give back the memory; the next run opens it again."""
        self._run = None

    @cached_property
    def blobs(self) -> frozenset[str]:
        """The names of all that its nodes give."""
        options = self._options
        bare = Options(
            no_weights=True,
            opset=options.opset,
            dtype=options.dtype,
            fold_batchnorm=options.fold_batchnorm,
        )
        skeleton = to_model(self._graph, bare).graph
        return frozenset(name for node in skeleton.node for name in node.output)

    def give_also(self, names: Iterable[str]) -> None:
        """Let it give these of its blobs besides its own outputs.

        This changes the file, and how it is run: nothing is joined over what is given.
        """
        more = [name for name in dict.fromkeys(names) if name not in self._outputs]
        if not more:
            return
        self._outputs.update(more)
        self._run = None
        outputs = [onnx.ValueInfoProto(name=name) for name in more]
        model = onnx.ModelProto(graph=onnx.GraphProto(output=outputs))
        # A message behind a message is merged with it: the weights need not be read.
        with self.path.open("ab") as file:
            file.write(model.SerializeToString())

    def _given(self, blob: Blob) -> "np.dtype[np.generic]":
        """The element type that the file has an input of."""
        plain = blob.type.dtype == "float32"
        return element_type(self._options.dtype if plain else blob.type.dtype)


def _beside(weights: UserWeights | None, folder: Path) -> UserWeights:
    """The file of weights in the model's folder, where alone a model may refer to it."""
    assert weights is not None and weights.path is not None
    place = folder / "weights.safetensors"
    shutil.copyfile(weights.path, place)
    return replace(weights, source=place)


def _onnxruntime(path: Path) -> Run:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what it logs as an error, it raises as well
    try:
        session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its exceptions have no base of their own
        raise refused(ONNX_RUNTIME, error) from error
    names = [each.name for each in session.get_outputs()]
    read = {each.name for each in session.get_inputs()}

    def run(inputs: Mapping[str, Array]) -> dict[str, Array]:
        arguments = {name: values for name, values in inputs.items() if name in read}
        try:
            return dict(zip(names, session.run(names, arguments), strict=True))
        except Exception as error:
            raise refused(ONNX_RUNTIME, error) from error

    return run


def _evaluator(path: Path) -> Run:
    from netspec.lower.onnx.evaluator import Evaluator

    def run(inputs: Mapping[str, Array]) -> dict[str, Array]:
        try:
            return evaluator(inputs)
        except Exception as error:  # whatever NumPy raises in one of its operators
            raise refused(EVALUATOR, error) from error

    try:
        evaluator = Evaluator(path)
    except Exception as error:  # an operator that it doesn't have
        raise refused(EVALUATOR, error) from error
    return run
