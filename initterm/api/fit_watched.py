"""One training of a person's own that is watched, from its beginning to its end; what goes wrong is its watcher's."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from initterm.api.beside import RunBeside
from initterm.api.opening import RunBehind
from initterm.api.process import chance_kept
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditEvent
from initterm.experiments.message import finite
from initterm.experiments.watch.board import WatchBoard
from initterm.experiments.watch.events import (
    EpochWatched,
    Logs,
    StepLogged,
    WatchEvent,
    WatchFinished,
    WatchNoted,
    WatchStarted,
)
from initterm.experiments.watch.schedule import Schedule
from initterm.experiments.watch.watched import Watched
from initterm.theory.refusal import Refusal, first_line

LOG_SECONDS = 1.0
LOGS_A_TRAINING = 1000
"""What Keras tells is kept each second, and of long trainings so many times within the time before."""


class FitWatched:
    """Looks on, and tells what is seen; ``board`` is all of it so far.

    Args:
        model: Keras's, which is built and compiled, and about to be trained.
        watched: what was asked.
        params: what Keras tells callbacks of the training: ``epochs`` and ``steps`` of each.
        keeps: whether a run is kept of it.
    """

    def __init__(self, model: Any, watched: Watched, params: Mapping[str, Any], *, keeps: bool) -> None:
        from initterm.engine.models.keras_privates import fit_under_way

        self.board = WatchBoard.of(watched)
        self._model, self._params = model, params
        self._frame = fit_under_way(model)
        self._run = RunBeside(watched, _lasting(self._frame)) if keeps else None
        self._probe: Any = None
        self._before: Any = None
        self._began = self._epoch_began = self._logged = time.perf_counter()
        self._schedule = Schedule(watched.every, watched.share, self._began, 0.0)
        self._epoch, self._step, self._first = 1, 0, 0
        self._copied, self._writing, self._kept_as = 0.0, 0.0, ""
        self._events: list[WatchEvent] = []
        self._audited: list[AuditEvent] = []
        self._choice = ModelChoice(watched.model)

    @property
    def run(self) -> str:
        """The id of the run that is kept; empty where none is."""
        return self._run.id if self._run else self._kept_as

    @property
    def told(self) -> RunBehind:
        """What it has told until now, or the run that has it."""
        return RunBehind(self.board.watched, self.run, tuple(self._events), ended=self.board.finished is not None)

    @property
    def audit_told(self) -> RunBehind:
        """What the audit alone has told."""
        return RunBehind(self._choice, events=tuple(self._audited), ended=self.board.audit.finished is not None)

    def tell(self, event: WatchEvent) -> None:
        """Take an event in, and let it be written."""
        self.board = self.board.after(event)
        if self._run:
            self._run.tell(event)
        elif not self._kept_as:
            self._events.append(event)

    def note(self, what: str, error: Exception) -> None:
        """Tell that something isn't looked at, and why."""
        why = str(error) if isinstance(error, Refusal) else f"{type(error).__name__}: {first_line(error)}"
        self.tell(WatchNoted(f"{what}: {why}"))

    def start(self) -> None:
        """Tell what begins."""
        from initterm.engine import runtime
        from initterm.engine.models.keras_privates import compiled_loss
        from initterm.engine.models.source import steps_of
        from initterm.engine.training.own_loss import loss_words

        self.tell(
            WatchStarted(
                device=runtime.device_name(),
                versions=runtime.versions(),
                parameters=int(self._model.count_params()),
                optimizer=type(self._model.optimizer).__name__,
                loss=loss_words(compiled_loss(self._model)),
                epochs=self._params.get("epochs"),
                steps=self._params.get("steps"),
                steps_before=steps_of(self._model),
                machine=runtime.machine(),
            )
        )

    def audit(self, ignore: tuple[str, ...], place: tuple[str, int]) -> None:
        """Audit a model that no step was made with."""
        from initterm.engine.proof.given_model import events_of

        if self.board.started is None or self.board.started.steps_before:
            return
        self._choice = choice = ModelChoice(self.board.watched.model, ignore=ignore)
        try:
            with chance_kept():
                for event in events_of(self._model, choice, None, place):
                    if isinstance(event, AuditEvent):
                        self._audited.append(event)
                        self.tell(event)
        except Exception as error:  # whatever the model's own code raises
            self.note("The model isn't audited", error)

    def look_first(self, given: Any) -> None:
        """Make what looks, with the examples that were given or else those of ``fit``, and look for the first time."""
        from initterm.engine.models.keras_privates import fitted_with
        from initterm.engine.watch.examples import examples_of
        from initterm.engine.watch.probe import StepProbe

        try:
            if given is None and self._frame is not None:
                given = fitted_with(self._frame)
            if given is None:
                raise Refusal("What it is trained with can't be seen from here; give Watch(data=(x, y)).")
            inputs = len(getattr(self._model, "inputs", None) or ())
            with chance_kept():
                examples = examples_of(given, inputs)
                probe = StepProbe(self._model, examples)
                self.tell(probe.ready())
                probe(1, 0, None)  # the first one takes longer
                self.tell(probe(1, 0, None))
            self._probe = probe
        except Exception as error:  # whatever the model's own code raises
            self.note("Gradients and layers aren't looked at", error)
        self._frame = None

    def go(self) -> None:
        """The first step begins."""
        watched, cost = self.board.watched, self.board.steps[-1].seconds if self.board.steps else 0.0
        self._written()  # what came before the first step comes on top
        self._began = self._epoch_began = self._logged = time.perf_counter()
        self._schedule = Schedule(watched.every, watched.share, self._began, cost)

    def begin_epoch(self, epoch: int) -> None:
        """An epoch, counted from 0, begins."""
        self._epoch, self._first, self._epoch_began = epoch + 1, self._step, time.perf_counter()

    def begin_step(self, batch: int) -> None:
        """A batch of the epoch, counted from 0, begins."""
        began = time.perf_counter()
        if self._probe and self._schedule.wants(self._first + batch + 1, began):
            self._before = batch, self._probe.weights()
            self._copied = time.perf_counter() - began

    def end_step(self, batch: int, logs: Mapping[str, Any] | None) -> None:
        """It is over; where several went by at once, it is their last."""
        self._step = self._first + batch + 1
        if self._before is not None:
            began, (first, weights) = time.perf_counter(), self._before
            self._before = None
            self._look(weights if first == batch else None)
            self._schedule.looked(self._step, self._copied + time.perf_counter() - began + self._written())
        now = time.perf_counter()
        if now - self._logged >= max(LOG_SECONDS, (now - self._began) / LOGS_A_TRAINING):
            self._logged = now
            self.tell(StepLogged(self._epoch, self._step, _numbers(logs)))
        if self._run and self._run.cancelled:
            self._model.stop_training = True

    def _written(self) -> float:
        """Seconds that writing has taken since it was asked last: it holds the interpreter, as looking does."""
        before, self._writing = self._writing, self._run.seconds if self._run else 0.0
        return max(0.0, self._writing - before)

    def _look(self, weights: Any) -> None:
        try:
            self.tell(self._probe(self._epoch, self._step, weights))
        except Exception as error:  # whatever the model's own code raises
            self._probe = None
            self.note("Gradients and layers aren't looked at any more", error)

    def end_epoch(self, logs: Mapping[str, Any] | None) -> None:
        """An epoch is over, with its validation."""
        seconds = time.perf_counter() - self._epoch_began
        self.tell(EpochWatched(self._epoch, self._step, _numbers(logs), seconds))
        self._schedule.epoch_ended(self._epoch)

    def finish(self) -> None:
        """The training is over."""
        self.tell(WatchFinished(self._step, time.perf_counter() - self._began, self._schedule.spent))
        self.leave()

    def leave(self, error: Exception | None = None) -> None:
        """Look no more; an error says how the run ended otherwise than by its end."""
        run, self._run, self._probe = self._run, None, None
        self._model = self._frame = None
        if run:
            run.end(error)
            self._kept_as = run.id
            if run.problem:
                self.board = self.board.after(WatchNoted(run.problem))


def _numbers(logs: Mapping[str, Any] | None) -> Logs:
    """The numbers among what Keras tells; None where one isn't finite."""
    return {str(name): finite(float(value)) for name, value in (logs or {}).items() if _is_number(value)}


def _is_number(value: Any) -> bool:
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def _lasting(frame: Any) -> Callable[[], bool]:
    """Whether a function that this thread runs hasn't come to its end; always, of None."""
    if frame is None:
        return lambda: True
    thread, known = threading.get_ident(), id(frame)

    def lasts() -> bool:
        now = sys._current_frames().get(thread)
        while now is not None and id(now) != known:
            now = now.f_back
        return now is not None

    return lasts
