"""What a recipe's keys mean to each other, beyond each key's own type."""

from collections.abc import Callable, Iterator

from netspec.counted import counted
from netspec.recipes.data_checks import data_problems
from netspec.recipes.found import Found
from netspec.recipes.model import Recipe

OF_POLICY = {
    "fixed": (),
    "step": ("gamma", "stepsize", "stepsize_epochs"),
    "multistep": ("gamma", "stepvalue", "stepvalue_epochs"),
    "exp": ("gamma",),
    "inv": ("gamma", "power"),
    "poly": ("power",),
    "sigmoid": ("gamma", "stepsize"),
    "cosine": ("min_lr",),
    "cyclic": ("stepsize", "stepsize_epochs", "min_lr"),
    "one-cycle": ("stepsize", "min_lr", "min_momentum"),
    "1/t": ("gamma",),
    "plateau": ("gamma", "plateau"),
}
"""The keys that each policy reads, beside `base_lr` and `max_iter`."""
POLICY_KEYS = (
    *("gamma", "power", "stepsize", "stepsize_epochs", "stepvalue", "stepvalue_epochs"),
    *("min_lr", "min_momentum", "plateau"),
)

OF_OPTIMIZER = {
    "SGD": ("momentum",),
    "Nesterov": ("momentum",),
    "AdaGrad": ("delta",),
    "RMSProp": ("rms_decay", "delta"),
    "AdaDelta": ("momentum", "delta"),
    "Adam": ("momentum", "momentum2", "delta"),
    "AdamW": ("momentum", "momentum2", "delta"),
}
"""The keys that each optimizer reads."""
OPTIMIZER_KEYS = ("momentum", "momentum2", "rms_decay", "delta")

_NEEDED = {
    "step": ("stepsize",),
    "sigmoid": ("stepsize",),
    "cyclic": ("stepsize",),
    "poly": ("max_iter",),
    "cosine": ("max_iter",),
    "one-cycle": ("stepsize", "max_iter"),
    "plateau": ("plateau",),
}
"""The keys that a policy can't do without."""
_CYCLING = ("SGD", "Nesterov", "Adam", "AdamW")
_GROWING = frozenset(("step", "multistep", "exp", "inv", "sigmoid", "1/t", "plateau"))
_SHRINKING = frozenset(("step", "multistep", "exp", "plateau"))


_IN_EPOCHS = {
    "max_iter": "epochs",
    "stepsize": "stepsize_epochs",
    "stepvalue": "stepvalue_epochs",
    "warmup_iter": "warmup_epochs",
    "test_interval": "test_interval_epochs",
    "snapshot": "snapshot_epochs",
}
"""The keys that count iterations, and those that count epochs instead."""


def unread(recipe: Recipe) -> dict[str, str]:
    """The keys that make no difference, each with the reason."""
    found: dict[str, str] = {}
    if recipe.lr_policy is not None:
        read = OF_POLICY[recipe.lr_policy]
        reason = f"`lr_policy: {recipe.lr_policy}` doesn't read it"
        found |= {key: reason for key in POLICY_KEYS if key not in read}
    read = OF_OPTIMIZER[recipe.optimizer]
    reason = f"{recipe.optimizer} doesn't read it"
    found |= {key: reason for key in OPTIMIZER_KEYS if key not in read}
    if recipe.regularization_type != "ELASTIC":
        reason = f"`regularization_type: {recipe.regularization_type}` doesn't read it"
        found["l1_ratio"] = reason
    if not recipe.weight_decay:
        found["regularization_type"] = "there is no `weight_decay`"
    if not recipe.warmup_iter and not recipe.warmup_epochs:
        found["warmup_start_lr"] = "there is no `warmup_iter`"
    if not recipe.tests:
        reason = "there is no `test_interval`"
        found |= dict.fromkeys(("test_iter", "test_initialization", "test_compute_loss"), reason)
    return {key: why for key, why in found.items() if key in recipe.model_fields_set}


def problems(recipe: Recipe) -> Iterator[Found]:
    """What is wrong with a recipe as a whole, and what isn't what it seems."""
    for check in _CHECKS:
        yield from check(recipe, recipe.model_fields_set)


