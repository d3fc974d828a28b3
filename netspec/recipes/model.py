"""The pydantic model of a recipe: its keys, their types and defaults, in Caffe's solver words."""

from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field

from netspec.language.models import Model
from netspec.recipes.numbers import FLOAT_MAX

Policy: TypeAlias = Literal["fixed", "step", "multistep", "exp", "inv", "poly", "sigmoid"]
Optimizer: TypeAlias = Literal["SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam"]


def _is_float32(value: float) -> float:
    if abs(value) > FLOAT_MAX:
        raise ValueError(f"at most {FLOAT_MAX:.4g}, the largest number of 32 bits")
    return value


Number: TypeAlias = Annotated[float, AfterValidator(_is_float32)]
"""A number of 32 bits, as all of a solver's are in Caffe."""
Count: TypeAlias = Annotated[int, Field(ge=1)]
Times: TypeAlias = Annotated[int, Field(ge=0)]


class Recipe(Model):
    """How a network is trained.

    An iteration is one update of the weights: `iter_size` passes over a batch each, forward and
    backward. Iterations count from 0; what is done every n of them is done at those that n divides.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    recipe: Literal[1] = Field(description="the version of this form")
    doc: str | None = Field(None, description="what it is for")
    net: str | None = Field(None, description="the network, for training and tests alike")
    train_net: str | None = Field(None, description="the network to train, where tests have theirs")
    test_net: list[str] = Field([], description="the networks to test with")
    test_stage: list[list[str]] = Field(
        [], description="the stages of each test: what is kept of the network (Caffe's test_state)"
    )

    base_lr: Number = Field(0.0, ge=0, description="the learning rate that the policy starts from")
    lr_policy: Policy | None = Field(
        None,
        description="the rate at iteration t. fixed: base_lr; step: base_lr · gamma^⌊t / stepsize⌋;"
        " multistep: base_lr · gamma^(how many of stepvalue t has reached, one more an iteration at"
        " most); exp: base_lr · gamma^t; inv: base_lr · (1 + gamma · t)^−power; poly: base_lr · "
        "(1 − t / max_iter)^power; sigmoid: base_lr / (1 + e^(−gamma · (t − stepsize)))",
    )
    gamma: Number = Field(0.0, description="step, multistep, exp, inv, sigmoid: see lr_policy")
    power: Number = Field(0.0, description="inv, poly: the exponent")
    stepsize: Times = Field(0, description="step: iterations at one rate; sigmoid: the middle")
    stepvalue: list[Times] = Field([], description="multistep: the iterations where the rate falls")
    warmup_iter: Times = Field(
        0, description="iterations in which the rate goes in a line to base_lr (Intel's Caffe)"
    )
    warmup_start_lr: Number = Field(0.0, ge=0, description="the rate that the warm-up starts from")

    optimizer: Optimizer = Field("SGD", description="how a gradient becomes an update")
    momentum: Number = Field(
        0.0,
        ge=0,
        description="SGD, Nesterov: the share of the last update in the next; Adam: of the first "
        "moment; AdaDelta: of the mean squares",
    )
    momentum2: Number = Field(0.999, ge=0, description="Adam: the share of the second moment")
    rms_decay: Number = Field(0.99, ge=0, lt=1, description="RMSProp: the share of mean squares")
    delta: Number = Field(
        1e-8, ge=0, description="AdaGrad, RMSProp, AdaDelta, Adam: added to what is divided by"
    )
    weight_decay: Number = Field(
        0.0,
        ge=0,
        description="times a weight's decay_mult: how much of it is added to its gradient",
    )
    regularization_type: Literal["L2", "L1"] = Field(
        "L2", description="what is added of a weight: itself (L2), or its sign (L1)"
    )
    clip_gradients: Number | None = Field(
        None,
        ge=0,
        description="the greatest length of all gradients together, summed over iter_size passes "
        "and without decay; longer ones are shortened to it",
    )
    iter_size: Count = Field(1, description="passes for an update, whose gradients are averaged")

    max_iter: Times | None = Field(None, description="how many iterations there are")
    display: Times = Field(0, description="iterations between lines of progress; 0 for none")
    average_loss: Count = Field(1, description="iterations of which a line shows the mean loss")
    test_iter: list[Times] = Field([], description="for each test, how many batches it takes")
    test_interval: Times = Field(0, description="iterations between tests; 0 for none")
    test_initialization: bool = Field(True, description="whether to test before the first update")
    test_compute_loss: bool = Field(False, description="whether tests tell the loss, too")
    snapshot: Times = Field(0, description="iterations between snapshots; 0 for none")
    snapshot_prefix: str | None = Field(None, description="what their names begin with")
    snapshot_after_train: bool = Field(True, description="whether the end is a snapshot, too")
    weights: list[str] = Field([], description="files of weights to start from")
    seed: Times | None = Field(None, description="of all that is random; another each time if none")
