"""Fillers as PyTorch code: Caffe's semantics through `nn.init`, which counts fans alike."""

from collections.abc import Callable
from math import prod, sqrt

from netspec.graph.fillers import Filler
from netspec.lower.torch.code import Call, Literal, Name, call
from netspec.lower.torch.python.layout import quoted

HELPERS = ("bilinear_", "positive_unitball_")
"""The functions that `nn.init` lacks; a template each."""


def initializer(filler: Filler, shape: tuple[int, ...]) -> Callable[[str], Call]:
    """A function that gives the code which fills the tensor of that name."""
    return lambda tensor: _INITIALIZERS[filler.type](filler, shape, Name(tensor))


def words(filler: Filler) -> str:
    """The filler as a docstring has it."""
    if filler.type == "constant":
        return {0.0: "zero", 1.0: "one"}.get(filler.value, f"{filler.value:g}")
    if filler.type == "gaussian":
        mean = f"mean {filler.mean:g} and " if filler.mean else ""
        return f"gaussian with {mean}deviation {filler.std:g}"
    if filler.type == "uniform":
        return f"uniform from {filler.min:g} to {filler.max:g}"
    return filler.type


def _constant(filler: Filler, shape: tuple[int, ...], tensor: Name) -> Call:
    named = {0.0: "nn.init.zeros_", 1.0: "nn.init.ones_"}.get(filler.value)
    if named is not None:
        return call(named, tensor)
    return call("nn.init.constant_", tensor, Literal(filler.value))


def _gaussian(filler: Filler, shape: tuple[int, ...], tensor: Name) -> Call:
    return _normal(filler.mean, filler.std, tensor)


def _uniform(filler: Filler, shape: tuple[int, ...], tensor: Name) -> Call:
    ends = {"a": Literal(filler.min, "a", 0.0), "b": Literal(filler.max, "b", 1.0)}
    return call("nn.init.uniform_", tensor, **ends)


def _xavier(filler: Filler, shape: tuple[int, ...], tensor: Name) -> Call:
    # Caffe's xavier looks at one fan; nn.init.xavier_uniform_ at the average of both.
    if len(shape) < 2:
        bound = sqrt(3 / _fan_of_vector(filler, shape))
        return call("nn.init.uniform_", tensor, Literal(-bound), Literal(bound))
    if filler.variance_norm == "AVERAGE":
        return call("nn.init.xavier_uniform_", tensor)
    linear = Name(quoted("linear"))
    return call("nn.init.kaiming_uniform_", tensor, mode=_mode(filler), nonlinearity=linear)


def _msra(filler: Filler, shape: tuple[int, ...], tensor: Name) -> Call:
    if len(shape) < 2:
        return _normal(0.0, sqrt(2 / _fan_of_vector(filler, shape)), tensor)
    if filler.variance_norm == "AVERAGE":
        return call("nn.init.xavier_normal_", tensor, gain=Name("2**0.5"))
    return call("nn.init.kaiming_normal_", tensor, mode=_mode(filler))


def _positive_unitball(filler: Filler, shape: tuple[int, ...], tensor: Name) -> Call:
    return call("positive_unitball_", tensor)


def _bilinear(filler: Filler, shape: tuple[int, ...], tensor: Name) -> Call:
    return call("bilinear_", tensor)


def _normal(mean: float, std: float, tensor: Name) -> Call:
    settings = {"mean": Literal(mean, "mean", 0.0), "std": Literal(std, "std", 1.0)}
    return call("nn.init.normal_", tensor, **settings)


def _mode(filler: Filler) -> Literal:
    return Literal(filler.variance_norm.lower(), "mode", "fan_in")


def _fan_of_vector(filler: Filler, shape: tuple[int, ...]) -> float:
    """The fan of a bias, for which `nn.init` has none: Caffe counts 1 in and all of it out."""
    count = prod(shape)
    return {"FAN_IN": 1, "FAN_OUT": count, "AVERAGE": (1 + count) / 2}[filler.variance_norm]


_INITIALIZERS: dict[str, Callable[[Filler, tuple[int, ...], Name], Call]] = {
    "constant": _constant,
    "gaussian": _gaussian,
    "uniform": _uniform,
    "xavier": _xavier,
    "msra": _msra,
    "positive_unitball": _positive_unitball,
    "bilinear": _bilinear,
}
