"""The learning rate of each iteration."""

from collections.abc import Callable
from math import cos, exp, inf, isnan, nan, pi

from netspec.recipes.model import Policy, Recipe
from netspec.recipes.numbers import FLOAT_MAX, float32


def learning_rate(recipe: Recipe, iteration: int, items: int | None = None) -> float:
    """The rate of a `recipe` at the update that is number `iteration`, counted from 0, before any
    `lr_mult`.

    It is that of a real Caffe in double precision, to the bit or the one beside it: a recipe's
    numbers are rounded to 32 bits, as Caffe reads them. Of plateau it is the rate before it falls.
    NaN for poly, cosine and one-cycle where the recipe doesn't say `max_iter`. Caffe past
    `max_iter` with poly: NaN, or for an even power a rate that rises again. ValueError for an
    iteration below 0, without a policy, or where the recipe counts epochs and not how many `items`
    there are.

    >>> recipe = Recipe(recipe=1, base_lr=0.5, lr_policy="step", gamma=0.5, stepsize=3)
    >>> [learning_rate(recipe, t) for t in (0, 2, 3, 6)]
    [0.5, 0.5, 0.25, 0.125]
    """
    if iteration < 0:
        raise ValueError(f"iterations count from 0, not from {iteration}")
    if recipe.lr_policy is None:
        raise ValueError("the recipe has no `lr_policy`")
    base, at = float32(recipe.base_lr), float(iteration)
    if recipe.counts_epochs:
        at = _epoch(recipe, iteration, items)
    done, warm = float(iteration), float(recipe.warmup_iter)
    if recipe.warmup_epochs:
        done, warm = at, recipe.warmup_epochs
    if done < warm:
        start = float32(recipe.warmup_start_lr)
        return start + (base - start) * done / warm
    if recipe.stepvalue_epochs and recipe.lr_policy == "multistep":
        return base * _power(float32(recipe.gamma), sum(at >= x for x in recipe.stepvalue_epochs))
    if recipe.stepsize_epochs and recipe.lr_policy in ("step", "cyclic"):
        in_epochs = recipe.model_copy(update={"stepsize": recipe.stepsize_epochs})
        return _times(base, _FACTORS[recipe.lr_policy](in_epochs, at))
    return _times(base, _FACTORS[recipe.lr_policy](recipe, iteration))


def _epoch(recipe: Recipe, iteration: int, items: int | None) -> float:
    """How often all items have been gone through."""
    if items is None or recipe.batch_size is None:
        raise ValueError("the recipe counts epochs: say how many `items` there are, of batches")
    return iteration * recipe.batch_size * recipe.iter_size / items


def _fixed(recipe: Recipe, iteration: float) -> float:
    return 1.0


def _step(recipe: Recipe, iteration: float) -> float:
    return _power(float32(recipe.gamma), iteration // recipe.stepsize)


def _multistep(recipe: Recipe, iteration: float) -> float:
    return _power(float32(recipe.gamma), _steps(recipe.stepvalue, iteration))


def _steps(values: list[int], iteration: float) -> int:
    """How many of the values count: one more an iteration at most, each in its turn.

    >>> [_steps([5, 2], t) for t in range(4, 8)], [_steps([3, 3], t) for t in range(2, 6)]
    ([0, 1, 2, 2], [0, 1, 2, 2])
    """
    reached = -1
    for count, value in enumerate(values):
        reached = max(reached + 1, value)
        if iteration < reached:
            return count
    return len(values)


def _exp(recipe: Recipe, iteration: float) -> float:
    return _power(float32(recipe.gamma), iteration)


def _inv(recipe: Recipe, iteration: float) -> float:
    grown = float32(recipe.gamma) * float32(iteration)
    grown = float32(grown) if grown <= FLOAT_MAX else inf
    return _power(1.0 + grown, -float32(recipe.power))


def _poly(recipe: Recipe, iteration: float) -> float:
    left = 1.0 - iteration / recipe.max_iter if recipe.max_iter else nan
    return _power(left, float32(recipe.power))


def _sigmoid(recipe: Recipe, iteration: float) -> float:
    exponent = -float32(recipe.gamma) * (iteration - recipe.stepsize)
    return 1.0 / (1.0 + exp(exponent)) if exponent < 700 else 0.0


def _cosine(recipe: Recipe, iteration: float) -> float:
    if not recipe.max_iter:
        return nan
    return _between(recipe, 0.5 + 0.5 * cos(pi * iteration / recipe.max_iter))


def _cyclic(recipe: Recipe, iteration: float) -> float:
    """Smith 2015, Cyclical Learning Rates for Training Neural Networks, the policy "triangular"."""
    at = iteration % (2 * recipe.stepsize) / recipe.stepsize
    return _between(recipe, min(at, 2 - at))


def _between(recipe: Recipe, share: float) -> float:
    """What the base rate is multiplied by, on the way from the lowest rate to it."""
    base = float32(recipe.base_lr)
    lowest = float32(recipe.min_lr) / base if base else 0.0
    return lowest + (1.0 - lowest) * share


def _one_cycle(recipe: Recipe, iteration: float) -> float:
    """Smith and Topin 2017, Super-Convergence, with half waves, as PyTorch has it."""
    if not recipe.max_iter:
        return nan
    if iteration < recipe.stepsize:
        return _between(recipe, 0.5 - 0.5 * cos(pi * iteration / recipe.stepsize))
    left = recipe.max_iter - recipe.stepsize
    return 0.5 + 0.5 * cos(pi * (iteration - recipe.stepsize) / left) if left else 0.0


def _over_time(recipe: Recipe, iteration: float) -> float:
    return 1.0 / (1.0 + float32(recipe.gamma) * iteration)


def _power(base: float, exponent: float) -> float:
    """A power as C's `pow` has it: no number where there is no real one."""
    if isnan(base):
        return nan
    try:
        value = base**exponent
    except ZeroDivisionError:
        return inf
    except OverflowError:
        return inf
    return nan if isinstance(value, complex) else float(value)


def _times(base: float, factor: float) -> float:
    return 0.0 if base == 0 and factor == inf else base * factor


_FACTORS: dict[Policy, Callable[[Recipe, float], float]] = {
    "fixed": _fixed,
    "step": _step,
    "multistep": _multistep,
    "exp": _exp,
    "inv": _inv,
    "poly": _poly,
    "sigmoid": _sigmoid,
    "cosine": _cosine,
    "cyclic": _cyclic,
    "one-cycle": _one_cycle,
    "1/t": _over_time,
    "plateau": _fixed,
}
