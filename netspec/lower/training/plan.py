"""What a training script says, decided: templates only write it down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from netspec.lower.torch.code import Assign, Brackets, Expr, Literal, Name, Statement, Value, call
from netspec.lower.torch.python.layout import quoted, statement_lines


@dataclass(frozen=True, slots=True)
class Constant:
    """A number at the head of the script, and what it is where its name doesn't say it."""

    name: str
    value: Value | tuple[str, ...] | tuple[float, ...]
    comment: str = ""

    @property
    def line(self) -> str:
        """Its line, or lines where it's long; `comment` is of short ones."""
        said = f"  # {self.comment}" if self.comment else ""
        return code(Assign((self.name,), _shown(self.value))) + said


def _shown(value: Value | tuple[str, ...] | tuple[float, ...]) -> Expr:
    if isinstance(value, tuple):
        return Brackets("()", tuple(map(Literal, value)))
    return Literal(value)


def code(statement: Statement, indent: int = 0) -> str:
    """The lines of a statement."""
    return "\n".join(statement_lines(statement, indent))


@dataclass(frozen=True, slots=True)
class RatePlan:
    """The rate: lines of a function of `step` (and `steps`, where `of_steps`, or `epoch`, where
    `of_epochs`), none where it is `BASE_LR` all along.

    It may go by how far a cycle is (`cycles`), or fall by a `figure` of tests, of which more or
    less is better.
    """

    constants: Sequence[Constant]
    lines: Sequence[str] = ()
    of_steps: bool = False
    of_epochs: bool = False
    cycles: bool = False
    figure: str = ""
    more_is_better: bool = False


@dataclass(frozen=True, slots=True)
class OptimizerPlan:
    """The optimizer: its class, and what that is given beside groups.

    Where PyTorch has none that does the same, `update` is what a parameter is moved by in one of
    the script's own, which adds the decay to a gradient if it `decays`, and where that reads its
    `momentum`. `decay` is what is added of a parameter where no optimizer does it. `each_step` is
    what a step sets in each group beside the rate, the momentum too where that `cycles`.
    """

    constants: Sequence[Constant]
    name: str
    arguments: Mapping[str, Expr]
    update: str = ""
    decay: str = ""
    decays: bool = False
    each_step: Sequence[str] = ()
    cycles: bool = False
    momentum: str = "MOMENTUM"

    @property
    def made(self) -> Statement:
        """The constructor's call."""
        # Defaults: what a step sets anew is there from the first, as in PyTorch's own.
        defaults = '{"momentum": MOMENTUM}' if self.cycles else "{}"
        own = [Name(defaults)] if self.update else []
        return Assign(("optimizer",), call(self.name, Name("groups"), *own, **self.arguments))


@dataclass(frozen=True, slots=True)
class Tensor:
    """An array of the data: its name there, what the script calls it, its type, the sizes of an
    item with -1 for any; of labels, how many classes there are.
    """

    name: str
    variable: str
    dtype: str
    shape: tuple[int, ...]
    classes: int | None = None

    @property
    def quoted(self) -> str:
        return quoted(self.name)


@dataclass(frozen=True, slots=True)
class CifarFiles:
    """The binary files of a set: how many labels a record has before its image, and where the
    files are.
    """

    title: str
    labels: int
    train: tuple[str, ...]
    test: tuple[str, ...]
    archive: str

    @property
    def record(self) -> int:
        return self.labels + 3 * 32 * 32


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """The way of images to the network, and what stands in the script of it.

    `made_train` and `made_test` say whether Pillow makes something of an image in training and in
    tests, `apart` that these differ; `exact` that each image is to be of the network's size, else
    it is to be `at_least` so large unless it is scaled. `first` says which of image and label
    comes first, `count` of how many classes labels are, 0 where nobody knows.
    """

    files: CifarFiles | None
    tensor: Tensor
    label: Tensor
    first: bool
    channels: int
    mode: str
    count: int
    normal: str
    mean_many: bool
    std_many: bool
    scale: bool
    resize: bool
    resizes: bool
    crop: bool
    random_crop: bool
    parts: bool
    pad: bool
    flip: bool
    colours: Sequence[str]
    policy: str
    pairs: Sequence[Sequence[str]]
    changes: Sequence[tuple[str, str]]
    moves: bool
    cutout: bool
    mixup: bool
    draws: bool
    made_train: bool
    made_test: bool
    apart: bool
    ten: bool
    scales: bool
    skips: bool
    exact: bool
    at_least: bool

    @property
    def looks(self) -> bool:
        """Whether each image is looked at before the first step."""
        return self.exact or self.at_least or self.skips


@dataclass(frozen=True, slots=True)
class DataPlan:
    """The data: the class's template and name, its tensors, how it is made for training and
    testing, and what it imports; its `base` where other processes read it; whether it `fails` late,
    where a file that it reads in its turn can't be read.
    """

    template: str
    name: str
    doc: str
    tensors: Sequence[Tensor]
    train: str
    test: str | None
    imports: Sequence[str] = ()
    constants: Sequence[Constant] = ()
    size: tuple[int, ...] = ()
    base: str = ""
    images: ImagePlan | None = None
    standard: Sequence[str] = ()
    fails: bool = False

    @property
    def classes(self) -> str:
        """How many classes the labels have, as a dict; nothing where none is known."""
        known = [each for each in self.tensors if each.classes is not None]
        shown = ", ".join(f"{each.quoted}: {each.classes}" for each in known)
        return f"{{{shown}}}" if shown else ""


@dataclass(frozen=True, slots=True)
class LossPlan:
    """The loss of a batch: the network's call and what is made of it; and of a test its call and
    its figures by name. `averaged` makes one result of those of several parts of an image.
    """

    given: Statement
    loss: Sequence[Statement]
    test_given: Statement
    names: tuple[str, ...]
    means: Statement
    averaged: Sequence[Statement] = ()


@dataclass(frozen=True, slots=True)
class ScriptPlan:
    """The script as a whole: its text from top to bottom, and what stands in it at all.

    Layers that take the statistics of a batch take those of all processes (`shares_statistics`) or
    of their own (`own_statistics`). `steps` counts them, of the data's length where the recipe has
    epochs; where `counts_epochs`, something is done at the end of some. `unpacked` are the names of
    a batch's tensors, `tables` the files of figures, `autocast` the type that layers compute in
    where it's another than the weights'; with float16 losses are scaled. `reads` says that batches
    have a function of their own.
    """

    doc: Sequence[str]
    parser: Statement
    class_name: str
    standard: Sequence[str]
    foreign: Sequence[str]
    constants: Sequence[Sequence[Constant]]
    rate: RatePlan
    optimizer: OptimizerPlan
    data: DataPlan
    loss: LossPlan
    unpacked: str
    steps: str
    groups: str
    passes: int
    workers: int
    reads: bool
    save_when: str
    test_when: str
    counts_epochs: bool
    tables: Sequence[str]
    weights: bool
    freezes: bool
    averages: bool
    sharded: bool
    shares_statistics: bool
    own_statistics: bool
    autocast: str
    scales: bool
    double: bool
    shuffled: bool
    clips: bool
    clips_values: bool
    display: bool
    board: bool
    average: bool
    tests: bool
    test_first: bool
    test_limit: bool
