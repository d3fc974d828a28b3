"""A use of a layer as the text of a spec, and the values that it is run on."""

import json
import re
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.graph import Phase
from netspec.layers import CATALOGUE
from tests.layers.recipes.every import RECIPES
from tests.layers.recipes.recipe import VALUES, Fields, Input, Sizes, Use, at

PLAIN = re.compile(r"[A-Za-z_][\w.]*")
Array = NDArray[Any]


def flow(value: Any) -> str:
    """A value in YAML's flow style; text is quoted where it must be."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and PLAIN.fullmatch(value) and value not in ("null", "true"):
        return value
    return json.dumps(value) if isinstance(value, str | bool | int | float | None) else str(value)


def input_text(each: Input, phase: Phase | None = None) -> dict[str, Any]:
    """What an input is in `inputs:`."""
    said: dict[str, Any] = {"shape": [str(s) if not isinstance(s, int) else s for s in each.shape]}
    dtype = {"labels": "int64", "mask": "bool"}.get(each.kind)
    if dtype is not None:
        said["dtype"] = dtype
    if phase is not None:
        said["phase"] = str(phase)
    return said


def spec_text(type_name: str, shape: Sizes, use: Use) -> tuple[str, dict[str, Input]]:
    """A spec of the layer alone, called `here`, and its inputs."""
    recipe = RECIPES[type_name]
    is_loss = "loss_weight" in CATALOGUE[type_name].model_fields
    data = Input(shape, "positive" if recipe.positive else "real")
    if recipe.looks_up:
        data = Input(shape, "labels", recipe.looks_up)
    inputs = {"data": data} | {f"more{n}": each for n, each in enumerate(use.further)}
    reads = ["data", *list(inputs)[1:]]
    layers: list[Fields] = []
    if use.pooled is not None:
        pooling = {"name": "pool", "top": ["pooled", "mask"], "type": "Pooling", **use.pooled}
        layers.append(pooling)
        reads = ["pooled", "mask"]
    entry: Fields = {"name": "here", "type": type_name, "bottom": reads, **use.fields}
    if recipe.source:
        del entry["bottom"]
    results = ["here"]
    if use.tops:
        results = [f"t{number}" for number in range(use.tops)]
        entry["top"] = results
    if is_loss:
        # A network needs an output beside its losses.
        entry["phase"] = "TRAIN"
        results = ["same"]
        layers.append({"name": "same", "type": "Power", "bottom": "data"})
    if recipe.source:
        layers.append(entry)
        entry = {"name": "same", "type": "Power", "bottom": "data"}
        results = ["same", "here"]
    layers.append(entry)
    phase = Phase.TRAIN if is_loss else None
    said = {
        name: input_text(each, phase if name != "data" else None) for name, each in inputs.items()
    }
    lines = ["netspec: 1", "name: Net", f"inputs: {flow(said)}", "layers:"]
    lines += [f"  - {flow(each)}" for each in layers]
    return "\n".join([*lines, f"outputs: {flow(results)}"]) + "\n", inputs


def values(name: str, each: Input) -> Array:
    """What an input is run on: the same for the same name and shape."""
    random = np.random.default_rng(zlib.crc32(name.encode()))
    shape = tuple(at(size) for size in each.shape)
    match each.kind:
        case "labels":
            return random.integers(0, each.limit, shape)
        case "targets":
            return random.integers(0, 2, shape).astype(np.float32)
        case "mask":
            return random.random(shape) < 0.7
        case "regions":
            return _regions(random, shape[0], each.limit)
        case "image":
            return np.array([[3 * each.limit, 4 * each.limit, 1.5]], np.float32)
        case "priors":
            return _priors(random, shape[2] // 4)
        case "objects":
            return _objects(random, shape[0], each.limit)
        case "positive":
            return np.abs(random.standard_normal(shape, np.float32)) + np.float32(0.1)
        case "real":
            return random.standard_normal(shape, np.float32)


def _regions(random: np.random.Generator, count: int, extent: int) -> Array:
    """Boxes within an image of that extent, in items of the batch."""
    corners = np.sort(random.uniform(0, extent, (count, 2, 2)), axis=1).reshape(count, 4)
    item = random.integers(0, at(VALUES["N"]), (count, 1))
    return np.concatenate([item, corners], axis=1).astype(np.float32)


def _objects(random: np.random.Generator, count: int, classes: int) -> Array:
    """Boxes in items of the batch with labels behind that of the background."""
    boxes = _regions(random, count, 1)
    labels = random.integers(1, classes, (count, 1)).astype(np.float32)
    return np.concatenate([boxes[:, :1], labels, boxes[:, 1:]], axis=1)


def _priors(random: np.random.Generator, count: int) -> Array:
    corners = np.sort(random.uniform(0, 1, (count, 2, 2)), axis=1).reshape(1, -1)
    variances = np.tile([0.1, 0.1, 0.2, 0.2], count).reshape(1, -1)
    return np.concatenate([corners, variances])[None].astype(np.float32)
