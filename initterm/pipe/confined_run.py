"""A run of a person's own code, in a process that ends with it."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import ClassVar

from initterm.pipe.confined import ConfinedEngine
from initterm.pipe.protocol import Request
from initterm.pipe.run import Run, RunEvent
from initterm.pipe.state import EngineLost, ProcessEnded
from initterm.theory.numbers import seconds
from initterm.theory.refusal import Refusal

SILENT_SECONDS = 6.0
"""How many seconds of silence are told."""


class ConfinedRun(Run[RunEvent]):
    """A run whose process ends with it; unless it ``finishes_alone`` where it is kept and the app ends.

    Args:
        confined: the process, which is taken when the run is iterated.
        request: what begins it.
    """

    finishes_alone: ClassVar[bool] = False

    def __init__(self, confined: ConfinedEngine, request: Request) -> None:
        self._confined = confined
        super().__init__(confined, request)

    def unhurried_after(self, event: RunEvent, *, before: bool) -> bool:
        """Whether it may take its time from this event on; ``before`` says whether it might by then."""
        raise NotImplementedError

    def __iter__(self) -> Generator[RunEvent, None, None]:
        """The run's events as they come; ends early when it is cancelled.

        Raises:
            ProcessEnded: it takes more than it may, or ended its process.
            Refusal: it can't be run as asked.
            EngineBroken: the engine met a bug.
        """
        confined = self._confined
        try:
            with closing(super().__iter__()) as events:
                for event in events:
                    confined.unhurried = self.unhurried_after(event, before=confined.unhurried)
                    yield event
        except EngineLost:
            if not self.cancelled:
                raise ProcessEnded(confined.why_it_ended) from None
        except OSError as error:
            raise Refusal(f"No process can be started for it: {error.strerror or error}.") from None
        finally:
            (confined.leave if self._is_left else confined.end)()

    def begin_again(self, confined: ConfinedEngine, request: Request) -> None:
        """Be answered by another process from now on, in the place of one that has ended; iterated once more."""
        with self._lock:
            self._engine = self._confined = confined
            self._request, self._id, self._answer = request, None, None
            self.over = False

    def close(self) -> None:
        """The app is closing: one that is kept goes on, every other ends."""
        if self._is_left:
            self._confined.leave()
        else:
            self.cancel()

    @property
    def _is_left(self) -> bool:
        return self.finishes_alone and self.goes_on

    @property
    def log(self) -> Path | None:
        """What takes the words of its process; None before it begins."""
        return self._confined.process.log if self._confined.process else None

    @property
    def waiting_for(self) -> str:
        """Why nothing is told, as a sentence; empty where the run goes on."""
        process = self._confined.process
        if process is None or self.over:
            return ""
        if process.silence >= SILENT_SECONDS:
            return f"Its process gives no answer for {seconds(process.silence)}; x ends it."
        return "" if process.ready else "It begins as soon as TensorFlow is there."
