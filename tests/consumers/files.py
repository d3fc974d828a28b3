"""The ONNX files that consumers are tried with, and what ONNX Runtime makes of them."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
import onnx

import netspec
from netspec.graph import Graph, Phase, Size
from netspec.graph.sizes import substitute
from netspec.layers import CATALOGUE
from netspec.lower.onnx.consumers import Consumer
from netspec.lower.onnx.layers.catalogue import LOWERINGS
from netspec.lower.onnx.model import save
from netspec.lower.onnx.opsets import DEFAULT_OPSETS, NEWEST_OPSET, OLDEST_OPSET
from netspec.lower.onnx.options import Options
from netspec.lower.values import Array
from tests.agreement import weights_at_random
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES
from tests.layers.recipes.text import spec_text, values
from tests.layers.test_walk import grid

NETWORKS: Mapping[str, dict[str, Any]] = {
    "alexnet": {},
    "googlenet": {},
    "resnet18": {},
    "densenet121": {},
    "mobilenet_v2": {},
    "shufflenet_v2_x1_0": {},
    "vit_b_16": {"num_layers": 2, "hidden_dim": 192, "num_heads": 3, "mlp_dim": 384},
    "swin_t": {},
    "unet": {"channels": 16},
    "yolov3": {},
    "ssd300": {},
    "captioner": {"num_words": 1000},
    "gru": {},
}
"""Stock networks, and what is smaller in some; `gru` is the one below."""

SIZES = {"N": 2, "H": 4, "W": 3, "T": 5}
"""What a network's symbols are run at; N is 1 where sizes must be fixed."""

GRU = """
netspec: 1
name: gru
inputs: {words: {shape: [N, T], dtype: int64}}
layers:
  - {name: embed, type: Embed, input_dim: 50, num_output: 16}
  - {name: forth, type: GRU, num_output: 12}
  - {name: both, type: LSTM, num_output: 8, bidirectional: true}
  - {name: classes, type: InnerProduct, num_output: 7, axis: -1}
"""

PROBE = """
netspec: 1
name: probe
inputs: {data: [N, 3, 8, 8]}
layers:
  - {name: conv, type: Convolution, num_output: 4, kernel_size: 3}
  - {name: relu, type: ReLU}
  - {name: pool, type: Pooling, pool: AVE, global_pooling: true}
  - {name: fc, type: InnerProduct, num_output: 5}
"""


LARGE = 50 * 2**20
"""Bytes of a file that is left out in brief."""

CHAINS = {
    "Gather of channels before Conv": """
netspec: 1
name: shuffled
inputs: {data: [N, 8, 5, 5]}
layers:
  - {name: shuffle, type: ChannelShuffle, group: 2}
  - {name: conv, type: Convolution, num_output: 6, kernel_size: 3, pad: 1}
"""
}
"""Networks of two layers of which one reads the other's, by the form that they have together."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a file is written: at an opset, of a type, with symbols or without, and with the types
    of values on the way or without.
    """

    opset: int
    symbols: bool
    value_info: bool
    dtype: str = "float32"

    @classmethod
    def of(cls, consumer: Consumer) -> "Way":
        """As the preset has it."""
        opset = consumer.preset or DEFAULT_OPSETS["float32"]
        return cls(opset, consumer.symbols, consumer.value_info)

    @property
    def folder(self) -> str:
        kind = "symbols" if self.symbols else "fixed"
        return f"{self.opset}-{self.dtype}-{kind}-{'types' if self.value_info else 'bare'}"

    @property
    def sizes(self) -> dict[str, int]:
        return SIZES | {"N": 2 if self.symbols else 1}


def layers(way: Way, folder: Path, brief: bool) -> Iterator[Path]:
    """A file for every field of every layer that ONNX has; in brief, for every layer."""
    VALUES["N"] = way.sizes["N"]
    for name, layer in CATALOGUE.items():
        if layer not in LOWERINGS:
            continue
        recipe = RECIPES[name]
        for number, use in enumerate(islice(grid(recipe, whole=False), 1 if brief else None)):
            path = folder / way.folder / f"{name}-{number}.onnx"
            text, inputs = spec_text(name, recipe.on, use)
            graph: Graph = netspec.loads(text)
            if not way.symbols:
                graph = fixed(text, graph, VALUES)
            if not path.exists():
                given = {key: values(key, each) for key, each in inputs.items()}
                title = f"{name} {json.dumps(use.fields)}"
                _made(path, graph, way, given, title, weights_at_random(graph))
            yield path


