"""Pooling, FractionalMaxPooling, Unpooling, SPP, ROIPooling, ROIAlign, PSROIPooling."""

from hypothesis import strategies as st

from netspec.graph.sizes import symbol
from tests.layers.recipes.recipe import (
    Draw,
    Fields,
    Input,
    Recipe,
    Sizes,
    Use,
    along,
    at,
    extents,
    numbers,
    some,
)
from tests.layers.recipes.shapes import IMAGE, IMAGES, KNOWN_IMAGES, KNOWN_SPATIAL, SPATIAL

METHODS = st.sampled_from(["MAX", "AVE", "L2", "STOCHASTIC"])
REGIONS = symbol("R")


def pooling(draw: Draw, shape: Sizes) -> Use:
    method = draw(METHODS if len(shape) == 4 else st.sampled_from(["MAX", "AVE", "L2"]))
    way = draw(st.sampled_from(["kernel_size", "global_pooling", "output_size", "axis"]))
    fields: Fields = {"pool": method}
    if way == "axis":
        return _along_channels(draw, at(shape[1]))
    if way == "global_pooling":
        return Use(fields | {"global_pooling": True})
    if way == "output_size":
        counts = [draw(st.integers(1, at(size))) for size in shape[2:]]
        method = draw(st.sampled_from(["MAX", "AVE"]))
        return Use({"pool": method, "output_size": counts})
    return _windows(draw, fields, shape)


def _along_channels(draw: Draw, channels: int) -> Use:
    fields: Fields = {"pool": draw(st.sampled_from(["MAX", "AVE", "L2"])), "axis": 1}
    if draw(st.booleans()):
        return Use(fields | {"global_pooling": True})
    fields["kernel_size"] = draw(st.integers(1, min(3, channels)))
    return Use(fields | some(draw, stride=st.integers(1, 3)))


def _windows(draw: Draw, fields: Fields, shape: Sizes) -> Use:
    spatial = len(shape) - 2
    fields |= {"kernel_size": draw(extents(1, min(3, *map(at, shape[2:])), spatial))}
    smallest = min(along(fields["kernel_size"], spatial))
    fields |= some(
        draw,
        stride=extents(1, 3, spatial),
        pad=extents(0, smallest - 1, spatial),
        round_mode=st.sampled_from(["FLOOR", "CEIL"]),
    )
    if fields["pool"] == "AVE":
        fields |= some(draw, count_include_pad=st.booleans())
    masked = fields["pool"] == "MAX" and draw(st.booleans())
    return Use(fields, tops=2 if masked else 0)


def fractional(draw: Draw, shape: Sizes) -> Use:
    smallest = min(map(at, shape[2:]))
    fields: Fields = {"kernel_size": draw(extents(1, min(3, smallest), 2))}
    if smallest >= 3 and draw(st.booleans()):
        return Use(fields | {"output_ratio": draw(numbers(0.34, 0.66))})
    rooms = zip(shape[2:], along(fields["kernel_size"], 2), strict=True)
    return Use(fields | {"output_size": [draw(st.integers(1, at(n) - k + 1)) for n, k in rooms]})


def unpooling(draw: Draw, shape: Sizes) -> Use:
    return Use(pooled=_windows(draw, {"pool": "MAX"}, shape).fields)


def spp(draw: Draw, shape: Sizes) -> Use:
    smallest = min(at(size) for size in shape[2:])
    # Any image of h rows can be cut into as many windows as the largest power of two below.
    height = draw(st.integers(1, 2 if smallest < 4 else 3))
    return Use({"pyramid_height": height} | some(draw, pool=st.sampled_from(["MAX", "AVE"])))


def regions(draw: Draw, shape: Sizes) -> Use:
    fields: Fields = {"pooled_h": draw(st.integers(1, 3)), "pooled_w": draw(st.integers(1, 3))}
    fields |= some(draw, spatial_scale=numbers(0.25, 1))
    return Use(fields, (_boxes(shape),))


def aligned(draw: Draw, shape: Sizes) -> Use:
    use = regions(draw, shape)
    return Use(use.fields | some(draw, sampling_ratio=st.integers(0, 3)), use.further)


def position_sensitive(draw: Draw, shape: Sizes) -> Use:
    side = draw(st.sampled_from([n for n in (1, 2) if at(shape[1]) % n**2 == 0]))
    fields = {"output_dim": at(shape[1]) // side**2, "group_size": side}
    return Use(fields | {"spatial_scale": draw(numbers(0.25, 1))}, (_boxes(shape),))


def _boxes(shape: Sizes) -> Input:
    return Input((REGIONS, 5), "regions", max(at(size) for size in shape[2:]))


RECIPES = {
    "Pooling": Recipe(
        pooling,
        SPATIAL,
        {
            "pool": ["MAX", "AVE", "L2", "STOCHASTIC"],
            "stride": [1, 2, [2, 3]],
            "pad": [0, 1, [1, 0]],
            "round_mode": ["FLOOR", "CEIL"],
            "count_include_pad": [True, False],
        },
        IMAGE,
        {"kernel_size": [3, 2]},
        positive=True,
        jumps="a mask says which of two nearly equal elements is the greater",
    ),
    "FractionalMaxPooling": Recipe(
        fractional,
        KNOWN_IMAGES,
        {
            "kernel_size": [2, 1, [2, 3]],
            "output_size": [4, [1, 4]],
        },
        IMAGE,
        {"kernel_size": 2, "output_size": 4},
    ),
    "Unpooling": Recipe(
        unpooling,
        KNOWN_SPATIAL,
        on=IMAGE,
        pooled={"kernel_size": 3, "stride": 2, "pad": 1},
        jumps="a mask says which of two nearly equal elements is the greater",
    ),
    "SPP": Recipe(
        spp,
        IMAGES,
        {"pyramid_height": [1, 2, 3], "pool": ["MAX", "AVE"]},
        IMAGE,
        {"pyramid_height": 2},
    ),
    "ROIPooling": Recipe(
        regions,
        IMAGES,
        {"pooled_w": [1, 3], "spatial_scale": [1.0, 0.5, 0.0625]},
        IMAGE,
        {"pooled_h": 2, "pooled_w": 2},
        (_boxes(IMAGE),),
        counted="torch's counter can't follow its walk over the regions",
    ),
    "PSROIPooling": Recipe(
        position_sensitive,
        IMAGES,
        {"spatial_scale": [0.5, 0.0625]},
        IMAGE,
        {"output_dim": 1, "group_size": 2, "spatial_scale": 1.0},
        (_boxes(IMAGE),),
        counted="it averages by matrix products in PyTorch; `macs` counts learned weights alone",
    ),
    "ROIAlign": Recipe(
        aligned,
        IMAGES,
        {"pooled_w": [1, 3], "spatial_scale": [1.0, 0.5], "sampling_ratio": [0, 1, 2]},
        IMAGE,
        {"pooled_h": 2, "pooled_w": 2},
        (_boxes(IMAGE),),
        counted="it samples by matrix products in PyTorch; `macs` counts learned weights alone",
    ),
}
