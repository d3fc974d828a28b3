"""What a random network is made of beside single layers: branches, blocks, repeats, tables."""

from hypothesis import strategies as st

from tests.layers.recipes.recipe import Fields
from tests.random.draft import Draft

KEEPING: list[Fields] = [
    {"type": "ReLU"},
    {"type": "BatchNorm"},
    {"type": "Sigmoid"},
    {"type": "PReLU"},
    {"type": "Dropout"},
    {"type": "Scale", "bias_term": True},
    {"type": "ELU", "alpha": 0.5},
    {"type": "HardSwish"},
]
"""Layers that any blob with channels can go through, and keeps its shape."""
WINDOWS: list[Fields] = [
    {"type": "Pooling", "kernel_size": 3, "pad": 1},
    {"type": "Pooling", "pool": "AVE", "kernel_size": [3, 1], "pad": [1, 0]},
    {"type": "LRN", "local_size": 3},
    {"type": "Convolution", "num_output": 3, "kernel_size": 3, "pad": 1},
    {"type": "Convolution", "num_output": 4, "kernel_size": 1, "bias_term": False},
]
"""The same for images; some change the channels."""


def body(draft: Draft, source: str, most: int = 3) -> list[Fields]:
    """Some layers in a row, with or without names."""
    is_image = len(draft.shape(source)) == 4
    found = draft.draw(
        st.lists(
            st.sampled_from(KEEPING + (WINDOWS if is_image else [])), min_size=1, max_size=most
        )
    )
    named = draft.draw(st.booleans())
    return [({"name": f"l{n}"} if named else {}) | each for n, each in enumerate(found)]


def channelled(draft: Draft) -> str | None:
    """A blob with a known number of channels."""
    source = draft.pick()
    shape = draft.shape(source)
    return source if len(shape) > 1 and isinstance(shape[1], int) else None


def image(draft: Draft) -> str | None:
    source = channelled(draft)
    return source if source is not None and len(draft.shape(source)) == 4 else None


def spatial(draft: Draft) -> str | None:
    """A blob of one to three spatial axes."""
    source = channelled(draft)
    return source if source is not None and len(draft.shape(source)) in (3, 4, 5) else None


def group(draft: Draft) -> None:
    """A group, which may repeat."""
    source = channelled(draft)
    if source is None:
        return
    entry: Fields = {"name": draft.name("group"), **draft.bottom(source)}
    if "bottom" not in entry:
        entry |= draft.draw(st.sampled_from([{}, {"repeat": 2}, {"repeat": 3}]))
    draft.add({**entry, "layers": body(draft, source)})


def branches(draft: Draft) -> None:
    """Groups that read the same blob, joined along the channels or summed."""
    source = channelled(draft)
    if source is None:
        return
    stem = draft.name("branch")
    names = [f"{stem}_{n}" for n in range(draft.draw(st.integers(2, 3)))]
    groups = [{"name": n, "bottom": source, "layers": body(draft, source)} for n in names]
    join = draft.draw(
        st.sampled_from([{"type": "Concat"}, {"type": "Eltwise", "operation": "MAX"}])
    )
    draft.add(*groups, {"name": f"{stem}_join", "bottom": names, **join})


def residual(draft: Draft) -> None:
    """A sum of a blob and what layers make of it."""
    source = image(draft)
    if source is None:
        return
    new = draft.name("residual")
    channels = draft.shape(source)[1]
    inner = body(draft, source)
    last = {"type": "Convolution", "num_output": channels, "kernel_size": 1}
    fields: Fields = draft.draw(st.sampled_from([{}, {"coeff": [1, -0.5]}]))
    draft.add(
        {"name": f"{new}_body", "bottom": source, "layers": [*inner, last]},
        {"name": new, "type": "Eltwise", "bottom": [f"{new}_body", source], **fields},
    )


BLOCK: Fields = {
    "args": {"channels": "required", "stride": 1},
    "layers": [
        {
            "name": "conv",
            "type": "Convolution",
            "num_output": "$channels",
            "kernel_size": 3,
            "pad": 1,
            "stride": "$stride",
            "bias_term": False,
        },
        {"name": "bn", "type": "BatchNorm"},
        {
            "name": "short",
            "type": "Convolution",
            "num_output": "$channels",
            "kernel_size": 1,
            "stride": "$stride",
            "bottom": "input",
            "when": "$(stride != 1 or input.channels != channels)",
        },
        {"name": "sum", "type": "Eltwise", "bottom": ["bn", "short"]},
        {"name": "relu", "type": "ReLU"},
    ],
}


def block(draft: Draft) -> None:
    """A residual block with arguments, once or in a row."""
    source = image(draft)
    if source is None:
        return
    draft.blocks["residual"] = BLOCK
    draft.variables.setdefault("width", 2)
    channels = draft.draw(st.sampled_from([3, 4, "$width", "$(2 * width)"]))
    entry: Fields = {"name": draft.name("stage"), "type": "residual", "channels": channels}
    entry |= draft.bottom(source)
    way = draft.draw(st.sampled_from(["once", "first", "stride"]))
    if way == "first" and "bottom" not in entry:
        entry |= {"repeat": draft.draw(st.integers(1, 3)), "first": {"stride": 2}}
    elif way == "stride":
        entry["stride"] = 2
    draft.add(entry)


