"""What the engine process is up to, as the screen says it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class EngineState:
    """``text`` is for the title line, ``log`` is the file that takes the engine's native output."""

    kind: Literal["loading", "ready", "restarting", "failed"]
    text: str
    log: Path | None = None

    @property
    def ready(self) -> bool:
        """Whether TensorFlow is loaded."""
        return self.kind == "ready"


LOADING = EngineState("loading", "loading TensorFlow")
