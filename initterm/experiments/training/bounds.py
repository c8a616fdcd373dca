"""The most that a training may take in a process of its own: of a person's own model, or by workers."""

from __future__ import annotations

from dataclasses import dataclass, field

from initterm.experiments.limits import share_of_free_memory
from initterm.theory.numbers import plain, size

SECONDS = 300.0


@dataclass(frozen=True)
class TrainingBounds:
    """Memory of all of it, and the time in which the model and its examples are there; training takes what it takes.

    Attributes:
        memory: bytes that its process and those it starts have in memory together, TensorFlow's among them.
        seconds: until the model is built and its examples are read; TensorFlow's loading doesn't count.
    """

    memory: int = field(default_factory=share_of_free_memory)
    seconds: float = SECONDS

    def too_much_memory(self, target: str) -> str:
        """What is said when it takes more memory."""
        return (
            f"Training {target} takes more than {size(self.memory)} of memory, the most it may; a smaller batch, fewer "
            f"samples, seeds or contenders take less."
        )

    def too_much_time(self, target: str) -> str:
        """What is said when model and examples aren't there by then."""
        return (
            f"{target} and its examples aren't there after {plain(self.seconds)} s, the most they may take; in a shell "
            f"initterm train waits for them."
        )


@dataclass(frozen=True)
class PoolBounds:
    """The same of a training by workers, and of the process that drives them.

    Attributes:
        memory: bytes that driver and workers of this machine have in memory together.
        seconds: until the driver has begun to start workers.
    """

    memory: int = field(default_factory=share_of_free_memory)
    seconds: float = SECONDS

    def too_much_memory(self, target: str) -> str:
        """What is said when they take more memory."""
        return f"{target} takes more than {size(self.memory)} of memory, the most it may; fewer workers take less."

    def too_much_time(self, target: str) -> str:
        """What is said when nothing has begun by then."""
        return f"{target} hasn't begun after {plain(self.seconds)} s; in a shell initterm train tells more."
