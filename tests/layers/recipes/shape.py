"""The layers that move elements."""

from hypothesis import strategies as st

from netspec.layers.resize import LINEAR
from tests.layers.recipes.recipe import (
    Draw,
    Fields,
    Input,
    Recipe,
    Sizes,
    Use,
    at,
    axes,
    divisors,
    numbers,
    plain,
    some,
)
from tests.layers.recipes.shapes import (
    CHANNELS,
    IMAGE,
    IMAGES,
    ITEMS,
    KNOWN_IMAGES,
    KNOWN_ITEMS,
    SPATIAL,
)


def concat(draw: Draw, shape: Sizes) -> Use:
    axis = axes(draw, shape)
    place = axis % len(shape)
    further = []
    for _ in range(draw(st.integers(0, 2))):
        sizes = list(shape)
        if isinstance(sizes[place], int):
            sizes[place] = draw(st.integers(1, 4))
        further.append(Input(tuple(sizes)))
    return Use({"axis": axis} if axis != 1 else {}, tuple(further))


def cut(draw: Draw, shape: Sizes) -> Use:
    axis = draw(st.sampled_from([n for n, size in enumerate(shape) if isinstance(size, int)]))
    fields: Fields = {"axis": axis} if axis != 1 else {}
    size = at(shape[axis])
    if size == 1 or draw(st.booleans()):
        return Use(fields, tops=draw(divisors(size).filter(lambda parts: parts < 5)))
    points = draw(st.lists(st.integers(1, size - 1), min_size=1, max_size=3, unique=True))
    return Use(fields | {"slice_point": sorted(points)}, tops=len(points) + 1)


def flatten(draw: Draw, shape: Sizes) -> Use:
    first = draw(st.integers(0, len(shape) - 1))
    last = draw(st.integers(first, len(shape) - 1))
    return Use({"axis": first, "end_axis": last - draw(st.sampled_from([0, len(shape)]))})


