"""Caffe's LSTM and RNN are layers here: its numbers and gradients, with its weights converted.

Caffe's marks (`cont`) begin a sequence where they are 0. Each sequence is run by itself here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor

import netspec
from netspec.lower.torch import to_torch
from netspec.lower.weights import Weights
from tests.lower.onnx.checks import checked_model, run

Array = npt.NDArray[Any]

FACTS = np.load(Path(__file__).parent / "caffe" / "recurrent.npz")
NETWORKS = sorted({key.partition("/")[0] for key in FACTS})
FRACTIONS = {"lstm_frac_cont", "rnn_frac_cont"}
"""Marks that are neither 0 nor 1, which scale a state: no layer here does."""

LSTM = """
netspec: 1
name: Net
inputs: {{x: [T, N, {inputs}], h0: [1, N, {hidden}], c0: [1, N, {hidden}]}}
layers:
  - {{name: items, type: Permute, order: [1, 0, 2], bottom: x}}
  - {{name: l, type: LSTM, num_output: {hidden}, bottom: [items, h0, c0], top: [steps, hT, cT]}}
  - {{name: out, type: Permute, order: [1, 0, 2], bottom: steps}}
outputs: [out, hT, cT]
"""
RNN = """
netspec: 1
name: Net
inputs: {{x: [T, N, {inputs}], h0: [1, N, {hidden}]}}
layers:
  - {{name: items, type: Permute, order: [1, 0, 2], bottom: x}}
  - {{name: l, type: RNN, num_output: {hidden}, bottom: [items, h0], top: [steps, hT]}}
  - {{name: o, type: InnerProduct, num_output: {hidden}, axis: -1, bottom: steps}}
  - {{name: squashed, type: TanH}}
  - {{name: out, type: Permute, order: [1, 0, 2]}}
outputs: [out, hT]
"""


def facts(network: str, kind: str) -> dict[str, Array]:
    prefix = f"{network}/{kind}/"
    return {key.removeprefix(prefix): FACTS[key] for key in FACTS if key.startswith(prefix)}


@dataclass(frozen=True)
class Caffe:
    """A network of Caffe's, and the spec that stands for it."""

    name: str

    @property
    def is_lstm(self) -> bool:
        return self.name.startswith("lstm")

    @property
    def blobs(self) -> list[Array]:
        return list(facts(self.name, "w").values())

    @property
    def has_static(self) -> bool:
        return len(self.blobs) == (4 if self.is_lstm else 6)

    @property
    def hidden(self) -> int:
        return int(self.blobs[1].shape[0]) // (4 if self.is_lstm else 1)

    def graph(self) -> netspec.Graph:
        """What a static input adds is a part of each step."""
        inputs = self.blobs[0].shape[1] + self.has_static * self.blobs[2].shape[1]
        return netspec.loads(
            (LSTM if self.is_lstm else RNN).format(inputs=inputs, hidden=self.hidden)
        )

    def converted(self, blobs: list[Array]) -> dict[str, Array]:
        """Caffe's blobs, or their gradients, under PyTorch's names and in its order of gates."""
        matrix, bias, *rest = blobs
        if self.has_static:
            matrix, rest = np.concatenate([matrix, rest[0]], axis=1), rest[1:]
        order = [0, 1, 3, 2] if self.is_lstm else [0]

        def ordered(blob: Array) -> Array:
            return np.concatenate([np.split(blob, len(order))[gate] for gate in order])

        found = {"weight_ih_l0": matrix, "weight_hh_l0": rest[0], "bias_ih_l0": bias}
        made = {f"l.{name}": ordered(blob) for name, blob in found.items()}
        return made if self.is_lstm else made | {"o.weight": rest[1], "o.bias": rest[2]}

    def weights(self) -> dict[str, Array]:
        zeros = np.zeros_like(self.blobs[1])
        return self.converted(self.blobs) | {"l.bias_hh_l0": zeros}


@dataclass(frozen=True)
class Piece:
    """A sequence: an item of the batch, the steps from one to another, the state that it begins
    with, if any.
    """

    item: int
    start: int
    end: int
    state: list[Array] | None


def pieces(marks: Array, states: list[Array] | None) -> Iterator[Piece]:
    """The sequences that the marks make of a batch whose state was this."""
    for item in range(marks.shape[1]):
        column = marks[:, item]
        starts = sorted({0, *np.flatnonzero(column == 0).tolist(), len(column)})
        for start, end in pairwise(starts):
            begun = states if column[start] else None
            own = None if begun is None else [state[:, item : item + 1] for state in begun]
            yield Piece(item, start, end, own)


