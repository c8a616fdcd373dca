"""What Explore looks at: one kernel, or several beside each other."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Literal

from initterm.theory.initializers import InitializerSpec
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


DEFAULT = KernelChoice(InitializerSpec("he_normal"), Shape.parse("784x256"), 42)
"""What is shown first."""
