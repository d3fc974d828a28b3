"""The pydantic model of a recipe: its keys, their types and defaults, in Caffe's solver words."""

from typing import Literal, TypeAlias

from pydantic import ConfigDict, Field

from netspec.language.models import Model
from netspec.recipes.data import Augment, Crops, Data
from netspec.recipes.parts import Amount, Count, Epochs, Number, Part, Share, Times

Policy: TypeAlias = Literal[
    "fixed",
    "step",
    "multistep",
    "exp",
    "inv",
    "poly",
    "sigmoid",
    "cosine",
    "cyclic",
    "one-cycle",
    "1/t",
    "plateau",
]
Optimizer: TypeAlias = Literal["SGD", "Nesterov", "AdaGrad", "RMSProp", "AdaDelta", "Adam", "AdamW"]


class Loss(Part):
    """What an output of the network is compared by."""

    type: Literal["softmax"] = Field(
        "softmax", description="softmax: cross-entropy of a class's number, as SoftmaxWithLoss"
    )
    label: str = Field("label", description="what the data call the right answers")
    weight: Amount = Field(1.0, description="its share in the sum of all losses")
    label_smoothing: Share = Field(
        0.0, description="the share that all classes have in the right answer alike"
    )


class Plateau(Part):
    """When tests don't get better."""

    figure: str = Field("loss", description="the figure of a test that is watched")
    better: Literal["less", "more"] = Field("less", description="what of it is better")
    patience: Count = Field(
        10, description="the rate falls after so many tests in a row without a better one"
    )


