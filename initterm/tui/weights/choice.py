"""What Explore looks at: one kernel, or several beside each other."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal, Self

from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import parse_seed
from initterm.theory.shapes import Shape

View = Literal["one", "grid", "overlay"]
VIEWS: tuple[View, ...] = ("one", "grid", "overlay")
MOST_COMPARED = 12

LARGE = 2**22
"""So many weights take a while to draw."""


@dataclass(frozen=True)
class KernelChoice:
    """The initializer under the cursor, those that are marked, and the shape and seed of all of them."""

    initializer: InitializerSpec
    shape: Shape
    seed: int
    marked: tuple[InitializerSpec, ...] = ()
    view: View = "one"

    @property
    def shown(self) -> tuple[InitializerSpec, ...]:
        """What stands on the screen: the one under the cursor, or all that are marked where they are compared."""
        return (self.marked or (self.initializer,)) if self.view != "one" else (self.initializer,)

    @property
    def next_view(self) -> View:
        """The one alone, all beside each other, all over each other, in turn."""
        return VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)]

    @property
    def large(self) -> bool:
        """Whether a kernel takes a while to draw."""
        return self.shape.count >= LARGE

    @property
    def command(self) -> str:
        """The command that shows the same."""
        options = ("--shape", str(self.shape), "--seed", str(self.seed))
        return shlex.join(["initterm", "weights", *map(str, self.shown), *options])


@dataclass(frozen=True)
class KeptChoice:
    """What is kept of a choice from start to start, the shape as its text.

    Raises:
        Refusal: a shape or seed that makes no sense.
    """

    initializer: InitializerSpec
    shape: str
    seed: int
    view: View = "one"

    def __post_init__(self) -> None:
        Shape.parse(self.shape)
        parse_seed(str(self.seed))

    @classmethod
    def of(cls, choice: KernelChoice) -> Self:
        """Of a choice; what is marked is kept elsewhere."""
        return cls(choice.initializer, str(choice.shape), choice.seed, choice.view)

    @property
    def choice(self) -> KernelChoice:
        """The choice, with nothing marked."""
        return KernelChoice(self.initializer, Shape.parse(self.shape), self.seed, view=self.view)


DEFAULT = KernelChoice(InitializerSpec("he_normal"), Shape.parse("784x256"), 42)
"""What is shown first."""