def states_of(network: Caffe, given: dict[str, Array]) -> list[Array] | None:
    names = ("h0", "c0") if network.is_lstm else ("h0",)
    return [given[name] for name in names] if "h0" in given else None


def read(network: Caffe, given: dict[str, Array], piece: Piece) -> list[Array]:
    """The inputs of the spec for a sequence."""
    steps, item = slice(piece.start, piece.end), slice(piece.item, piece.item + 1)
    x = given["x"][steps, item]
    if network.has_static:
        x = np.concatenate([x, np.repeat(given["xs"][None, item], len(x), axis=0)], axis=2)
    zeros = np.zeros((1, 1, network.hidden))
    return [x, *(piece.state or [zeros] * (2 if network.is_lstm else 1))]


def module(network: Caffe) -> torch.nn.Module:
    model = to_torch(network.graph()).double()
    weights = {name: torch.from_numpy(value) for name, value in network.weights().items()}
    model.load_state_dict(weights)
    return model


WHOLE = [name for name in NETWORKS if name not in FRACTIONS]


@pytest.mark.parametrize("name", WHOLE)
def test_pytorch(name: str) -> None:
    """One pass, and a second one that goes on where the first one ended, as Caffe does."""
    network = Caffe(name)
    model = module(network)
    states: list[Array] | None = None
    for number in ("", "2"):
        given, expected = facts(name, f"in{number}"), facts(name, f"out{number}")
        if not given:
            return
        states = states_of(network, given) or states
        ended = [np.zeros((1, given["x"].shape[1], network.hidden)) for _ in ("h", "c")]
        for piece in pieces(given["cont"], states):
            tensors = map(torch.from_numpy, read(network, given, piece))
            found = {name: top.detach().numpy() for name, top in model(*tensors).items()}
            place = slice(piece.start, piece.end), slice(piece.item, piece.item + 1)
            np.testing.assert_allclose(found.pop("out"), expected["out"][place], atol=1e-12)
            for state, top in zip(ended, found.values(), strict=False):
                state[:, place[1]] = top
        for key, state in zip(("hT", "cT"), ended, strict=True):
            if key in expected:
                np.testing.assert_allclose(state, expected[key], atol=1e-12)
        states = ended[: 2 if network.is_lstm else 1]


@pytest.mark.parametrize("name", WHOLE)
def test_onnx_runtime(name: str) -> None:
    network = Caffe(name)
    weights = {
        name: partial(np.asarray, value, np.float32) for name, value in network.weights().items()
    }
    model = checked_model(network.graph(), Weights(weights))
    given, expected = facts(name, "in"), facts(name, "out")
    for piece in pieces(given["cont"], states_of(network, given)):
        out, *_ = run(model, *(each.astype(np.float32) for each in read(network, given, piece)))
        place = slice(piece.start, piece.end), slice(piece.item, piece.item + 1)
        np.testing.assert_allclose(out, expected["out"][place], atol=1e-6)


@pytest.mark.parametrize("name", [name for name in WHOLE if facts(name, "gout")])
def test_gradients(name: str) -> None:
    """Of what each step gives; Caffe passes none back through the states that it exposes."""
    network = Caffe(name)
    model = module(network)
    given, wanted = facts(name, "in"), facts(name, "gin")
    push = torch.from_numpy(facts(name, "gout")["out"])
    found = {key: np.zeros_like(each) for key, each in wanted.items() if key in ("x", "xs")}
    for piece in pieces(given["cont"], states_of(network, given)):
        x, *states = map(torch.from_numpy, read(network, given, piece))
        place = slice(piece.start, piece.end), slice(piece.item, piece.item + 1)
        model(x.requires_grad_(), *states)["out"].backward(push[place])
        assert x.grad is not None
        size = given["x"].shape[2]
        found["x"][place] = x.grad[..., :size]
        if network.has_static:
            found["xs"][piece.item] += x.grad[:, 0, size:].sum(0).numpy()
    for name_of_input, gradient in found.items():
        np.testing.assert_allclose(gradient, wanted[name_of_input], atol=1e-12)
    expected = network.converted(list(facts(name, "gw").values()))
    parameters: dict[str, Tensor] = dict(model.named_parameters())
    for key, gradient in expected.items():
        made = parameters[key].grad
        assert made is not None
        np.testing.assert_allclose(made.numpy(), gradient, atol=1e-12)