class Recipe(Model):
    """How a network is trained.

    An iteration is one update of the weights: `iter_size` passes over a batch each, forward and
    backward. Iterations count from 0; what is done every n of them is done at those that n divides.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    recipe: Literal[1] = Field(description="the version of this form")
    doc: str | None = Field(None, description="what it is for")
    source: str | None = Field(None, description="where it is from")
    net: str | None = Field(None, description="the network, for training and tests alike")
    train_net: str | None = Field(None, description="the network to train, where tests have theirs")
    test_net: list[str] = Field([], description="the networks to test with")
    test_stage: list[list[str]] = Field(
        [], description="the stages of each test: what is kept of the network (Caffe's test_state)"
    )

    data: Data | None = Field(None, description="what it is trained and tested with")
    augment: Augment | None = Field(None, description="what training makes of each image")
    test_crops: Crops | None = Field(
        None, description="the parts of each image that tests see; the whole if none"
    )
    batch_size: Count | None = Field(
        None, description="items of a pass, over all processes; epochs follow without a gap"
    )
    loss: dict[str, Loss] = Field(
        {}, description="by the names of outputs, where the network has no losses of its own"
    )

    base_lr: Amount = Field(0.0, description="the learning rate that the policy starts from")
    lr_policy: Policy | None = Field(
        None,
        description="the rate at iteration t. fixed: base_lr; step: base_lr · gamma^⌊t / stepsize⌋;"
        " multistep: base_lr · gamma^(how many of stepvalue t has reached, one more an iteration at"
        " most); exp: base_lr · gamma^t; inv: base_lr · (1 + gamma · t)^−power; poly: base_lr · "
        "(1 − t / max_iter)^power; sigmoid: base_lr / (1 + e^(−gamma · (t − stepsize))); cosine: "
        "half a wave from base_lr to min_lr at max_iter; cyclic: in lines from min_lr to base_lr "
        "and back, stepsize iterations each; one-cycle: half a wave from min_lr up to base_lr at "
        "stepsize, half a wave down to 0 at max_iter; 1/t: base_lr / (1 + gamma · t); plateau: "
        "base_lr · gamma^(how often tests stopped getting better)",
    )
    gamma: Number = Field(
        0.0, description="step, multistep, exp, inv, sigmoid, 1/t, plateau: see lr_policy"
    )
    power: Number = Field(0.0, description="inv, poly: the exponent")
    stepsize: Times = Field(
        0,
        description="step: iterations at one rate; sigmoid: the middle; cyclic: half a cycle; "
        "one-cycle: the iteration of the highest rate",
    )
    stepsize_epochs: Epochs | None = Field(
        None, description="step, cyclic: instead of stepsize, in epochs"
    )
    stepvalue: list[Times] = Field([], description="multistep: the iterations where the rate falls")
    stepvalue_epochs: list[Epochs] = Field(
        [], description="multistep: instead of stepvalue, in epochs"
    )
    min_lr: Amount = Field(0.0, description="cosine, cyclic: the lowest rate; one-cycle: the first")
    min_momentum: Share | None = Field(
        None,
        description="one-cycle: the momentum at the highest rate, from `momentum` and back; none: "
        "it stays",
    )
    plateau: Plateau | None = Field(None, description="plateau: when the rate falls")
    warmup_iter: Times = Field(
        0, description="iterations in which the rate goes in a line to base_lr (Intel's Caffe)"
    )
    warmup_epochs: Epochs | None = Field(None, description="instead of warmup_iter, in epochs")
    warmup_start_lr: Amount = Field(0.0, description="the rate that the warm-up starts from")

    optimizer: Optimizer = Field("SGD", description="how a gradient becomes an update")
    momentum: Amount = Field(
        0.0,
        description="SGD, Nesterov: the share of the last update in the next; Adam, AdamW: of the "
        "first moment; AdaDelta: of the mean squares",
    )
    momentum2: Amount = Field(0.999, description="Adam, AdamW: the share of the second moment")
    rms_decay: Amount = Field(0.99, lt=1, description="RMSProp: the share of mean squares")
    delta: Amount = Field(
        1e-8,
        description="AdaGrad, RMSProp, AdaDelta, Adam, AdamW: added to what is divided by",
    )
    weight_decay: Amount = Field(
        0.0,
        description="times a weight's decay_mult: how much of it is added to its gradient",
    )
    regularization_type: Literal["L2", "L1", "ELASTIC"] = Field(
        "L2", description="what is added of a weight: itself (L2), its sign (L1), or both (ELASTIC)"
    )
    l1_ratio: Share = Field(0.5, description="ELASTIC: the share of the sign, as in scikit-learn")
    clip_gradients: Amount | None = Field(
        None,
        description="the greatest length of all gradients together, summed over iter_size passes "
        "and without decay; longer ones are shortened to it",
    )
    clip_value: Amount | None = Field(
        None, description="the greatest size of each gradient, averaged and without decay"
    )
    ema: Share | None = Field(
        None,
        description="what a mean of the weights keeps of itself at each iteration; tests and the "
        "run's weights are the mean's",
    )
    iter_size: Count = Field(1, description="passes for an update, whose gradients are averaged")

    max_iter: Times | None = Field(None, description="how many iterations there are")
    epochs: Count | None = Field(
        None, description="instead of max_iter: how often all data are gone through"
    )
    precision: Literal["float32", "float64", "bfloat16", "float16"] = Field(
        "float32",
        description="what is computed in; bfloat16, float16: where PyTorch's autocast says so; "
        "float16 on GPUs alone, with losses that are scaled",
    )
    sync_batchnorm: bool = Field(
        False,
        description="whether BatchNorm takes the statistics of a whole batch that processes share, "
        "instead of each its share's",
    )
    sharding: bool = Field(
        False,
        description="whether each process keeps a part of the weights and of the optimizer's state "
        "(PyTorch's fully_shard), instead of all",
    )
    workers: Times = Field(0, description="processes that read the data ahead; 0: none beside")
    display: Times = Field(0, description="iterations between lines of progress; 0 for none")
    tensorboard: bool = Field(
        False, description="whether figures go into the folder tensorboard, too, for that program"
    )
    average_loss: Count = Field(1, description="iterations of which a line shows the mean loss")
    test_iter: list[Times] = Field([], description="for each test, how many batches it takes")
    test_interval: Times = Field(0, description="iterations between tests; 0 for none")
    test_interval_epochs: Epochs | None = Field(
        None, description="instead of test_interval, in epochs"
    )
    test_initialization: bool = Field(True, description="whether to test before the first update")
    test_compute_loss: bool = Field(False, description="whether tests tell the loss, too")
    snapshot: Times = Field(0, description="iterations between snapshots; 0 for none")
    snapshot_epochs: Epochs | None = Field(None, description="instead of snapshot, in epochs")
    snapshot_prefix: str | None = Field(None, description="what their names begin with")
    snapshot_after_train: bool = Field(True, description="whether the end is a snapshot, too")
    weights: list[str] = Field(
        [], description="files of weights to start from; of a script, one of any kind that there is"
    )
    weights_prefix: str | None = Field(
        None, description="what stands before the network's names in those of the weights, or auto"
    )
    fresh: list[str] = Field(
        [], description="patterns of parameters to be drawn anew where the weights don't fit"
    )
    freeze: list[str] = Field([], description="patterns of parameters that stay as they are")
    seed: Times | None = Field(
        None,
        description="of all that is random; 0 if none, where Caffe takes another each time",
    )

    @property
    def tests(self) -> bool:
        """Whether there are tests as it is trained."""
        return bool(self.test_interval or self.test_interval_epochs)

    @property
    def counts_epochs(self) -> bool:
        """Whether the rate depends on the length of the data."""
        return bool(self.stepsize_epochs or self.stepvalue_epochs or self.warmup_epochs)