def reshape(draw: Draw, shape: Sizes) -> Use:
    """Factors of what stands behind the batch, one of them left open or not."""
    rest = 1
    for size in shape[1:]:
        rest *= at(size)
    one = draw(divisors(rest))
    two = draw(divisors(rest // one))
    sizes = [one, two, rest // one // two]
    if draw(st.booleans()):
        sizes[draw(st.integers(0, 2))] = -1
    return Use({"shape": sizes, "axis": 1} if draw(st.booleans()) else {"shape": [0, *sizes]})


def permute(draw: Draw, shape: Sizes) -> Use:
    return Use({"order": draw(st.permutations(range(len(shape))))})


def crop(draw: Draw, shape: Sizes) -> Use:
    axis = draw(st.integers(1, len(shape) - 1))
    sizes, offsets = list(shape), []
    for number in range(axis, len(shape)):
        room = at(shape[number])
        sizes[number] = draw(st.integers(1, room))
        offsets.append(draw(st.integers(0, room - at(sizes[number]))))
    fields: Fields = {"axis": axis} if axis != 2 else {}
    least = min(offsets)
    if draw(st.booleans()):
        return Use(fields | {"center": True}, (Input(tuple(sizes)),))
    given = draw(st.sampled_from([None, [least], offsets]))
    return Use(fields | ({"offset": given} if given is not None else {}), (Input(tuple(sizes)),))


def pad(draw: Draw, shape: Sizes) -> Use:
    margin = st.integers(0, 3)
    if len(shape) > 2 and draw(st.booleans()):
        pairs = draw(st.lists(st.tuples(margin, margin), min_size=len(shape) - 2, max_size=3))
        given: list[object] = [draw(margin), [list(each) for each in pairs[: len(shape) - 2]]]
        if len(shape) == 4:
            given.append([*pairs[0], *pairs[1]])
        chosen = draw(st.sampled_from(given))
        return Use({"pad": chosen} | some(draw, value=numbers(-1, 1)))
    fields: Fields = {"axis": axes(draw, shape)}
    return Use(fields | some(draw, before=margin, after=margin, value=numbers(-1, 1)))


def tile(draw: Draw, shape: Sizes) -> Use:
    fields: Fields = {"tiles": draw(st.integers(1, 3))}
    return Use(fields | ({"axis": axes(draw, shape)} if draw(st.booleans()) else {}))


def upsample(draw: Draw, shape: Sizes) -> Use:
    axes = len(shape) - 2
    fields: Fields = some(draw, mode=st.just(LINEAR[axes - 1]))
    if fields:
        fields |= some(draw, align_corners=st.booleans())
    way = draw(st.sampled_from(["scale", "size", "second"]))
    if way == "second":
        extent = draw(st.lists(st.integers(1, 12), min_size=axes, max_size=axes))
        return Use(fields, (Input((shape[0], 2, *extent)),))
    each = st.integers(1, 3 if way == "scale" else 12)
    sizes = st.lists(each, min_size=axes, max_size=axes)
    return Use(fields | {way: draw(st.one_of(each, sizes))})


def pixel_shuffle(draw: Draw, shape: Sizes) -> Use:
    factors = [factor for factor in (1, 2, 3) if at(shape[1]) % factor**2 == 0]
    return Use({"upscale_factor": draw(st.sampled_from(factors))})


def space_to_depth(draw: Draw, shape: Sizes) -> Use:
    fits = [r for r in (1, 2, 3) if at(shape[2]) % r == 0 and at(shape[3]) % r == 0]
    return Use({"block_size": draw(st.sampled_from(fits))} | some(draw, order=st.just("CRD")))


def channel_shuffle(draw: Draw, shape: Sizes) -> Use:
    return Use({"group": draw(divisors(at(shape[1])))})


def expand(draw: Draw, shape: Sizes) -> Use:
    """Axes of size 1, if the blob has any, and others that stay."""
    chosen = draw(st.lists(st.sampled_from(range(len(shape))), min_size=1, unique=True))
    wanted = [
        draw(st.integers(1, 4)) if size == 1 and (axis in chosen or draw(st.booleans())) else size
        for axis, size in enumerate(shape)
    ]
    if draw(st.booleans()):
        return Use({}, (Input(tuple(wanted)),))
    return Use({"axis": chosen if len(chosen) > 1 else chosen[0]}, (Input(tuple(wanted)),))


def roll(draw: Draw, shape: Sizes) -> Use:
    shift = st.integers(-20, 20)
    if draw(st.booleans()):
        return Use({"axis": axes(draw, shape), "shift": draw(shift)})
    chosen = draw(st.lists(st.sampled_from(range(len(shape))), min_size=1, unique=True))
    return Use({"axis": chosen, "shift": [draw(shift) for _ in chosen]})


def gather(draw: Draw, shape: Sizes) -> Use:
    axis = axes(draw, shape)
    size = at(shape[axis]) if isinstance(shape[axis], int) else 1
    if draw(st.booleans()):
        index = st.integers(-size, size - 1)
        return Use({"axis": axis, "indices": draw(st.lists(index, min_size=1, max_size=5))})
    sizes = tuple(draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)))
    return Use({"axis": axis}, (Input(sizes, "labels", size),))


SMALLER: Sizes = (*IMAGE[:2], 4, 5)

FLAT: Sizes = (1, 4, 1, 6)
STRETCHED: st.SearchStrategy[Sizes] = st.tuples(
    st.just(1), CHANNELS, st.sampled_from([1, 4]), st.sampled_from([1, 5])
)

RECIPES = {
    "Identity": Recipe(plain, ITEMS, on=IMAGE),
    "Concat": Recipe(concat, ITEMS, {"axis": [1, 0, -1]}, IMAGE, further=(Input(IMAGE),) * 2),
    "Slice": Recipe(cut, ITEMS, {"axis": [1, -1], "slice_point": [[], [1], [3]]}, IMAGE, tops=2),
    "Flatten": Recipe(flatten, ITEMS, {"axis": [1, 0, 2], "end_axis": [-1, 2]}, IMAGE),
    "Reshape": Recipe(
        reshape,
        KNOWN_ITEMS,
        {"shape": [[0, -1], [-1, 42], [0, 0, 2, 21], [0, 2, -1, 3]]},
        IMAGE,
        {"shape": [0, -1]},
    ),
    "Permute": Recipe(
        permute,
        ITEMS,
        {"order": [[0, 2, 3, 1], [0, 1, 2, 3], [3, 2, 1, 0]]},
        IMAGE,
        {"order": [0, 2, 3, 1]},
    ),
    "Crop": Recipe(
        crop,
        KNOWN_ITEMS,
        {"axis": [2, 1, -1], "offset": [[], [0]], "center": [False, True]},
        IMAGE,
        further=(Input(SMALLER),),
    ),
    "Pad": Recipe(
        pad,
        ITEMS,
        {"pad": [[1, 2, 0, 3], 2, [[1, 0], [2, 3]]], "value": [0.0, -0.5]},
        IMAGE,
        {"pad": [1, 2, 0, 3]},
    ),
    "Tile": Recipe(tile, ITEMS, {"axis": [1, 0, -1], "tiles": [1, 3]}, IMAGE, {"tiles": 2}),
    "Expand": Recipe(expand, STRETCHED, {"axis": [None, 0, [0, 2]]}, FLAT, further=(Input(IMAGE),)),
    "Roll": Recipe(
        roll, ITEMS, {"shift": [[1, -2], [0, 20]]}, IMAGE, {"axis": [2, -1], "shift": [1, -2]}
    ),
    "Gather": Recipe(
        gather,
        ITEMS,
        {"axis": [1, -2], "indices": [[3, 0, -1], [1], -1]},
        IMAGE,
        {"axis": 1, "indices": [3, 0, -1]},
    ),
    "Upsample": Recipe(
        upsample,
        SPATIAL,
        {"scale": [1, 2, [2, 3]], "align_corners": [False, True], "mode": ["BILINEAR", "NEAREST"]},
        IMAGE,
        {"scale": 2, "mode": "BILINEAR"},
    ),
    "PixelShuffle": Recipe(
        pixel_shuffle, IMAGES, {"upscale_factor": [1, 2]}, IMAGE, {"upscale_factor": 2}
    ),
    "SpaceToDepth": Recipe(
        space_to_depth,
        KNOWN_IMAGES,
        {"block_size": [2, 1, 4], "order": ["DCR", "CRD"]},
        (*IMAGE[:2], 8, 4),
        {"block_size": 2},
    ),
    "ChannelShuffle": Recipe(channel_shuffle, SPATIAL, {"group": [1, 2, 4]}, IMAGE, {"group": 2}),
}
