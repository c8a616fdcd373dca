"""An audit in an engine process of its own."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.audit.events import AuditEvent, AuditFinished, ProofEvent
from initterm.pipe.confined import ConfinedEngine, thrown_away
from initterm.pipe.confined_run import ConfinedRun
from initterm.pipe.process import EngineProcess
from initterm.pipe.protocol import Audit
from initterm.store.keeping import RunStopped


class AuditRun(ConfinedRun[AuditEvent | ProofEvent]):
    """An audit: a run whose process ends with it.

    Args:
        choice: the model, and with what it is audited.
        bounds: what the audit may take.
        take: gives the process that it runs in.
        keeps: whether it is kept, by whoever iterates it.
        run: the id of the run whose place it takes among those that are kept; empty for a new one.
    """

    def __init__(
        self,
        choice: ModelChoice,
        bounds: Bounds | None = None,
        take: Callable[[], EngineProcess] = thrown_away,
        *,
        keeps: bool = False,
        run: str = "",
    ) -> None:
        bounds = bounds or Bounds()
        self._choice, self._is_kept, self._former = choice, keeps, run
        super().__init__(ConfinedEngine(choice.target, bounds, take, "audited"), Audit(choice, bounds))

    def unhurried_after(self, event: AuditEvent | ProofEvent, *, before: bool) -> bool:
        """A proof may take its time."""
        return before or isinstance(event, AuditFinished)

    def __iter__(self) -> Generator[AuditEvent | ProofEvent, None, None]:
        """The audit's events as they come, those of its being kept among them; ends early when it is cancelled.

        Raises:
            Refusal: the model can't be audited as asked, takes more than it may, or ended its process.
            EngineBroken: the engine met a bug.
        """
        if not self._is_kept:
            yield from super().__iter__()
            return
        from initterm.pipe.keeping import kept_anew

        for event in kept_anew(self._until_stopped(), self._choice, self._former):
            self.note(event)
            yield event

    def _until_stopped(self) -> Iterator[AuditEvent | ProofEvent]:
        """The same, with an error at its end where that came early."""
        yield from super().__iter__()
        if self.cancelled:
            raise RunStopped
