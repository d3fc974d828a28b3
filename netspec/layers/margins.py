"""What other frameworks write for the margin of sliding windows, in numbers."""

from collections.abc import Mapping, Sequence

from netspec.layers.fields import MAX_AXES, Extents, aligned

WITHOUT = frozenset(("VALID", "NOTSET"))
ALIKE = frozenset(("SAME", "SAME_UPPER", "SAME_LOWER"))
PAD_BEFORE = "a `Pad` before, `pad: {sides}`"
_TAPS = ("kernel_size", "kernel_shape", "pool_size", "kernel")
_STEPS = ("stride", "strides")
_SPREADS = ("dilation", "dilations", "dilation_rate")


def advise(value: object, fields: Mapping[str, object], uneven: str) -> str | None:
    """Help for a margin in words, or for one that differs by side.

    SAME is what TensorFlow, Keras and ONNX make of it where the stride divides the size: the rest
    of a window beyond its step, shared between both sides, an odd element behind. `uneven` says
    what to write for that; `{before}`, `{behind}` and `{sides}` stand in it for the numbers.
    """
    if isinstance(value, list) and len(value) in (4, 6):
        if value == value[:1] * len(value):
            return f"on all sides it is `pad: {value[0]}`"
        sides = "[top, bottom, left, right]" if len(value) == 4 else "[[before, after], …]"
        return f"a margin that differs by side is a `Pad` before: `pad: {sides}`"
    word = str(value).upper() if isinstance(value, str) else ""
    if word in WITHOUT:
        return "there is no margin unless one is given: leave it out"
    return _alike(fields, uneven) if word in ALIKE else None


def _alike(fields: Mapping[str, object], uneven: str) -> str:
    kernel = _setting(fields, _TAPS)
    if kernel is None:
        return "the margin is a number: half of `kernel_size - 1` keeps the size at a stride of 1"
    steps, spreads = _setting(fields, _STEPS) or 1, _setting(fields, _SPREADS) or 1
    settings = aligned(kernel, steps, spreads)
    total = [max(spread * (taps - 1) + 1 - step, 0) for taps, step, spread in settings]
    before, behind = [each // 2 for each in total], [-(-each // 2) for each in total]
    given = f"`kernel_size: {_written(kernel)}`"
    if steps != 1:
        given += f" and `stride: {_written(steps)}`, which divides the size,"
    if before == behind:
        return f"for {given} it is `pad: {_written(before)}`"
    # Numbers serve an image, most likely; a list shows how many axes there are.
    axes = 2 if len(total) == 1 and isinstance(kernel, int) else len(total)
    pairs = [list(pair) for pair in zip(before, behind, strict=True)] * (axes // len(total))
    sides = [side for pair in pairs for side in pair] if axes == 2 else pairs
    told = uneven.format(before=_written(before), behind=_written(behind), sides=sides)
    return f"for {given} it is larger behind than before: {told}"


def _setting(fields: Mapping[str, object], names: tuple[str, ...]) -> Extents | None:
    """A setting, under whichever name it stands; None where it isn't known."""
    value = next((fields[name] for name in names if name in fields), None)
    match value:
        case bool():
            return None
        case int():
            return value
        case [*sizes] if len(sizes) <= MAX_AXES:
            known = tuple(each for each in sizes if isinstance(each, int))
            return known if len(known) == len(sizes) > 0 else None
        case _:
            return None


def _written(sizes: Extents | Sequence[int]) -> str:
    if isinstance(sizes, int):
        return str(sizes)
    return str(sizes[0]) if len(set(sizes)) == 1 else str(list(sizes))
