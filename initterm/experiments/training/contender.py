"""Who competes in an experiment: an initializer, with an activation of its own or not, or a treatment of a model."""

from __future__ import annotations

from dataclasses import dataclass

from initterm.theory import typed
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.theory.typed import check_activation

TREATMENTS = {
    "declared": "every tensor as the model's own initializers draw it",
    "mended": "the tensors that an audit finds fault with drawn as it proposes, all others as declared",
    "zero_residual": "the last layer of each residual branch begins at zero, all others as declared",
    "delta_orthogonal": "convolutions orthogonal in their middle and zero around it, other kernels orthogonal",
    "output_bias=log_prior": "the output's bias begins at the logarithm of each class's share, all others as declared",
}
"""What is done to a person's own model that isn't one initializer for all tensors which take part, in words."""


@dataclass(frozen=True)
class Contender:
    """An initializer of the hidden layers; with an ``activation``, also their activation instead of the network's.

    Of a person's own model the initializer is that of the tensors that take part, or in its place there is a
    ``treatment``, one of ``TREATMENTS``. Its text form is ``he_normal``, ``he_normal@tanh``,
    ``he_normal@elu(alpha=0.5)`` or ``declared``.

    Raises:
        Refusal: the activation isn't in its one form, or there isn't one of initializer and treatment.
    """

    initializer: InitializerSpec | None
    activation: str | None = None
    treatment: str = ""

    def __post_init__(self) -> None:
        if self.activation is not None:
            check_activation(self.activation)
        if (self.initializer is None) is not (self.treatment in TREATMENTS):
            raise Refusal(f"A contender is an initializer, or one of {', '.join(TREATMENTS)}.")

    @classmethod
    def parse(cls, text: str) -> Contender:
        """Read the text form.

        Raises:
            Refusal: it names no initializer, or no activation.
        """
        if text.strip() in TREATMENTS:
            return cls(None, treatment=text.strip())
        initializer, at, activation = text.partition("@")
        return cls(InitializerSpec.parse(initializer), typed.activation(activation).name if at else None)

    def __str__(self) -> str:
        return f"{self.name}@{self.activation}" if self.activation else self.name

    @property
    def name(self) -> str:
        """The initializer or the treatment as text."""
        return self.treatment or str(self.initializer)

    @property
    def spec(self) -> InitializerSpec:
        """The initializer.

        Raises:
            Refusal: it is a treatment, which only a model of one's own can have.
        """
        if self.initializer is None:
            raise Refusal(f"{self} is no initializer, but a start of a model of your own.")
        return self.initializer

    @property
    def bare(self) -> InitializerSpec | None:
        """The initializer where there is nothing beside it; None with an activation, and of a treatment."""
        return None if self.activation else self.initializer

    @property
    def look(self) -> InitializerSpec | Contender:
        """What its colour and mark stand for: the bare initializer, else the whole."""
        return self.bare or self


OF_A_MODEL = (Contender(None, treatment="declared"), Contender(InitializerSpec("he_normal")))
"""Who takes part with a model where nobody is named. Not ``mended``: where an audit finds nothing it is ``declared``
again, and each contender more makes all answers less sure."""
