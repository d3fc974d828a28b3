"""What other frameworks write for the margin of sliding windows, in numbers."""

from collections.abc import Mapping

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
    if isinstance(value, list) and len(value) == 4:
        if value == value[:1] * 4:
            return f"on all sides it is `pad: {value[0]}`"
        return "a margin that differs by side is a `Pad` before: `pad: [top, bottom, left, right]`"
    word = str(value).upper() if isinstance(value, str) else ""
    if word in WITHOUT:
        return "there is no margin unless one is given: leave it out"
    return _alike(fields, uneven) if word in ALIKE else None


def _alike(fields: Mapping[str, object], uneven: str) -> str:
    kernel, stride, dilation = (_pair(fields, names) for names in (_TAPS, _STEPS, _SPREADS))
    if kernel is None:
        return "the margin is a number: half of `kernel_size - 1` keeps the size at a stride of 1"
    steps, spreads = stride or (1, 1), dilation or (1, 1)
    settings = zip(kernel, steps, spreads, strict=True)
    total = [max(spread * (taps - 1) + 1 - step, 0) for taps, step, spread in settings]
    before, behind = [each // 2 for each in total], [-(-each // 2) for each in total]
    given = f"`kernel_size: {_written(kernel)}`"
    if steps != (1, 1):
        given += f" and `stride: {_written(steps)}`, which divides the size,"
    if before == behind:
        return f"for {given} it is `pad: {_written(before)}`"
    sides = [before[0], behind[0], before[1], behind[1]]
    told = uneven.format(before=_written(before), behind=_written(behind), sides=sides)
    return f"for {given} it is larger behind than before: {told}"


def _pair(fields: Mapping[str, object], names: tuple[str, ...]) -> tuple[int, int] | None:
    """A setting of both axes, under whichever name it stands; None where it isn't known."""
    value = next((fields[name] for name in names if name in fields), None)
    match value:
        case bool():
            return None
        case int():
            return (value, value)
        case [int(height), int(width)]:
            return (height, width)
        case _:
            return None


def _written(pair: tuple[int, int] | list[int]) -> str:
    height, width = pair
    return str(height) if height == width else f"[{height}, {width}]"
