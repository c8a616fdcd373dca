"""A measurement of signals as one value: initializers, the chain of layers, what goes in, and seeds."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, get_args

from initterm.experiments.settings import DATA, SEED, SEEDS
from initterm.theory.initializers import LARGEST_GAIN, SMALLEST_GAIN, InitializerSpec, parse_gain, scaled
from initterm.theory.numbers import LARGEST_SEED, as_typed, grouped, plain, rounded
from initterm.theory.propagation import DEPTH, WIDTH, Chain
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Kind, Setting, arranged, check, of_those, one_of, settings_of, switch, values_of

Source = Literal["normal", "standardized", "pixels"]
SOURCES: tuple[Source, ...] = get_args(Source)

MOST_CONTENDERS = 16

MOST_TOLD = 48
"""Of how many layers the single numbers are told, as quantiles: as many as a tall screen has lines for."""


def tenth(value: float, up: int) -> float:
    """A tenth more, or what a tenth more makes the value of."""
    return rounded(value * 1.1**up, 3)


GAIN = Setting(
    "σ_w ×",
    Kind(parse_gain, as_typed, "GAIN", limits=f"{plain(SMALLEST_GAIN)} to {grouped(LARGEST_GAIN)}", step=tenth),
    "Multiplies σ_w, the weights' std · √fan_in.",
    name="gain",
    default=1.0,
    before="bias_std",
)
"""What the initializers are asked for with; in the experiment it is part of them."""


@dataclass(frozen=True)
class SignalTrial:
    """One network to send a signal through: a contender, counted from 0, and a seed."""

    contender: int
    seed: int


@dataclass(frozen=True)
class SignalExperiment:
    """Initializers compared on one chain with the same batches and seeds.

    ``source`` is what goes in: numbers from N(0, 1); images standardized to mean 0 and variance 1; or their pixels from
    0 to 1. ``data`` tells where images come from, as in ``datasets.load``. ``jacobian`` asks for singular values too.

    Raises:
        Refusal: settings that can't be measured with.
    """

    contenders: tuple[InitializerSpec, ...]
    chain: Chain
    source: Annotated[
        Source,
        Setting(
            "Input",
            one_of("the input", SOURCES),
            "What goes in: N(0, 1), or images; standardized where --data is given.",
            option="input",
        ),
    ] = "normal"
    data: Annotated[str, Setting("Data", DATA, "Where images come from: auto, mnist, digits, or a file.")] = "auto"
    seeds: Annotated[int, Setting("Seeds", SEEDS, "How many seeds are measured.", before="source")] = 1
    seed: Annotated[int, Setting("Seed", SEED, "The first seed.", before="source")] = 42
    jacobian: Annotated[
        bool,
        Setting("Jacobian", switch("no", "yes"), "Also the singular values of the input-output Jacobian."),
    ] = False

    def __post_init__(self) -> None:
        check(self)
        if not 1 <= len(self.contenders) <= MOST_CONTENDERS:
            raise Refusal(f"From one to {MOST_CONTENDERS} initializers can be compared, such as he_normal.")
        if self.seed + self.seeds - 1 > LARGEST_SEED:
            raise Refusal(f"Seeds are at most {LARGEST_SEED}.")
        if self.jacobian and self.chain.batch_norm:
            raise Refusal(
                "With batch normalization each output depends on the whole batch: there is no Jacobian of one input."
            )

    @classmethod
    def of(cls, initializers: tuple[InitializerSpec, ...], settings: Mapping[str, Any]) -> Self:
        """A measurement with these settings, by name; depth, width and gain stand for the chain's layers and weights.

        Raises:
            Refusal: it can't be measured.
        """
        chain = Chain((settings["width"],) * settings["depth"], **of_those(Chain, settings))
        contenders = tuple(scaled(initializer, settings["gain"]) for initializer in initializers)
        return cls(contenders, chain, **of_those(cls, settings))

    @classmethod
    def asked(
        cls, initializers: tuple[InitializerSpec, ...], settings: Mapping[str, Any], given: Collection[str]
    ) -> Self:
        """The same, of whose settings a person has given some: where data are given and no input, that is standardized.

        Raises:
            Refusal: it can't be measured.
        """
        standardizes = "data" in given and "source" not in given
        return cls.of(initializers, {**settings, "source": "standardized"} if standardizes else settings)

    @property
    def settings(self) -> dict[str, Any]:
        """What everything is set to, by name, of the chain and of the measurement; the weights have their gain."""
        of_chain = {"depth": self.chain.depth, "width": self.chain.hidden[0], "gain": GAIN.default}
        return of_chain | values_of(self.chain) | values_of(self)

    @property
    def trials(self) -> Iterator[SignalTrial]:
        """Every network: seed after seed, all contenders of a seed in turn."""
        pairs = itertools.product(range(self.seed, self.seed + self.seeds), range(len(self.contenders)))
        return (SignalTrial(contender, seed) for seed, contender in pairs)

    @property
    def told_layers(self) -> tuple[int, ...]:
        """The layers whose numbers are told as quantiles: the first, the last, and others evenly between them."""
        depth, count = self.chain.depth, min(self.chain.depth, MOST_TOLD)
        return tuple(1 + round(place * (depth - 1) / max(1, count - 1)) for place in range(count))


SIGNAL_SETTINGS = arranged(*settings_of(Chain), DEPTH, WIDTH, GAIN, *settings_of(SignalExperiment))
"""Every setting of a measurement, in the order of its form and of its command's options."""
