"""The events of a training run, in the order they come."""

from __future__ import annotations

from typing import Literal

from initterm.experiments.comparison import Comparison, Stopped
from initterm.experiments.message import UNKNOWN, DataReceived, Machine, Message, Number
from initterm.experiments.metric import ACCURACY, Metric
from initterm.theory.wording import counted

Status = Literal["waiting", "training", "finished", "stopped", "diverged", "cancelled"]


class RunStarted(Message, frozen=True):
    """A run has begun on this device with these versions of its libraries.

    ``t_quantiles`` are Student's 97.5% quantiles for 2, 3, ... values, up to the number of seeds.
    """

    device: str
    versions: dict[str, str]
    t_quantiles: tuple[float, ...] = ()
    machine: Machine = UNKNOWN


class PreparationBegun(Message, frozen=True):
    """Something that may take long is done to a person's own model or data before it trains: what, in a few words."""

    words: str


class DataLoaded(Message, frozen=True):
    """The images a run works with; ``note`` says what a person should know about them, else empty.

    ``train_classes`` and ``test_classes`` are how many of them belong to each class. ``fingerprint`` is that of the
    whole dataset, used or not; empty where it isn't known.
    """

    name: str
    train: int
    validation: int
    test: int
    note: str
    train_classes: tuple[int, ...] = ()
    test_classes: tuple[int, ...] = ()
    fingerprint: str = ""

    @property
    def classes(self) -> int:
        """How many classes the images belong to; 0 where that isn't told."""
        return len(self.train_classes)


class ModelTensor(Message, frozen=True):
    """A tensor of a person's own model that takes part: where it is, its fans, and what it is drawn by as declared.

    ``fans`` are fan_in and fan_out as contenders draw it.
    """

    path: str
    shape: tuple[int, ...]
    fans: tuple[float, float]
    declared: str


SettledBy = Literal["model", "settings", "inferred"]


class ModelPrepared(Message, frozen=True):
    """A person's own model is ready: which of its tensors take part, how it is trained, and what judges its trials.

    ``parameters`` are its weights that are trained, ``others`` the tensors that are the same for all contenders of a
    seed. Of ``optimizer``, ``loss`` and ``metric`` it is told where they come from; ``notes`` say what a person should
    know.
    """

    name: str
    parameters: int
    tensors: tuple[ModelTensor, ...]
    others: int
    optimizer: str
    optimizer_from: SettledBy
    loss: str
    loss_from: SettledBy
    metric: Metric = ACCURACY
    notes: tuple[str, ...] = ()
    metric_from: SettledBy = "inferred"


class CompileStarted(Message, frozen=True):
    """A network with this activation is being compiled; the next event comes when it is."""

    activation: str


class FellBack(Message, frozen=True):
    """Something is done in a slower way than it could be; ``sentence`` says what and why."""

    sentence: str


class PoolStarted(Message, frozen=True):
    """Trials are done beside each other by so many workers, each with so many threads; ``place`` says where."""

    place: str
    workers: int
    threads: int

    @property
    def words(self) -> str:
        """``2 workers, 1 thread a trial``."""
        return f"{counted('worker', self.workers)}, {counted('thread', self.threads)} a trial"


class TrialStarted(Message, frozen=True):
    """A trial has its starting weights; ``steps`` is the batches of an epoch."""

    trial: int
    steps: int


class TrialResumed(Message, frozen=True):
    """A trial of an earlier run goes on from its state after this epoch, 0 for its start.

    What was told of it before stands and isn't told again, except that it is under way now, and has met no test.
    """

    trial: int
    epoch: int


class StepsFinished(Message, frozen=True):
    """So many batches of an epoch are done; loss and accuracy are their means.

    Of a person's own model what judges it stands in the place of the accuracy, here and in all that follows.
    """

    trial: int
    epoch: int
    steps: int
    loss: Number
    accuracy: Number


class Diagnosed(Message, frozen=True):
    """What one step on a probe batch did to a trial after this epoch, 0 for its start; the step is taken back.

    A number is None where it isn't finite or has no meaning.

    Attributes:
        trial: whose step it was, counted from 0.
        epoch: after which one.
        loss: of the batch, before the step.
        gradient_first: Euclidean norm of the loss's gradient by the first layer's kernel.
        gradient_last: the same by the output layer's kernel.
        dead: share of hidden units whose activation has slope 0 on every image of the batch.
        saturated: share of hidden outputs on the flat ends of a bounded activation.
        update_ratio: ‖change‖/‖weights‖ over all kernels, of this step.
        unit_spread: largest difference between units of a hidden layer, by the layer's largest weight; 0 where all
            units of each layer are alike.
        answer_spread: standard deviation over the images of a class's probability, of the class where it is largest;
            0 where every image gets the same probabilities.
        answers: how many classes are the most probable one of some image of the batch.
        logit_change: root mean square, over images and classes, of what the step changes of the logits, less their mean
            over the classes.
        feature_change: root mean square, over images and units, of what it changes of the numbers that come to the last
            hidden activation.
    """

    trial: int
    epoch: int
    loss: Number
    gradient_first: Number
    gradient_last: Number
    dead: Number = None
    saturated: Number = None
    update_ratio: Number = None
    unit_spread: Number = None
    answer_spread: Number = None
    answers: int | None = None
    logit_change: Number = None
    feature_change: Number = None


class EpochFinished(Message, frozen=True):
    """An epoch's mean loss and accuracy over the training batches, and over the validation images after it.

    ``epoch`` counts from 1; ``seconds`` is what training and validation took together.
    """

    trial: int
    epoch: int
    loss: Number
    accuracy: Number
    val_loss: Number
    val_accuracy: Number
    seconds: float


class TrialFinished(Message, frozen=True):
    """A trial's end; only one that finished, or was stopped as its contender couldn't win, has a test result.

    A diverged one met a loss that is NaN or infinite, at ``step``, counted from its first batch. ``hits`` has a bit for
    each test image, 1 where its class was told right, eight in a byte, the first one highest.
    """

    trial: int
    status: Literal["finished", "stopped", "diverged", "cancelled"]
    test_loss: Number = None
    test_accuracy: Number = None
    step: int | None = None
    hits: bytes = b""


class BudgetSpent(Message, frozen=True):
    """All trials end after this epoch: another one of all of them would take more than the minutes they may take."""

    epoch: int


class ContenderStopped(Message, frozen=True):
    """A contender can't win any more, so that its trials go no further; their ends are told next."""

    stopped: Stopped


class Compared(Message, frozen=True):
    """What accuracies allow to conclude: those of validation after ``epoch``, those of the test where it is None.

    ``settled`` says that every trial is over, so that nothing will be added to it.
    """

    comparison: Comparison
    epoch: int | None = None
    settled: bool = False

    @property
    def measure(self) -> str:
        """Which accuracies, or what else judges, in a few words."""
        metric = self.comparison.metric
        if self.epoch is None:
            return f"test {metric.name if metric.is_accuracy else metric.short}"
        return f"val {metric.short}, epoch {self.epoch}"


TrainingEvent = (
    RunStarted
    | DataReceived
    | PreparationBegun
    | DataLoaded
    | ModelPrepared
    | CompileStarted
    | FellBack
    | PoolStarted
    | TrialStarted
    | TrialResumed
    | StepsFinished
    | Diagnosed
    | EpochFinished
    | TrialFinished
    | BudgetSpent
    | ContenderStopped
    | Compared
)
