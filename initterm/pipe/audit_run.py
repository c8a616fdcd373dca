"""An audit in an engine process of its own."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator

from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.audit.events import AuditEvent, AuditFinished, AuditStarted, ProofEvent, TensorAudited
from initterm.pipe.confined import ConfinedEngine, thrown_away
from initterm.pipe.confined_run import ConfinedRun
from initterm.pipe.process import EngineProcess
from initterm.pipe.protocol import AuditModel
from initterm.pipe.state import ProcessEnded
from initterm.store.keeping import RunStopped


class AuditRun(ConfinedRun[AuditEvent | ProofEvent]):
    """An audit: a run whose process ends with it; where it ends by the signal, another audits without one.

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
        self._bounds, self._take = bounds, take
        self._tensors_left: int | None = None
        super().__init__(self._process(), AuditModel(choice, bounds))

    def _process(self) -> ConfinedEngine:
        return ConfinedEngine(self._choice.target, self._bounds, self._take, "audited")

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
            yield from self._audited()
            return
        from initterm.pipe.keeping import kept_anew

        for event in kept_anew(self._until_stopped(), self._choice, self._former):
            self.note(event)
            yield event

    def _audited(self) -> Iterator[AuditEvent | ProofEvent]:
        """The events; where the process came to its end by the signal, those of another that sends none."""
        try:
            for event in super().__iter__():
                self._count(event)
                yield event
        except ProcessEnded as ended:
            if self._tensors_left != 0 or self.cancelled:
                raise
            without = AuditModel(self._choice, self._bounds, f"The signal wasn't measured: {ended}")
            self.begin_again(self._process(), without)
            yield from super().__iter__()

    def _count(self, event: AuditEvent | ProofEvent) -> None:
        """Note how many tensors are still to come before the signal; None where it isn't being sent."""
        if isinstance(event, AuditStarted):
            self._tensors_left = event.tensors
        elif isinstance(event, TensorAudited) and self._tensors_left is not None:
            self._tensors_left -= 1
        else:
            self._tensors_left = None

    def _until_stopped(self) -> Iterator[AuditEvent | ProofEvent]:
        """The same, with an error at its end where that came early."""
        yield from self._audited()
        if self.cancelled:
            raise RunStopped