def row(draft: Draft) -> None:
    """Layers in a row whose fields depend on their number."""
    source = image(draft)
    if source is None:
        return
    entry: Fields = {"name": draft.name("row"), **draft.bottom(source)}
    if "bottom" in entry:
        return
    more = {
        "type": "Convolution",
        "num_output": "$(2 * i + 2)",
        "kernel_size": "$(1 + 2 * (i % 2))",
    }
    draft.add({**entry, **more, "pad": "$(i % 2)", "repeat": draft.draw(st.integers(1, 3))})


def reuse(draft: Draft) -> None:
    """One layer on two blobs."""
    source = image(draft)
    if source is None:
        return
    new = draft.name("twice")
    channels = draft.shape(source)[1]
    conv = {"type": "Convolution", "num_output": channels, "kernel_size": 3, "pad": 1}
    draft.add(
        {"name": f"{new}_a", "bottom": source, **conv},
        {"name": f"{new}_b", "reuse": f"{new}_a", "bottom": f"{new}_a"},
        {"name": new, "type": "Concat", "bottom": [f"{new}_a", f"{new}_b"]},
    )


def sharing(draft: Draft) -> None:
    """Two layers with one weight and each its bias."""
    source = channelled(draft)
    if source is None:
        return
    new = draft.name("shared")
    dense = {"type": "InnerProduct", "num_output": 3, "bottom": source, "param": [{"name": new}]}
    draft.add(
        {"name": f"{new}_a", **dense},
        {"name": f"{new}_b", **dense},
        {"name": new, "type": "Eltwise", "operation": "PROD", "bottom": [f"{new}_a", f"{new}_b"]},
    )


def parameter(draft: Draft) -> None:
    """A learned scale as a layer of its own."""
    source = channelled(draft)
    if source is None:
        return
    new = draft.name("gamma")
    shape = [draft.shape(source)[1]]
    draft.add(
        {"name": new, "type": "Parameter", "shape": shape},
        {"name": f"{new}_scaled", "type": "Scale", "bottom": [source, new], "axis": 1},
    )


def phased(draft: Draft) -> None:
    """A layer of the TRAIN phase alone, and one that reads past it."""
    source = draft.pick()
    new = draft.name("train")
    draft.add(
        {"name": new, "type": "Dropout", "bottom": source, "phase": "TRAIN"},
        {"name": f"{new}_past", "type": "TanH", "bottom": source},
    )


def table(draft: Draft) -> None:
    """A repeat over the rows of a table, cells or fields, which may be a var."""
    source = spatial(draft)
    if source is None:
        return
    new = draft.name("table")
    row: st.SearchStrategy[tuple[int, int, str]] = st.tuples(
        st.sampled_from([1, 3]), st.integers(1, 4), st.sampled_from(["RE", "SI"])
    )
    cells = draft.draw(st.lists(row, min_size=1, max_size=4))
    conv: Fields = {"type": "Convolution", "num_output": "$c", "kernel_size": "$k"}
    conv["pad"] = "$(k // 2)"
    acts: list[Fields] = [
        {"type": "ReLU", "when": '$(act == "RE")'},
        {"type": "Sigmoid", "when": '$(act != "RE")'},
    ]
    rows: object = cells
    way = draft.draw(st.sampled_from(["columns", "fields", "items"]))
    if way == "fields":
        rows = [{"kernel_size": k, "pad": k // 2, "num_output": c} for k, c, _ in cells]
    elif way == "items":
        rows = [c for _, c, _ in cells]
    if draft.draw(st.booleans()):
        draft.variables[new] = rows
        rows = f"${new}"
    repeat: Fields = {"columns": ["k", "c", "act"], "rows": rows}
    inner = {
        "columns": {"scope": False, "repeat": repeat, "layers": [conv, *acts]},
        "fields": {"type": "Convolution", "repeat": rows},
        "items": {"type": "Convolution", "kernel_size": 1, "num_output": "$item", "repeat": rows},
    }
    draft.add({"name": new, "bottom": source, "layers": [inner[way]]})


def stand_in(draft: Draft) -> None:
    """A layer that may not be there, and then stands for another than it would read."""
    source = draft.pick()
    new = draft.name("other")
    draft.variables[new] = draft.draw(st.booleans())
    side: Fields = {"type": "Sigmoid", "bottom": source, "when": f"${new}"}
    draft.add(
        {"name": f"{new}_a", "type": "TanH", "bottom": source},
        {"name": f"{new}_b", **side, "otherwise": f"{new}_a"},
        {"name": new, "type": "Eltwise", "bottom": [f"{new}_b", source]},
    )


def formula(draft: Draft) -> None:
    """A constant whose elements a formula gives, added to every place of a channel."""
    source = channelled(draft)
    if source is None:
        return
    new = draft.name("ramp")
    value = draft.draw(st.sampled_from(["$(2 * c - 3)", "$(c % 2)", "$(1 if c > 1 else -1)"]))
    shape = [draft.shape(source)[1]]
    draft.add(
        {"name": f"{new}_c", "type": "Constant", "shape": shape, "axes": ["c"], "value": value},
        {"name": new, "type": "Bias", "bottom": [source, f"{new}_c"], "axis": 1},
    )


def ordered(draft: Draft) -> None:
    """A group whose state_dict isn't in the order of execution; a name with a dash."""
    source = channelled(draft)
    if source is None:
        return
    layers = [{"name": name, "type": "BatchNorm"} for name in ("a", "b-0", "c")]
    order = draft.draw(st.permutations(["a", "b-0", "c"]))[: draft.draw(st.integers(1, 3))]
    new = draft.name("ordered")
    draft.add({"name": new, "bottom": source, "state_order": order, "layers": layers})
