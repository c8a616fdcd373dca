"""Sweep: a comparison in every cell of a grid, as a map that fills while workers of their own train."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from typing import Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from initterm.api.stored import trials_of
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.deciding import with_more_seeds
from initterm.experiments.sweep.marks import Theory
from initterm.experiments.sweep.setting_words import words_of_settings
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.experiment import TRAIN_SETTINGS
from initterm.pipe.box.runs import RunsOnBox
from initterm.pipe.box.sweep import SweepOnBox
from initterm.pipe.sweep_run import SweepRun
from initterm.theory.refusal import Refusal
from initterm.theory.wording import counted
from initterm.tui.messages import Hinted, OpenedRun
from initterm.tui.pane import Exported
from initterm.tui.remembered import Memory
from initterm.tui.sweep.form import SweepAsked, SweepForm, kept_values
from initterm.tui.sweep.keys import KEYS
from initterm.tui.sweep.maps import MapView
from initterm.tui.sweep.viewed import ViewedSweep
from initterm.tui.widgets.curve_picture import CurvePicture
from initterm.tui.widgets.field import Field

MANY_CELLS, SLOW_SECONDS = 1000, 1.0
"""From so many cells on the map is drawn anew after so long, as it takes a while to be made."""


class SweepPane(ViewedSweep):
    """The sweep at the left, its map and the chosen cell at the right."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS
    first_setting, find_field, rows = "sweep-over-0", "sweep-contenders", TRAIN_SETTINGS

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._form = SweepForm()
        self.wanted: Sweep | None = None
        self.opened: OpenedRun | None = None

    def recall(self, memory: Memory) -> None:
        """Begin with the sweep that was kept."""
        self._form = SweepForm(kept_values(memory.value("sweep", Sweep)))

    def compose(self) -> ComposeResult:
        yield self._form
        yield self._evidence

    def on_mount(self) -> None:
        self._look_at_form()

    # What is asked for

    @on(SweepForm.Changed)
    def _form_changed(self) -> None:
        if not self.problem_stays:
            self.say("")
        self._look_at_form()

    @on(Field.Done)
    def _step_out(self, event: Field.Done) -> None:
        event.stop()
        self.focus_first()

    @work(exclusive=True, group="form")
    async def _look_at_form(self) -> None:
        """Make the sweep that is asked for, in a thread as it may be of many cells, and say what it comes to."""
        self.wanted = None
        try:
            asked = self._form.asked
            self.wanted = await asyncio.to_thread(lambda: asked.sweep)
        except Refusal as refusal:
            self.say(str(refusal))
        else:
            self.keep(self.wanted)
        if self.view is None and self.wanted:
            self._evidence.say_setting(self._words_of(self.wanted))

    def _words_of(self, sweep: Sweep) -> str:
        size = f"{counted('cell', sweep.cell_count)}, {counted('trial', sweep.trial_count)}"
        opened = f"The {self.opened} · " if self.opened else ""
        return f"{opened}{size} · {words_of_settings(sweep)}"

    # The run

    def _run_of(self, sweep: Sweep, workplace: Workplace, run: str = "", **how: Any) -> SweepRun:
        """The run of a sweep: by the Python of the app's engine, on the machine of that."""
        if self.engine and self.engine.side.host:
            return SweepOnBox(cast(RunsOnBox, self.engine.side.runs), sweep, workplace, run, **how)
        return SweepRun(sweep, workplace, run, self.engine.python if self.engine else sys.executable, **how)

    def action_run(self) -> None:
        """Begin the sweep that is asked for, or go on with the one that is shown."""
        with self.saying_refusals():
            self._begin(self._form.asked)

    @work(exclusive=True, group="begin")
    async def _begin(self, asked: SweepAsked) -> None:
        with self.saying_refusals():
            sweep = await asyncio.to_thread(lambda: asked.sweep)
            again = self.board is not None and self.board.sweep == sweep and not self.board.finished
            self.say("")
            self.opened = self.opened if again else None
            self._show_sweep(SweepBoard.of(sweep) if not again or not self.board else self.board)
            self.follow(self._run_of(sweep, asked.workplace, self.run_kept if again else ""))
            self.call_after_refresh(self.focus_first)

    def action_more(self) -> None:
        """Give undecided cells more seeds, or all where none is decided, and go on with the sweep that is shown."""
        if self.board and self.run_kept:
            with self.saying_refusals():
                asked = with_more_seeds(self.board)
                self._form.load(asked.sweep)
                workplace = self._form.asked.workplace
                self._evidence.say_setting(self._words_of(asked.sweep))
                self.post_message(Hinted(f"It goes on: {asked.words}."))
                self.follow(self._run_of(asked.sweep, workplace, self.run_kept, more_seeds=True))
                self.redraw_soon()

    def take(self, value: OpenedRun | Sweep) -> None:
        """Ask for a sweep; or show a run that was kept, or follow it where another process writes it."""
        if isinstance(value, Sweep):
            self._ask_for(value)
            return
        if not self.gives_way():
            return
        board = cast(SweepBoard, value.board)
        with self.saying_refusals():
            self._form.load(board.sweep, board.threads if board.place else 0)
            self._open(value, board)

    def _ask_for(self, sweep: Sweep) -> None:
        """Put a sweep into the form; a map that is there stays until it begins."""
        with self.saying_refusals():
            self._form.load(sweep)
            size = f"{counted('cell', sweep.cell_count)}, {counted('trial', sweep.trial_count)}"
            self.post_message(Hinted(f"The sweep of {size} is here: r runs it."))
            self.call_after_refresh(self.focus_first)

    def _open(self, value: OpenedRun, board: SweepBoard) -> None:
        """Show it, now that the form has what goes on with it."""
        self.opened = value
        self.run_kept = value.run.id
        self.say(value.problem or value.run.header.problem, stays=True)
        self._show_sweep(board)
        self.call_after_refresh(self.focus_first)
        if value.is_live:
            self.follow(self._run_of(board.sweep, self._form.asked.workplace, value.run.id, begins=False))
        elif value.resumes:
            self.action_run()
        if value.state != "finished":
            how = "p lets it wait, x ends it" if value.is_live else "r goes on with it"
            self.post_message(Hinted(f"The {value} is here: {how}."))

    def gives_way(self) -> bool:
        """Always: a sweep goes on in its own process."""
        if self._run:
            self._run.let_go()
            self._run, self.running = None, False
        return True

    def _show_sweep(self, board: SweepBoard) -> None:
        """Another sweep is shown from now on."""
        same = self.view is not None and self.view.board.sweep == board.sweep
        self.view = replace(self.view, board=board) if same and self.view else MapView(board)
        self._evidence.say_setting(self._words_of(board.sweep))
        self._evidence.begin()
        if not same:
            self._curves_of = None
            self._evidence.show_curves(CurvePicture(), "")
            self._ask_theory(board.sweep)
        self.redraw_soon(0.0)

    @work(exclusive=True, group="theory")
    async def _ask_theory(self, sweep: Sweep) -> None:
        """What theory says of the cells: a while for many of them."""
        with self.saying_refusals():
            theory = await asyncio.to_thread(Theory.of, sweep)
            if self.view and self.view.board.sweep == sweep:
                self.view = replace(self.view, theory=theory)
                self.redraw_soon()

    def advance(self, event: SweepBoard) -> None:
        """Take in how far it is, and draw it soon."""
        if self.view:
            self.view = replace(self.view, board=event)
            self.redraw_soon(*([SLOW_SECONDS] if event.sweep.cell_count > MANY_CELLS else []))

    def end(self, *, cancelled: bool, problem: str) -> None:
        """What was trained stays; the rest can go on."""
        self.say(problem, stays=bool(problem))
        if cancelled and self.board and not self.board.finished:
            self.post_message(Hinted("It has stopped; r goes on where it stood."))
        self.redraw_soon(0.0)

    def action_pause(self) -> None:
        """Let it wait, or go on."""
        if self._run:
            with self.saying_refusals():
                (self._run.resume if self.paused else self._run.pause)()
            self.redraw_soon(0.0)

    @property
    def command(self) -> str:
        """Of the sweep that is shown, or that r would begin."""
        shown = self.board.sweep if self.board else self.wanted
        return str(shown) if shown else ""

    @property
    def exported(self) -> Exported | None:
        """Every trial, maps, or everything."""
        from initterm.report.sweep.forms import sweep_forms

        run, runs = self.run_kept, self.runs
        return ("sweep", sweep_forms(self.board, lambda: trials_of(runs.find(run)))) if self.board and run else None
