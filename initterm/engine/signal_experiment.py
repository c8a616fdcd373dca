"""A measurement of signals as one value: initializers, the chain of layers, what goes in, and seeds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import LARGEST_SEED
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal

Source = Literal["normal", "standardized", "pixels"]
SOURCES: tuple[Source, ...] = get_args(Source)

MOST_SEEDS = 1000
MOST_CONTENDERS = 16


@dataclass(frozen=True)
class Passage:
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
    source: Source = "normal"
    data: str = "auto"
    seed: int = 42
    seeds: int = 1
    jacobian: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.contenders) <= MOST_CONTENDERS:
            raise Refusal(f"From one to {MOST_CONTENDERS} initializers can be compared, such as he_normal.")
        if self.source not in SOURCES:
            raise Refusal(f"The input is one of {', '.join(SOURCES)}, not {self.source!r}.")
        if not 1 <= self.seeds <= MOST_SEEDS:
            raise Refusal(f"seeds: a whole number from 1 to {MOST_SEEDS:,}, such as 5, not {self.seeds}.")
        if not 0 <= self.seed <= LARGEST_SEED - self.seeds + 1:
            raise Refusal(f"Seeds are at most {LARGEST_SEED}.")
        if self.jacobian and self.chain.batch_norm:
            raise Refusal(
                "With batch normalization each output depends on the whole batch: there is no Jacobian of one input."
            )

    @property
    def passages(self) -> Iterator[Passage]:
        """Every network: seed after seed, all contenders of a seed in turn."""
        pairs = itertools.product(range(self.seed, self.seed + self.seeds), range(len(self.contenders)))
        return (Passage(contender, seed) for seed, contender in pairs)
