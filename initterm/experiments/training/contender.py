"""Who competes in an experiment: an initializer, and an activation where it has one of its own."""

from __future__ import annotations

from dataclasses import dataclass

from initterm.theory import typed
from initterm.theory.initializers import InitializerSpec
from initterm.theory.typed import check_activation


@dataclass(frozen=True)
class Contender:
    """An initializer of the hidden layers; with an ``activation``, also their activation instead of the network's.

    Its text form is ``he_normal``, ``he_normal@tanh``, or ``he_normal@elu(alpha=0.5)``.

    Raises:
        Refusal: the activation isn't in its one form.
    """

    initializer: InitializerSpec
    activation: str | None = None

    def __post_init__(self) -> None:
        if self.activation is not None:
            check_activation(self.activation)

    @classmethod
    def parse(cls, text: str) -> Contender:
        """Read the text form.

        Raises:
            Refusal: it names no initializer, or no activation.
        """
        initializer, at, activation = text.partition("@")
        return cls(InitializerSpec.parse(initializer), typed.activation(activation).name if at else None)

    def __str__(self) -> str:
        return f"{self.initializer}@{self.activation}" if self.activation else str(self.initializer)

    @property
    def look(self) -> InitializerSpec | Contender:
        """What its colour and mark stand for: the initializer, or both where it has an activation of its own."""
        return self if self.activation else self.initializer
