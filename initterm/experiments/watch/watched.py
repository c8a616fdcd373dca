"""What somebody asked who has their own training watched."""

from __future__ import annotations

from dataclasses import dataclass

from initterm.theory.numbers import plain
from initterm.theory.refusal import Refusal, refuse_unless_utf8

EVERY = 100
SHARE = 0.02


@dataclass(frozen=True)
class Watched:
    """A training by ``fit`` that is looked at while it goes.

    Attributes:
        model: what the model is called.
        every: so many steps lie between two looks, at least.
        share: of the training's time, what looking may take at most.

    Raises:
        Refusal: steps or share are out of bounds, or the name isn't UTF-8.
    """

    model: str
    every: int = EVERY
    share: float = SHARE

    def __post_init__(self) -> None:
        refuse_unless_utf8(self.model)
        if isinstance(self.every, bool) or not isinstance(self.every, int) or self.every < 1:
            raise Refusal(f"every is {self.every!r}; a whole number of steps from 1 on is needed, such as {EVERY}.")
        if isinstance(self.share, bool) or not isinstance(self.share, int | float) or not 0 < self.share <= 1:
            raise Refusal(f"share is {self.share!r}; a share of the time up to 1 is needed, such as {SHARE}.")

    @property
    def command(self) -> str:
        """What has such a training watched, in Python."""
        told = "".join(f"{name}={plain(value)}, " for name, value in self.settings.items())
        return f"model.fit(..., callbacks=[initterm.Watch({told[:-2]})])"

    @property
    def settings(self) -> dict[str, int | float]:
        """What isn't the default."""
        told = {"every": (self.every, EVERY), "share": (self.share, SHARE)}
        return {name: value for name, (value, usual) in told.items() if value != usual}
