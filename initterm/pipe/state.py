"""What the engine process is up to, as the screen says it, and what goes wrong on the way to it, or in it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, NamedTuple

from initterm.theory.refusal import Refusal


class EngineState(NamedTuple):
    """``text`` is for the title line, ``log`` is the file that takes the engine's native output.

    ``where`` names its machine, or its Python where that isn't the app's own.
    """

    kind: Literal["loading", "ready", "restarting", "silent", "failed"]
    text: str
    log: Path | None = None
    where: str = ""

    @property
    def ready(self) -> bool:
        """Whether TensorFlow is loaded."""
        return self.kind == "ready"

    @property
    def trouble(self) -> str:
        """What a person can do about an engine that fails or is silent, as a sentence; empty where it does neither."""
        if self.kind == "silent":
            return f"The engine gives {self.text}; ctrl+r starts a fresh one."
        return f"{self.text.removesuffix('.')}; ctrl+r tries again." if self.kind == "failed" else ""


LOADING = EngineState("loading", "loading TensorFlow")


class EngineLost(Exception):
    """The engine process ended while it was needed; ``str()`` is a sentence."""


class LineLost(EngineLost):
    """The line to another machine was lost, or isn't there; ``str()`` is a sentence."""


class ReadingLost(Refusal):
    """The same, while what is kept there was read."""


class EngineBroken(Exception):
    """The engine met a bug; ``str()`` is a sentence that names it."""


class ProcessEnded(Refusal):
    """The process of a person's own code came to its end before its run: by itself, or by what it took."""