def _networks(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    if recipe.net is not None and recipe.train_net is not None:
        message = "`net` and `train_net` both name the network to train"
        yield Found(message, "train_net", "leave one of them out", "field-conflict")


def _policy(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    policy = recipe.lr_policy
    if policy in _GROWING and recipe.gamma < 0:
        message = f"`gamma` should be at least 0 with `lr_policy: {policy}`, not {recipe.gamma}"
        yield Found(message, "gamma")
    for key in _NEEDED.get(policy or "", ()):
        if getattr(recipe, key) or _in_epochs(recipe, key):
            continue
        if key in given:
            message = f"`{key}` should be at least 1 with `lr_policy: {policy}`, not 0"
            yield Found(message, key)
        else:
            message = f"`{key}` is missing, which `lr_policy: {policy}` needs"
            yield Found(message, "lr_policy", code="missing-field")


def _cycle(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    if recipe.lr_policy != "one-cycle":
        return
    if recipe.max_iter and recipe.stepsize >= recipe.max_iter:
        message = f"`stepsize` should be less than `max_iter` ({recipe.max_iter}) with one-cycle"
        yield Found(message, "stepsize")
    if recipe.min_momentum is not None and recipe.optimizer not in _CYCLING:
        message = f"`min_momentum` isn't for {recipe.optimizer}"
        yield Found(message, "min_momentum", "leave it out", "field-conflict")
    elif recipe.min_momentum is not None and recipe.min_momentum > recipe.momentum:
        message = f"`min_momentum` should be at most `momentum` ({recipe.momentum})"
        yield Found(message, "min_momentum")


def _plateau(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    if recipe.lr_policy == "plateau" and not recipe.tests:
        message = "`lr_policy: plateau` goes by tests, and there are none"
        yield Found(message, "lr_policy", "say `test_interval`", "missing-field")


def _in_epochs(recipe: Recipe, key: str) -> bool:
    """Whether a key that a policy needs is there in epochs, if the policy takes them."""
    other = _IN_EPOCHS.get(key, key)
    taken = (*OF_POLICY[recipe.lr_policy or "fixed"], "epochs")
    return other in taken and bool(getattr(recipe, other))


def _units(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    """What is said twice."""
    for key, other in _IN_EPOCHS.items():
        if key != "max_iter" and getattr(recipe, key) and getattr(recipe, other):
            message = f"`{key}` and `{other}` both say when"
            yield Found(message, other, "leave one of them out", "field-conflict")


def _rate(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    """Rates that defaults make constant or zero."""
    policy = recipe.lr_policy
    if policy is None:
        message = "there is no `lr_policy`: nothing is trained before one is chosen"
        yield Found(message, "base_lr", f"one of {', '.join(OF_POLICY)}", trap=True)
    if "base_lr" not in given:
        message = "there is no `base_lr`, which is 0 then: nothing is learned"
        yield Found(message, "lr_policy", trap=True)
    if policy in ("poly", "inv") and "power" not in given:
        message = f"`lr_policy: {policy}` without `power`, which is 0 then, is a constant rate"
        yield Found(message, "lr_policy", "is `power: 1` meant?", trap=True)
    if policy in _SHRINKING and "gamma" not in given:
        message = f"`lr_policy: {policy}` without `gamma`, which is 0 then, ends at a rate of 0"
        yield Found(message, "lr_policy", "is `gamma: 0.1` meant?", trap=True)
    values = recipe.stepvalue_epochs or recipe.stepvalue
    if policy == "multistep" and not values:
        message = "`lr_policy: multistep` without `stepvalue` is a constant rate"
        yield Found(message, "lr_policy", trap=True)
    elif policy == "multistep" and recipe.stepvalue_epochs and values != sorted(set(values)):
        yield Found("`stepvalue_epochs` should rise", "stepvalue_epochs")
    elif policy == "multistep" and values != sorted(set(values)):
        message = "`stepvalue` doesn't rise: each counts an iteration after the one before at least"
        yield Found(message, "stepvalue", trap=True)


def _optimizer(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    if recipe.optimizer in ("AdaGrad", "RMSProp") and recipe.momentum:
        message = f"{recipe.optimizer} has no momentum, but `momentum` is {recipe.momentum}"
        yield Found(message, "momentum", "leave it out", "field-conflict")
    usual = {"Adam": 0.9, "AdamW": 0.9, "AdaDelta": 0.95}.get(recipe.optimizer)
    if recipe.optimizer == "AdamW" and recipe.regularization_type != "L2":
        message = f"AdamW has a decay of its own, which isn't {recipe.regularization_type}"
        yield Found(message, "regularization_type", "is `optimizer: Adam` meant?", "field-conflict")
    if usual is not None and "momentum" not in given:
        message = (
            f"{recipe.optimizer} without `momentum`, which is 0 then, forgets all but the last "
            "gradient"
        )
        yield Found(message, "optimizer", f"is `momentum: {usual}` meant?", trap=True)


def _length(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    if recipe.epochs and recipe.max_iter is not None:
        message = "`max_iter` and `epochs` both say how long to train"
        yield Found(message, "epochs", "leave one of them out", "field-conflict")
    elif not recipe.epochs and not recipe.max_iter:
        yield Found("there is no `max_iter`: not one iteration is done", "max_iter", trap=True)


def _weights(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    if recipe.weights:
        return
    if recipe.fresh:
        yield Found("without `weights` all is fresh", "fresh", "leave it out", "field-conflict")
    if recipe.weights_prefix is not None:
        message = "without `weights` there is no prefix to their names"
        yield Found(message, "weights_prefix", "leave it out", "field-conflict")


def _tests(recipe: Recipe, given: set[str]) -> Iterator[Found]:
    count = len(recipe.test_iter)
    if recipe.tests and not count and recipe.data is None:
        message = "`test_interval` without `test_iter`: nothing is tested"
        yield Found(message, "test_interval", trap=True)
    if count and not recipe.tests:
        message = "`test_iter` without `test_interval`: nothing is tested, and Caffe stops here"
        yield Found(message, "test_iter", trap=True)
    if not recipe.tests or not count:
        return
    for key, names in (("test_net", recipe.test_net), ("test_stage", recipe.test_stage)):
        # What has no network of its own is a test of `net`.
        others = key == "test_net" and recipe.net is not None and len(names) < count
        if names and len(names) != count and not others:
            message = f"`{key}` is of {counted(len(names), 'test')}, `test_iter` of {count}"
            yield Found(message, key, "each test has a `test_iter`", "field-conflict")


_CHECKS: tuple[Callable[[Recipe, set[str]], Iterator[Found]], ...] = (
    _networks,
    _policy,
    _cycle,
    _plateau,
    _units,
    _rate,
    _optimizer,
    _length,
    data_problems,
    _weights,
    _tests,
)
