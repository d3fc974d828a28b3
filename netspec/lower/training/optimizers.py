"""The optimizer: PyTorch's own class where it follows the recipe's rule, else one in the script.

Measured on a real Caffe: PyTorch's SGD has the rate outside its momentum, which is the same only
while the rate is constant; its Adam adds `delta` after the correction of the bias, which is the
same with another `eps` at each step; its AdaGrad, RMSProp and AdaDelta are the same.
"""

from collections.abc import Callable

from netspec.lower.torch.code import Expr, Name
from netspec.lower.training.plan import Constant, OptimizerPlan
from netspec.recipes import Recipe

_DECAYS = {
    "L2": "",
    "L1": "p.sign()",
    "ELASTIC": "p.sign().mul_(L1_RATIO).add_(p, alpha=1 - L1_RATIO)",
}
"""What is added of a parameter to its gradient, where the optimizer doesn't do it."""
_UPDATES = {
    "SGD": "update",
    "Nesterov": 'update.mul({momentum}).add_(grad, alpha=group["lr"])',
}
"""What a parameter is moved by, where momentum holds the rates of its time."""

_BETAS = 'group["betas"] = (momentum(step, steps), MOMENTUM2)'
_CYCLES = {
    "SGD": 'group["momentum"] = momentum(step, steps)',
    "Nesterov": 'group["momentum"] = momentum(step, steps)',
    "Adam": _BETAS,
    "AdamW": _BETAS,
}
"""Where momentum stands, which a step sets where it cycles."""


def optimizer_plan(recipe: Recipe, constant_rate: bool) -> OptimizerPlan:
    """How a recipe's optimizer is written; `constant_rate` says that no step has another rate."""
    decay = _DECAYS[recipe.regularization_type] if recipe.weight_decay else ""
    shared = [Constant("WEIGHT_DECAY", recipe.weight_decay)] if recipe.weight_decay else []
    if decay and recipe.regularization_type == "ELASTIC":
        shared.append(Constant("L1_RATIO", recipe.l1_ratio))
    made = _MAKERS[recipe.optimizer](recipe, constant_rate)
    cycles = recipe.lr_policy == "one-cycle" and recipe.min_momentum is not None
    momentum = 'group["momentum"]' if cycles else "MOMENTUM"
    if recipe.min_momentum is not None and cycles:
        shared.append(Constant("MIN_MOMENTUM", recipe.min_momentum))
    return OptimizerPlan(
        (*made.constants, *shared),
        made.name,
        made.arguments,
        made.update.format(momentum=momentum),
        decay,
        bool(recipe.weight_decay) and not decay,
        (*made.each_step, *([_CYCLES[recipe.optimizer]] if cycles else [])),
        cycles,
        momentum,
    )


def _sgd(recipe: Recipe, constant_rate: bool) -> OptimizerPlan:
    if not recipe.momentum:
        return OptimizerPlan((), "torch.optim.SGD", {})
    momentum = (Constant("MOMENTUM", recipe.momentum),)
    if not constant_rate:
        return OptimizerPlan(momentum, "SGD", {}, _UPDATES[recipe.optimizer])
    nesterov = {"nesterov": "True"} if recipe.optimizer == "Nesterov" else {}
    return OptimizerPlan(momentum, "torch.optim.SGD", _named(momentum="MOMENTUM", **nesterov))


def _adagrad(recipe: Recipe, constant_rate: bool) -> OptimizerPlan:
    delta = Constant("DELTA", recipe.delta)
    return OptimizerPlan((delta,), "torch.optim.Adagrad", _named(eps="DELTA"))


def _rmsprop(recipe: Recipe, constant_rate: bool) -> OptimizerPlan:
    constants = (Constant("RMS_DECAY", recipe.rms_decay), Constant("DELTA", recipe.delta))
    return OptimizerPlan(constants, "torch.optim.RMSprop", _named(alpha="RMS_DECAY", eps="DELTA"))


def _adadelta(recipe: Recipe, constant_rate: bool) -> OptimizerPlan:
    constants = (Constant("MOMENTUM", recipe.momentum), Constant("DELTA", recipe.delta))
    return OptimizerPlan(constants, "torch.optim.Adadelta", _named(rho="MOMENTUM", eps="DELTA"))


def _adam(recipe: Recipe, constant_rate: bool) -> OptimizerPlan:
    line = 'group["eps"] = DELTA / math.sqrt(1 - MOMENTUM2 ** (step + 1))'
    return _moments(recipe, "torch.optim.Adam", (line,) if recipe.delta else ())


def _adamw(recipe: Recipe, constant_rate: bool) -> OptimizerPlan:
    return _moments(recipe, "torch.optim.AdamW", ())


def _moments(recipe: Recipe, name: str, each_step: tuple[str, ...]) -> OptimizerPlan:
    constants = [
        Constant(each.upper(), getattr(recipe, each)) for each in ("momentum", "momentum2")
    ]
    constants.append(Constant("DELTA", recipe.delta))
    arguments = _named(betas="(MOMENTUM, MOMENTUM2)", eps="DELTA")
    return OptimizerPlan(constants, name, arguments, each_step=each_step)


def _named(**arguments: str) -> dict[str, Expr]:
    return {name: Name(text) for name, text in arguments.items()}


_MAKERS: dict[str, Callable[[Recipe, bool], OptimizerPlan]] = {
    "SGD": _sgd,
    "Nesterov": _sgd,
    "AdaGrad": _adagrad,
    "RMSProp": _rmsprop,
    "AdaDelta": _adadelta,
    "Adam": _adam,
    "AdamW": _adamw,
}
