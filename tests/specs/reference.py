"""The figures that the stock networks are compared with. `facts/` says where they come from."""

import gzip
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FACTS = Path(__file__).parent / "facts"


@dataclass(frozen=True)
class Lecture:
    """A figure of the lectures: what arithmetic gives, and what is printed within a tolerance.

    Without a tolerance what is printed is what arithmetic gives, or a slip.
    """

    computed: Any
    printed: Any = None
    tolerance: float | None = None
    slip: bool = False


@dataclass(frozen=True)
class Paper:
    """A figure of a paper: a network's total, and half of the last digit printed."""

    network: str
    quantity: str
    printed: float
    tolerance: float
    source: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class Torchvision:
    """A network of torchvision: its state_dict in order, its costs, what its modules give."""

    model: str
    params: int
    macs: int
    state_dict: list[tuple[str, tuple[int, ...]]]
    buffers: list[str]
    layer_macs: dict[str, int]
    shapes: dict[str, tuple[int, ...]]


@dataclass(frozen=True)
class Timm:
    """A network of timm: its state_dict in order, and its costs."""

    model: str
    params: int
    macs: int
    state_dict: list[tuple[str, tuple[int, ...]]]


@cache
def lectures() -> dict[str, Lecture]:
    """By the fact's id; with `/` behind it what the same layers give besides."""
    entries: dict[str, dict[str, Any]] = yaml.safe_load((FACTS / "lectures.yaml").read_text())
    found = {}
    for name, entry in entries.items():
        if "computed" in entry:
            kept = {key: entry[key] for key in Lecture.__annotations__ if key in entry}
            found[name] = Lecture(**kept)
        for key, value in entry.get("derived", {}).items():
            found[f"{name}/{key}"] = Lecture(value)
    return found


@cache
def papers() -> list[Paper]:
    tables: list[dict[str, Any]] = yaml.safe_load((FACTS / "papers.yaml").read_text())
    return [
        Paper(
            row["network"],
            table["quantity"],
            float(row["printed"]),
            float(row.get("tolerance", table["tolerance"])),
            table["source"],
            row.get("vars", {}),
        )
        for table in tables
        for row in table["rows"]
    ]


@cache
def timm() -> dict[str, Timm]:
    """By the stock network's name."""
    networks = json.loads(gzip.decompress((FACTS / "timm.json.gz").read_bytes()))
    return {
        name: Timm(
            network["timm"],
            network["params"],
            network["macs"],
            [(key, tuple(shape)) for key, shape in network["state_dict"]],
        )
        for name, network in networks.items()
    }


@cache
def torchvision() -> dict[str, Torchvision]:
    """By the stock network's name."""
    files = sorted(FACTS.glob("torchvision*.json.gz"))
    networks = [json.loads(gzip.decompress(file.read_bytes())) for file in files]
    return {name: _torchvision(each) for some in networks for name, each in some.items()}


def _torchvision(network: dict[str, Any]) -> Torchvision:
    state = [(name, tuple(shape)) for name, shape in network["state_dict"]]
    return Torchvision(
        network["torchvision"],
        network["params"],
        network["macs"],
        state,
        [state[number][0] for number in network["buffers"]],
        network["layer_macs"],
        {path: tuple(shape) for path, shape in network["shapes"].items()},
    )
