"""What is known of a consumer, from what it said of every file.

A form (an operator, or one with a word in an attribute) is refused where each file that has it
failed, and nothing else in one of these files explains that, or what is said names it. Otherwise a
layer is refused where each of its files failed. The rest are layers that fail in some uses.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import onnx

from netspec.lower.onnx.emitter import ELEMENT_TYPES
from netspec.lower.onnx.model.fitting import forms

NAMES = {number: name for name, number in ELEMENT_TYPES.items()}


def forms_of(path: Path) -> set[str]:
    """The forms of a file, as the check beforehand names them."""
    graph = onnx.load(str(path), load_external_data=False).graph
    inferred = onnx.shape_inference.infer_shapes(onnx.load(str(path))).graph.value_info
    types = {each.name: each.data_type for each in graph.initializer}
    for each in (*graph.input, *inferred, *graph.value_info, *graph.output):
        types[each.name] = each.type.tensor_type.elem_type
    named = {name: NAMES[number] for name, number in types.items() if number in NAMES}
    return {form for form, _ in forms(graph.node, named)}


def refused(
    found: Mapping[str, str | None], made: Mapping[str, set[str]], taken: set[str]
) -> dict[str, str]:
    """The forms that are refused, and how: of files by what was said of them, and the forms in
    them. `taken` are forms of other files that were taken.
    """
    made = {label: {each for each in made[label] if " before " not in each} for label in found}
    taken = taken | {each for label, said in found.items() if said is None for each in made[label]}
    failing = {
        label: _plainest(made[label] - taken) for label, said in found.items() if said is not None
    }
    certain = {each for suspects in failing.values() if len(suspects) == 1 for each in suspects}
    for label, suspects in failing.items():
        if len(suspects) > 1 and not suspects & certain:
            certain |= {each for each in suspects if each in str(found[label])}
    how: dict[str, str] = {}
    for each in sorted(certain):
        how[each] = _how([found[label] or "" for label in failing if each in made[label]])
    return how


def _how(said: list[str]) -> str:
    return "miscomputes" if all(each.startswith("differs") for each in said) else "refuses"


def _plainest(forms: set[str]) -> set[str]:
    """Without those with a word of which the operator itself is there."""
    return {each for each in forms if each.partition(" with ")[0] not in forms - {each}}


def facts(found: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """What there is to know of a consumer that was tried with the files of a folder."""
    layers = found["layers"]
    made = {label: forms_of(folder / f"{label}.onnx") for label in layers}
    networks = [name for name, said in found["networks"].items() if said is None]
    taken = {form for name in networks for form in forms_of(folder / f"{name}.onnx")}
    every = refused(layers, made, taken)
    for label, said in found["chains"].items():
        if said is not None:
            every[label] = _how([said])
    known = {each for name in networks for each in (folder / f"{name}.title").read_text().split()}
    rest: dict[str, list[str]] = {}
    whole: dict[str, list[str]] = {}
    types = {label: label.rpartition("-")[0] for label in layers}
    for label, said in layers.items():
        if types[label] not in known and all(
            layers[each] for each, name in types.items() if name == types[label]
        ):
            whole.setdefault(types[label], []).append(str(said))
    for label, said in layers.items():
        if said is not None and not made[label] & every.keys():
            how = "other numbers" if said.startswith("differs") else said
            if types[label] not in whole:
                rest.setdefault(types[label], []).append(how)
    whole_layers = {
        name: _how(said)
        for name, said in whole.items()
        if any(types[each] == name and not made[each] & every.keys() for each in layers)
    }
    told = [
        name
        for name, said in found["networks"].items()
        if said is not None
        and (
            forms_of(folder / f"{name}.onnx") & every.keys()
            or whole_layers.keys() & {*(folder / f"{name}.title").read_text().split()}
        )
    ]
    return {
        "layers": [sum(said is None for said in layers.values()), len(layers)],
        "refused": dict(sorted(every.items())),
        "layers refused": whole_layers,
        "rest": {name: sorted(set(said)) for name, said in rest.items()},
        "probes": found["probes"],
        "networks": found["networks"],
        "networks refused": told,
    }


def write(path: Path, name: str, found: dict[str, Any]) -> None:
    """Put what is known of a consumer beside what is known of the others."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    known[name] = found
    text = re.sub(
        r"/[^\s\"]*/", "", json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False)
    )  # no one's folders
    path.write_text(text + "\n", encoding="utf-8")
