"""The network that Train builds and trains, and what a step of its training is compiled for."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Annotated, Literal, Self, get_args

from initterm.experiments.settings import LAYERS, TRAINABLE_ACTIVATION, hidden_text, refuse_unless
from initterm.theory.propagation import Chain
from initterm.theory.settings import Setting, after, check, number, one_of, switch, values_of

Parametrization = Literal["standard", "mup"]
PARAMETRIZATIONS: tuple[Parametrization, ...] = get_args(Parametrization)


@dataclass(frozen=True)
class NetworkSpec(Chain):
    """A chain of hidden Dense layers between Flatten and Dense softmax with Keras's default initializer.

    ``residual`` adds the input of each hidden layer that is as wide as the one before it. ``dropout`` is a rate, 0 for
    none; SELU gets AlphaDropout. ``bias_std`` is σ_b, the std of the hidden layers' normal biases at the start.
    ``initialize_output`` gives the output layer the contender's initializer too. ``parametrization`` mup lets the
    output's weights and the learning rates of all but the first layer fall with the width (see ``network``).

    Raises:
        Refusal: a network that can't be built.
    """

    hidden: Annotated[
        tuple[int, ...], Setting("Layers", LAYERS, "Widths; 64*30 is thirty of 64.", hidden_text, told=True, often=True)
    ] = (256, 128, 64)
    activation: Annotated[
        str,
        Setting(
            "Activ.",
            TRAINABLE_ACTIVATION,
            "Activation: any of Keras's, or a formula in x.",
            told=True,
            joined=True,
            often=True,
        ),
    ] = "relu"
    dropout: Annotated[
        float,
        Setting(
            "Dropout",
            number("dropout", 0, 1, 0.2, below_high=True),
            "Share of units left out in training; AlphaDropout with SELU.",
            after("dropout"),
            before="bias_std",
        ),
    ] = 0.0
    initialize_output: Annotated[
        bool,
        Setting(
            "Output",
            switch("Keras's", "as hidden"),
            "The same initializer for the output layer too, instead of glorot_uniform.",
            lambda _: "output as the others",
        ),
    ] = False
    parametrization: Annotated[
        Parametrization,
        Setting(
            "Param.",
            one_of("the parametrization", PARAMETRIZATIONS, ("standard", "μP")),
            "mup: the output's weights and the learning rates fall with the width.",
            lambda name: "μP" if name == "mup" else name,
        ),
    ] = "standard"

    def __post_init__(self) -> None:
        check(self)
        equal_neighbours = any(wide == next_wide for wide, next_wide in itertools.pairwise(self.hidden))
        refuse_unless(
            not self.residual or equal_neighbours,
            "residual connections need two neighbouring hidden layers of equal width, such as 64,64,64",
        )

    @classmethod
    def of(cls, chain: Chain) -> Self:
        """A network that trains this chain, everything else as by default.

        Raises:
            Refusal: it can't be trained.
        """
        return cls(chain.hidden, **values_of(chain))


@dataclass(frozen=True)
class StepSpec:
    """What a step of training is compiled for: all trials that have the same share it, each with its learning rate."""

    network: NetworkSpec
    optimizer: str
