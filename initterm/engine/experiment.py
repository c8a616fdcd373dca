"""A training comparison as one value: contenders, network, optimizer, data and seeds."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, get_args

from initterm.engine.contender import Contender
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import LARGEST_SEED
from initterm.theory.refusal import Refusal, shown
from initterm.theory.typed import check_activation

Parametrization = Literal["standard", "mup"]
PARAMETRIZATIONS: tuple[Parametrization, ...] = get_args(Parametrization)

TrainingSource = Literal["pixels", "standardized"]
TRAINING_SOURCES: tuple[TrainingSource, ...] = get_args(TrainingSource)

OPTIMIZERS = ("adam", "adamw", "nadam", "adamax", "rmsprop", "adagrad", "sgd")
MOST_EPOCHS = 10_000
MOST_SAMPLES = 10_000_000
MOST_SEEDS = 1000
MOST_LAYERS = 200
MOST_UNITS = 65_536
LAYERS_EXAMPLE = "write, for example, 256,128,64 or 64*30"


def _refuse_unless(condition: object, sentence: str) -> None:
    if not condition:
        raise Refusal(sentence[:1].upper() + sentence[1:] + ".")


def _check_width(width: int) -> None:
    _refuse_unless(1 <= width <= MOST_UNITS, f"a layer has 1 to {MOST_UNITS:,} units, not {width}; {LAYERS_EXAMPLE}")


@dataclass(frozen=True)
class NetworkSpec:
    """Flatten, hidden Dense layers, Dense 10 softmax with Keras's default initializer.

    ``residual`` adds the input of each hidden layer that is as wide as the one before it. ``dropout`` is a rate, 0 for
    none; SELU gets AlphaDropout. ``bias_std`` is σ_b, the std of the hidden layers' normal biases at the start.
    ``initialize_output`` gives the output layer the contender's initializer too. ``parametrization`` mup lets the
    output's weights and the learning rates of all but the first layer fall with the width (see ``network``).
    """

    hidden: tuple[int, ...] = (256, 128, 64)
    activation: str = "relu"
    batch_norm: bool = False
    residual: bool = False
    dropout: float = 0.0
    bias_std: float = 0.0
    initialize_output: bool = False
    parametrization: Parametrization = "standard"

    def __post_init__(self) -> None:
        _refuse_unless(1 <= len(self.hidden) <= MOST_LAYERS, f"1 to {MOST_LAYERS} hidden layers; {LAYERS_EXAMPLE}")
        for width in self.hidden:
            _check_width(width)
        check_activation(self.activation)
        _refuse_unless(0.0 <= self.dropout < 1.0, f"dropout is at least 0 and less than 1, not {self.dropout:g}")
        _refuse_unless(0.0 <= self.bias_std <= 1e6, f"σ_b is from 0 to 1,000,000, such as 0.05, not {self.bias_std:g}")
        known = f"the parametrization is one of {', '.join(PARAMETRIZATIONS)}"
        _refuse_unless(self.parametrization in PARAMETRIZATIONS, known)
        equal_neighbours = any(wide == next_wide for wide, next_wide in itertools.pairwise(self.hidden))
        _refuse_unless(
            not self.residual or equal_neighbours,
            "residual connections need two neighbouring hidden layers of equal width, such as 64,64,64",
        )


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

    ``target`` is the validation accuracy whose epoch of arrival is told. ``source`` is what goes in: pixels from 0 to
    1, or images standardized by mean and std of all training images (for MNIST 0.1307 and 0.3081).

    Raises:
        Refusal: settings that can't be trained with, alone or together.
    """

    contenders: tuple[Contender, ...] = (
        Contender(InitializerSpec("he_normal")),
        Contender(InitializerSpec("glorot_uniform")),
    )
    network: NetworkSpec = NetworkSpec()
    optimizer: str = "adam"
    learning_rate: float = 0.001
    epochs: int = 10
    batch_size: int = 32
    samples: int = 5000
    validation_split: float = 0.2
    seed: int = 42
    seeds: int = 1
    data: str = "auto"
    target: float = 0.9
    source: TrainingSource = "pixels"

    def __post_init__(self) -> None:
        _refuse_unless(self.contenders, "at least one initializer takes part")
        different = {(contender.initializer, self.network_of(contender)) for contender in self.contenders}
        _refuse_unless(len(different) == len(self.contenders), "each initializer takes part once with an activation")
        _refuse_unless(self.optimizer in OPTIMIZERS, f"the optimizer is one of {', '.join(OPTIMIZERS)}")
        _refuse_unless(self.source in TRAINING_SOURCES, f"the input is one of {', '.join(TRAINING_SOURCES)}")
        _refuse_unless(0 < self.learning_rate <= 1000, "the learning rate is greater than 0 and at most 1000")
        _refuse_unless(0.001 <= self.validation_split <= 0.999, "the validation split is 0.001 to 0.999, such as 0.2")
        _refuse_unless(0 < self.target <= 1, "the target accuracy is greater than 0 and at most 1, such as 0.9")
        seeds_fit = 0 <= self.seed <= LARGEST_SEED - self.seeds + 1
        _refuse_unless(seeds_fit, f"seeds are at least 0 and at most {LARGEST_SEED}")
        for value, name, most in (
            (self.epochs, "epochs", MOST_EPOCHS),
            (self.batch_size, "batch size", MOST_SAMPLES),
            (self.samples, "samples", MOST_SAMPLES),
            (self.seeds, "seeds", MOST_SEEDS),
        ):
            _refuse_unless(1 <= value <= most, f"{name}: a whole number from 1 to {most:,}, not {value}")
        split_refusal = too_few(self.samples, self.validation_split, self.batch_size)
        _refuse_unless(not split_refusal, split_refusal)

    @property
    def trials(self) -> Iterator[Trial]:
        """Every trial: seed after seed, all contenders of a seed in turn."""
        pairs = itertools.product(range(self.seed, self.seed + self.seeds), self.contenders)
        return (Trial(index, contender, seed) for index, (seed, contender) in enumerate(pairs))

    def network_of(self, contender: Contender) -> NetworkSpec:
        """The network a contender is trained with: this one, with its own activation where it has one."""
        return replace(self.network, activation=contender.activation or self.network.activation)


