"""The learning rate as the script writes it: `netspec.recipes.rates` has the same as numbers."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from netspec.lower.torch.python.layout import quoted
from netspec.lower.training.plan import Constant, RatePlan
from netspec.recipes import Recipe


@dataclass(frozen=True, slots=True)
class _Rule:
    """A policy: its formula, the keys that are constants of it, and what stands before it."""

    formula: str
    keys: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


_RULES: dict[str, _Rule] = {
    "fixed": _Rule("BASE_LR"),
    "step": _Rule("BASE_LR * GAMMA ** (step // STEPSIZE)", ("gamma", "stepsize")),
    "multistep": _Rule(
        "BASE_LR * GAMMA ** sum(step >= each for each in STEPVALUES)", ("gamma", "stepvalue")
    ),
    "exp": _Rule("BASE_LR * GAMMA**step", ("gamma",)),
    "inv": _Rule("BASE_LR * (1 + GAMMA * step) ** -POWER", ("gamma", "power")),
    "poly": _Rule("BASE_LR * (1 - step / steps) ** POWER", ("power",)),
    "sigmoid": _Rule(
        # A sigmoid by a tangent, which can't overflow.
        "BASE_LR * (0.5 + 0.5 * math.tanh(0.5 * GAMMA * (step - STEPSIZE)))",
        ("gamma", "stepsize"),
    ),
    "cosine": _Rule(
        "MIN_LR + (BASE_LR - MIN_LR) * (0.5 + 0.5 * math.cos(math.pi * step / steps))",
        ("min_lr",),
    ),
    "cyclic": _Rule(
        "MIN_LR + (BASE_LR - MIN_LR) * (1 - abs(step % (2 * STEPSIZE) / STEPSIZE - 1))",
        ("stepsize", "min_lr"),
    ),
    "one-cycle": _Rule(
        "lowest + (BASE_LR - lowest) * cycle(step, steps)",
        ("stepsize", "min_lr"),
        ("lowest = MIN_LR if step < STEPSIZE else 0.0",),
    ),
    "plateau": _Rule("BASE_LR * GAMMA**falls", ("gamma",)),
    "1/t": _Rule("BASE_LR / (1 + GAMMA * step)", ("gamma",)),
}


def rate_plan(recipe: Recipe) -> RatePlan:
    """How a recipe's rate is written; it has a policy."""
    assert recipe.lr_policy is not None
    rule = _RULES[recipe.lr_policy]
    constants = [Constant("BASE_LR", recipe.base_lr), *map(_constant(recipe), rule.keys)]
    lines: list[str] = []
    formula = rule.formula
    if any(getattr(recipe, f"{key}_epochs", None) for key in rule.keys):
        formula = re.sub(r"\bstep\b", "epoch", formula)
    if recipe.warmup_epochs:
        constants.append(Constant("WARMUP", recipe.warmup_epochs, "epochs"))
        constants.append(Constant("WARMUP_START_LR", recipe.warmup_start_lr))
        lines += (
            "if epoch < WARMUP:",
            "    return WARMUP_START_LR + (BASE_LR - WARMUP_START_LR) * epoch / WARMUP",
        )
    elif recipe.warmup_iter:
        constants.append(Constant("WARMUP_STEPS", recipe.warmup_iter))
        constants.append(Constant("WARMUP_START_LR", recipe.warmup_start_lr))
        lines += (
            "if step < WARMUP_STEPS:",
            "    share = step / WARMUP_STEPS",
            "    return WARMUP_START_LR + (BASE_LR - WARMUP_START_LR) * share",
        )
    if not lines and formula == "BASE_LR":
        return RatePlan(constants)
    lines += rule.before
    lines.append(f"return {formula}")
    plateau = recipe.plateau if recipe.lr_policy == "plateau" else None
    if plateau is not None:
        constants.append(Constant("PATIENCE", plateau.patience, "tests without a better one"))
    return RatePlan(
        constants,
        lines,
        "steps" in formula,
        any("epoch" in line for line in lines),
        "cycle(" in formula,
        quoted(plateau.figure) if plateau is not None else "",
        plateau is not None and plateau.better == "more",
    )


def _constant(recipe: Recipe) -> Callable[[str], Constant]:
    def constant(key: str) -> Constant:
        epochs = getattr(recipe, f"{key}_epochs", None)
        if epochs:
            name = "STEPVALUES" if key == "stepvalue" else key.upper()
            return Constant(name, tuple(epochs) if key == "stepvalue" else epochs, "epochs")
        if key == "stepvalue":
            return Constant("STEPVALUES", effective(recipe.stepvalue))
        return Constant(key.upper(), getattr(recipe, key))

    return constant


def effective(values: Sequence[int]) -> tuple[int, ...]:
    """The steps from which each value counts: one more a step at most, each in its turn.

    >>> effective([3, 3]), effective([5, 2])
    ((3, 4), (5, 6))
    """
    found: list[int] = []
    for value in values:
        found.append(max(found[-1] + 1, value) if found else value)
    return tuple(found)
