"""A training comparison as one value: contenders, network, optimizer, data and seeds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Any, Literal, Self, get_args

from initterm.experiments.settings import (
    DATA,
    LOOKED,
    MARGIN,
    SEED,
    SEEDS,
    refuse_unless,
)
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.course import Course
from initterm.experiments.training.model import ModelSpec
from initterm.experiments.training.network import NetworkSpec, StepSpec
from initterm.experiments.training.samples import too_few
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import LARGEST_SEED, plain
from initterm.theory.settings import (
    Setting,
    after,
    arranged,
    check,
    doubled,
    number,
    of_those,
    one_of,
    rounder,
    settings_of,
    switch,
    values_of,
    whole,
)
from initterm.theory.wording import counted

TrainingSource = Literal["pixels", "standardized"]
TRAINING_SOURCES: tuple[TrainingSource, ...] = get_args(TrainingSource)

OPTIMIZERS = ("adam", "adamw", "nadam", "adamax", "rmsprop", "adagrad", "sgd")
MOST_EPOCHS = 10_000
MOST_SAMPLES = 10_000_000
MOST_STEPS = 100_000_000
MOST_MINUTES = 100_000
MOST_TARGET = 1e9


def _at_most_minutes(minutes: float) -> str:
    return f"at most {plain(minutes)} min"


@dataclass(frozen=True)
class Trial:
    """One training: a contender and a seed. ``index`` counts the experiment's trials from 0."""

    index: int
    contender: Contender
    seed: int

    def __str__(self) -> str:
        return f"{self.contender}, seed {self.seed}"