def too_few(samples: int, validation_split: float, batch_size: int) -> str:
    """What is wrong with so few samples, in words; empty when they are enough."""
    training = training_count(samples, validation_split)
    if samples - training < 1 or training < batch_size:
        return (
            f"{samples:,} samples leave {training:,} to train on, less than one batch of {batch_size:,}; "
            f"at least {fewest_samples(validation_split, batch_size):,} are needed"
        )
    return ""


def training_count(samples: int, validation_split: float) -> int:
    """How many of the samples are trained on; the last ones validate, as in ``keras.Model.fit``."""
    return int(samples * (1 - validation_split))


def fewest_samples(validation_split: float, batch_size: int) -> int:
    """The least number of samples that leaves a whole batch to train on and one to validate with."""
    least = max(2, int(batch_size / (1 - validation_split)))
    return next(n for n in itertools.count(least) if batch_size <= training_count(n, validation_split) < n)


def parse_data(text: str) -> str:
    """Read where images come from: ``auto``, ``mnist``, ``digits``, or the path of a file.

    Raises:
        Refusal: nothing is written.
    """
    if not text.strip():
        raise Refusal("Data are missing; write auto, mnist, digits, or the path of a file.")
    return text.strip()


def parse_hidden(text: str) -> tuple[int, ...]:
    """Read the widths of hidden layers: ``256,128,64``, or ``64*30`` for thirty of 64.

    Raises:
        Refusal: the text holds something else.
    """
    widths: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,9})\s*(?:\*\s*([0-9]{1,9})\s*)?", part)
        if not match:
            raise Refusal(f"{shown(part.strip(), 20) or 'nothing'} is no layer; {LAYERS_EXAMPLE}.")
        width, times = int(match[1]), int(match[2] or 1)
        _check_width(width)
        _refuse_unless(
            1 <= len(widths) + times <= MOST_LAYERS, f"at most {MOST_LAYERS} hidden layers; {LAYERS_EXAMPLE}"
        )
        widths += [width] * times
    return tuple(widths)


def hidden_text(hidden: tuple[int, ...]) -> str:
    """The text form of hidden layers, which ``parse_hidden`` reads; three or more equal ones as ``64*30``."""
    runs = [(width, len(list(group))) for width, group in itertools.groupby(hidden)]
    return ",".join(f"{width}*{times}" if times > 2 else ",".join([str(width)] * times) for width, times in runs)