def networks(way: Way, folder: Path, brief: bool) -> Iterator[Path]:
    """A file for each of the networks; in brief, for those that aren't large."""
    for name, variables in NETWORKS.items():
        path = folder / way.folder / f"{name}.onnx"
        if not path.exists():
            graph = _network(name, variables, {})
            given = _given(graph, way)
            if not way.symbols:
                shapes = {key: each.shape for key, each in given.items()}
                graph = _network(name, variables, shapes)
            _made(path, graph, way, given, " ".join(sorted({node.type for node in graph})), None)
        if not brief or path.stat().st_size < LARGE:
            yield path


def probes(way: Way, folder: Path) -> Iterator[tuple[str, Path]]:
    """A small network at each opset and of each type, and with symbols and types of values."""
    ways = {f"opset {n}": replace(way, opset=n) for n in range(OLDEST_OPSET, NEWEST_OPSET + 1)}
    ways |= {dtype: replace(way, dtype=dtype) for dtype in ("float32", "float16")}
    ways["symbols"] = replace(way, symbols=True)
    ways["symbols and types of values"] = replace(way, symbols=True, value_info=True)
    for label, each in ways.items():
        path = folder / each.folder / "probe.onnx"
        if not path.exists():
            shape = (each.sizes["N"], 3, 8, 8)
            graph = netspec.loads(PROBE, inputs={} if each.symbols else {"data": shape})
            _made(path, graph, each, {"data": _drawn("data", shape, "float32")}, label, None)
        yield label, path


def chains(way: Way, folder: Path) -> Iterator[tuple[str, Path]]:
    """A file for each pair of layers."""
    for label, text in CHAINS.items():
        path = folder / way.folder / f"{label.replace(' ', '-')}.onnx"
        graph: Graph = netspec.loads(text)
        if not path.exists():
            given = _given(graph, way)
            if not way.symbols:
                graph = fixed(text, graph, way.sizes)
            _made(path, graph, way, given, label, None)
        yield label, path


def _network(name: str, variables: dict[str, Any], inputs: Mapping[str, Any]) -> Graph:
    if name == "gru":
        return netspec.loads(GRU, inputs=inputs)
    return netspec.load(name, inputs=inputs, **variables)


def _given(graph: Graph, way: Way) -> dict[str, Array]:
    """Values for the inputs of a network."""
    sizes = way.sizes
    blobs = graph.phase(Phase.TEST).inputs
    return {b.name: _drawn(b.name, _shape(b.shape.sizes, sizes), b.type.dtype) for b in blobs}


def fixed(text: str, graph: Graph, sizes: Mapping[str, Any]) -> Graph:
    """The network with sizes for its inputs' symbols."""
    shapes = {blob.name: _shape(blob.shape.sizes, sizes) for blob in graph.inputs}
    return netspec.loads(text, inputs=shapes)


def _shape(shape: Iterable[Size], sizes: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(cast(int, substitute(size, {**sizes})) for size in shape)


def _drawn(name: str, shape: tuple[int, ...], dtype: str) -> Array:
    random = np.random.default_rng(zlib.crc32(name.encode()))
    if dtype == "int64":
        return random.integers(0, 50, shape)
    return random.standard_normal(shape, np.float32)


def _made(
    path: Path, graph: Graph, way: Way, given: Mapping[str, Array], title: str, weights: Any
) -> None:
    """Write the file, the inputs, what ONNX Runtime gives, and what there is to know of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = Options(weights, opset=way.opset, dtype=way.dtype, value_info=way.value_info)
    save(graph, path, options)
    model = onnx.load(str(path))
    names = [each.name for each in model.graph.input]
    half = way.dtype != "float32"
    inputs = {name: given[name].astype(np.float16) if half else given[name] for name in names}
    named: Any = inputs
    np.savez(path.with_suffix(".npz"), **named)
    path.with_suffix(".json").write_text(json.dumps([each.name for each in model.graph.output]))
    path.with_suffix(".title").write_text(title)
