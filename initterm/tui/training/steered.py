"""What is done to a run while it goes on, and what it waits for: the engine, or a process of its own."""

from __future__ import annotations

from textual.reactive import reactive

from initterm.experiments.sweep.workplace import Workplace
from initterm.tui.messages import OpenedRun
from initterm.tui.training.evidence import WAITING
from initterm.tui.training.viewed import ViewedPane

LOOK_SECONDS = 0.5
"""How often it is looked at whether a model's own process is silent."""


class SteeredPane(ViewedPane):
    """A pane whose run can wait and end in part; ``opened`` is what it was opened as, where it is one that is kept."""

    paused: reactive[bool] = reactive(False, init=False)

    opened: OpenedRun | None = None
    _workplace: Workplace | None = None
    _waited = ""
    _prepared = False

    def show(self, *, at_once: bool = False) -> None:
        """Draw the whole state."""
        raise NotImplementedError

    def begin_to_look(self) -> None:
        """Look from now on whether the run waits."""
        self.set_interval(LOOK_SECONDS, self._look_whether_it_waits)

    @property
    def waits(self) -> str:
        """What keeps the run from going on; a process of its own, of a model or of workers, says that itself."""
        if not (self.running and self._run and self.board) or self.opened:
            return ""
        if self.board.experiment.own.model or self._workplace:
            return self._run.waiting_for
        return "" if self.engine_state.ready else self.engine_state.trouble or WAITING

    def _look_whether_it_waits(self) -> None:
        """Say so where a model's own process has become silent, or tells something again."""
        if self.waits != self._waited:
            self._waited = self.waits
            self.show()

    def on_show(self) -> None:
        """Let TensorFlow be loaded for a process of its own while the rest is being set."""
        self.prepare(again=True)

    def prepare(self, *, again: bool = False) -> None:
        """The same, once for each time that a model or workers are named, the pane is shown, and a run has ended."""
        wanted = self._form.wants_process and self.display and not self.running
        if wanted and (again or not self._prepared) and self.engine:
            self.run_worker(self.engine.prepare_own, thread=True, group="prepare")
        self._prepared = wanted

    def watch_engine_state(self) -> None:
        """A run that waited is no longer waiting."""
        self.show()

    def action_pause(self) -> None:
        """Let the run wait, or go on."""
        if self._run:
            with self.saying_refusals():
                (self._run.resume if self.paused else self._run.pause)()
                self.paused = not self.paused
            self.show(at_once=True)

    def action_stop_one(self) -> None:
        """End the trials of the contender in focus; the others go on."""
        focus = self.options.focus
        if self._run and self.board and focus:
            self._run.cancel_contender(self.board.experiment.contenders.index(focus))
            self.board = self.board.cancelled(focus)
            self.show(at_once=True)