@dataclass(frozen=True)
class Experiment:
    """Contenders compared on one network with the same seeds. The defaults are the notebook's comparison.

    ``own`` is a person's own model that is trained instead of ``network``. ``target`` is the validation accuracy whose
    epoch of arrival is told. ``source`` is what goes in: pixels from 0 to 1, or images standardized by mean and std of
    all training images (for MNIST 0.1307 and 0.3081). ``margin`` is in percentage points. ``looked`` are numbers of
    seeds at which the same was judged before: each look may claim less, so that all of them together claim wrongly in
    5% of experiments.

    Raises:
        Refusal: settings that can't be trained with, alone or together.
    """

    contenders: tuple[Contender, ...] = (
        Contender(InitializerSpec("he_normal")),
        Contender(InitializerSpec("glorot_uniform")),
    )
    network: NetworkSpec = field(default_factory=NetworkSpec)
    own: ModelSpec = field(default_factory=ModelSpec)
    optimizer: Annotated[
        str, Setting("Optim.", one_of("the optimizer", OPTIMIZERS), "How weights are updated.", told=True)
    ] = "adam"
    learning_rate: Annotated[
        float,
        Setting(
            "Rate",
            number("the learning rate", 0, 1000, 0.001, above_low=True, step=rounder),
            "The optimizer's learning rate.",
            plain,
            told=True,
            joined=True,
            often=True,
        ),
    ] = 0.001
    epochs: Annotated[
        int,
        Setting(
            "Epochs",
            whole("epochs", 1, MOST_EPOCHS, 10),
            "How often all images are trained on.",
            partial(counted, "epoch"),
            told=True,
            often=True,
        ),
    ] = 10
    seeds: Annotated[
        int,
        Setting(
            "Seeds",
            SEEDS,
            "How many seeds each one is trained with.",
            lambda seeds: f"{seeds} seeds from" if seeds > 1 else "seed",
            told=True,
            often=True,
        ),
    ] = 1
    seed: Annotated[int, Setting("from", SEED, "The first seed.", told=True, joined=True)] = 42
    samples: Annotated[
        int,
        Setting(
            "Samples",
            whole("samples", 1, MOST_SAMPLES, 5000, rounder),
            "How many images, those that validate among them.",
            partial(counted, "sample"),
        ),
    ] = 5000
    steps: Annotated[
        int,
        Setting(
            "Steps",
            whole("steps", 0, MOST_STEPS, 1000, rounder),
            "The most steps of a trial; 0 for all of its epochs.",
            "at most {} steps".format,
        ),
    ] = 0
    minutes: Annotated[
        float,
        Setting(
            "Minutes",
            number("minutes", 0, MOST_MINUTES, 10, step=rounder),
            "The most minutes that all trials train together; 0 for as long as they take.",
            _at_most_minutes,
        ),
    ] = 0.0
    stop_losing: Annotated[
        bool,
        Setting(
            "Stop",
            switch("none", "losing"),
            "Contenders that can't win any more end after half of the epochs or later.",
            lambda stops: "losing ones stop" if stops else "all go to the end",
        ),
    ] = False
    batch_size: Annotated[
        int,
        Setting(
            "Batch",
            whole("batch size", 1, MOST_SAMPLES, 32, doubled),
            "Images in a step of training.",
            "batch {}".format,
            told=True,
        ),
    ] = 32
    validation_split: Annotated[
        float,
        Setting(
            "Split",
            number("the validation split", 0.001, 0.999, 0.2),
            "Which share of the images validates, the last ones.",
            after("split"),
        ),
    ] = 0.2
    data: Annotated[
        str, Setting("Data", DATA, "Where images come from: auto, mnist, digits, or a file.", "data {}".format)
    ] = "auto"
    target: Annotated[
        float,
        Setting(
            "Target",
            number("the target", 0, MOST_TARGET, 0.9, above_low=True),
            "Tell when validation reaches this accuracy, or your model's metric.",
            after("target"),
        ),
    ] = 0.9
    source: Annotated[
        TrainingSource,
        Setting(
            "Input",
            one_of("the input", TRAINING_SOURCES),
            "What goes in: pixels from 0 to 1, or standardized images.",
            "{} input".format,
            option="input",
        ),
    ] = "pixels"
    margin: Annotated[float, MARGIN] = 0.5
    looked: Annotated[tuple[int, ...], LOOKED] = ()

    def __post_init__(self) -> None:
        check(self)
        refuse_unless(self.contenders, "at least one initializer takes part")
        different = {(contender.name, self.network_of(contender)) for contender in self.contenders}
        refuse_unless(len(different) == len(self.contenders), "each initializer takes part once with an activation")
        refuse_unless(self.seed + self.seeds - 1 <= LARGEST_SEED, f"seeds are at least 0 and at most {LARGEST_SEED}")
        self._refuse_other_network()
        reachable = self.own.model or self.target <= 1
        refuse_unless(reachable, f"the target accuracy is at most 1, such as 0.9, not {plain(self.target)}")
        split_refusal = too_few(self.samples, self.validation_split, self.batch_size)
        refuse_unless(not split_refusal, split_refusal)

    def _refuse_other_network(self) -> None:
        """Refuse what only a person's own model can have, or can't have."""
        for contender in self.contenders:
            named = contender.treatment and not self.own.model
            refuse_unless(not named, f"only a model of your own can start as {contender}; name it with --model")
            needless = contender.activation and self.own.model
            told = f"{contender.name}, not {contender}"
            refuse_unless(not needless, f"a model of your own has its activations; write {told}")

    @classmethod
    def of(cls, contenders: tuple[Contender, ...], settings: Mapping[str, Any]) -> Self:
        """An experiment with these settings, by name; those of its network stand among them.

        Raises:
            Refusal: it can't be run.
        """
        network = NetworkSpec(**of_those(NetworkSpec, settings))
        own = ModelSpec(**of_those(ModelSpec, settings))
        return cls(contenders, network, own, **of_those(cls, settings))

    def goes_on_from(self, other: Experiment) -> bool:
        """Whether all that the other trains is part of this one: the same, with as many seeds and epochs or more.

        Nothing that is trained depends on the target, nor on how it is judged.
        """
        judged = {name: getattr(other, name) for name in ("target", "margin", "looked")}
        same = replace(self, seeds=other.seeds, epochs=other.epochs, **judged)
        return same == other and self.seeds >= other.seeds and self.epochs >= other.epochs

    @property
    def settings(self) -> dict[str, Any]:
        """What everything is set to, by name, of the network, of a person's own model and of the run."""
        return values_of(self.network) | values_of(self.own) | values_of(self)

    @property
    def trials(self) -> Iterator[Trial]:
        """Every trial: seed after seed, all contenders of a seed in turn."""
        pairs = itertools.product(range(self.seed, self.seed + self.seeds), self.contenders)
        return (Trial(index, contender, seed) for index, (seed, contender) in enumerate(pairs))

    def course(self, training: int) -> Course:
        """How far each trial goes that has so many examples to train with."""
        return Course(self.epochs, -(-training // self.batch_size), self.steps)

    def network_of(self, contender: Contender) -> NetworkSpec:
        """The network a contender is trained with: this one, with its own activation where it has one."""
        return replace(self.network, activation=contender.activation or self.network.activation)

    def step_of(self, contender: Contender) -> StepSpec:
        """The step that a contender is trained by."""
        return StepSpec(self.network_of(contender), self.optimizer)


TRAIN_SETTINGS = arranged(*settings_of(NetworkSpec), *settings_of(ModelSpec), *settings_of(Experiment))
"""Every setting of a training comparison, in the order of its form and of its command's options."""
