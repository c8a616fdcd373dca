"""An audit in an engine process of its own, which is thrown away afterwards with all that it has started."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.audit.events import AuditEvent, AuditFinished, ProofEvent
from initterm.pipe.confined import ConfinedEngine
from initterm.pipe.errors import EngineLost
from initterm.pipe.process import EngineProcess
from initterm.pipe.protocol import Audit
from initterm.pipe.run import Run
from initterm.pipe.spare import thrown_away
from initterm.theory.numbers import seconds
from initterm.theory.refusal import Refusal

SILENT_SECONDS = 6.0
"""How many seconds of silence are told."""


class AuditRun(Run[AuditEvent | ProofEvent]):
    """An audit: a run whose process ends with it.

    Args:
        choice: the model, and with what it is audited.
        bounds: what the audit may take.
        take: gives the process that it runs in.
    """

    def __init__(
        self, choice: ModelChoice, bounds: Bounds | None = None, take: Callable[[], EngineProcess] = thrown_away
    ) -> None:
        bounds = bounds or Bounds()
        self._confined = ConfinedEngine(choice.target, bounds, take)
        super().__init__(self._confined, Audit(choice, bounds))

    def __iter__(self) -> Generator[AuditEvent | ProofEvent, None, None]:
        """The audit's events as they come; ends early when it is cancelled.

        Raises:
            Refusal: the model can't be audited as asked, takes more than it may, or ended its process.
            EngineBroken: the engine met a bug.
        """
        try:
            with closing(super().__iter__()) as events:
                for event in events:
                    self._confined.unhurried = self._confined.unhurried or isinstance(event, AuditFinished)
                    yield event
        except EngineLost:
            if not self.cancelled:
                raise Refusal(self._confined.why_it_ended) from None
        except OSError as error:
            raise Refusal(f"No process can be started to audit in: {error.strerror or error}.") from None
        finally:
            self._confined.end()

    @property
    def log(self) -> Path | None:
        """What takes the words of its process; None before it begins."""
        return self._confined.process.log if self._confined.process else None

    @property
    def waiting_for(self) -> str:
        """Why nothing is told, as a sentence; empty where the audit goes on."""
        process = self._confined.process
        if process is None or self.over:
            return ""
        if process.silence >= SILENT_SECONDS:
            return f"The audit's process gives no answer for {seconds(process.silence)}; x ends it."
        return "" if process.ready else "It begins as soon as TensorFlow is there."
