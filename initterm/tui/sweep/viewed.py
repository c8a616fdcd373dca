"""What is looked at of a sweep: its map or all of them, the chosen cell and its curves, who computes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from textual import on, work
from textual.containers import ScrollableContainer, VerticalScroll

from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.deciding import more_of
from initterm.experiments.sweep.sweep import Sweep
from initterm.pipe.sweep_run import SweepRun
from initterm.theory.refusal import Refusal
from initterm.theory.wording import counted
from initterm.tui.messages import ActivityChanged, Sent
from initterm.tui.run_pane import RunPane
from initterm.tui.sweep.curves import UNREADABLE, picture_of, trials_of_cell
from initterm.tui.sweep.evidence import SweepEvidence
from initterm.tui.sweep.maps import MapView
from initterm.tui.widgets.curve_picture import CurvePicture
from initterm.tui.widgets.heat_map import HeatMap


class ViewedSweep(RunPane[SweepRun]):
    """A pane that shows a sweep; ``view`` is what is looked at, None before the first."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._evidence = SweepEvidence()
        self.view: MapView | None = None
        self._curves_of: tuple[str, int, object] | None = None

    @property
    def board(self) -> SweepBoard | None:
        """The sweep that is shown; None before the first."""
        return self.view.board if self.view else None

    @property
    def paused(self) -> bool:
        """Whether it waits because somebody wants that."""
        return bool(self._run and self._run.paused)

    def focus_first(self) -> None:
        """Put the focus on the map, or on its place before there is one."""
        if self.view is None:
            self._evidence.focus()
        else:
            maps = [one for one in self.query(HeatMap) if one.display]
            next((one for one in maps if self._evidence.has_class("-all")), self._evidence.map).focus()

    # What is shown

    def draw(self) -> None:
        """Draw the whole state."""
        if self.view is None:
            return
        self._evidence.show(self.view, doing=self._doing)
        self.post_message(ActivityChanged(("paused" if self.paused else "sweeping") if self.running else "", ""))
        self._ask_curves()

    @property
    def _doing(self) -> str:
        """What is happening, in a few words."""
        board = self.board
        if board is None:
            return ""
        if not self.running:
            ended = "" if board.finished else f"{board.progress}; r goes on"
            lost = f"done, {counted('trial', board.failed)} failed; w tells why" if board.failed else ""
            return ended or " · ".join(filter(None, (lost, self._more_words)))
        waiting = self._run.waiting_for if self._run else ""
        return f"paused · {board.progress}" if self.paused else waiting or board.doing

    @property
    def _more_words(self) -> str:
        """What the key for more would give; empty where every cell is decided, or none."""
        more = more_of(self.board) if self.board else None
        return f"+ gives {more.words}" if more and more.undecided else ""

    @property
    def _waiting(self) -> str:
        """Why the chosen cell has no curves yet."""
        cell = self.view.board.cells[self.view.cell] if self.view else None
        if cell is None or any(one.measured for one in cell.contenders):
            return ""
        if any(one.failed for one in cell.contenders):
            return "All of this cell's trials that are over have failed; w tells why."
        if not self.running:
            return "No trial of this cell is over; r goes on."
        return "This cell's curves come when its first trial is over" + (", and it is paused." if self.paused else ".")

    def _ask_curves(self) -> None:
        """Have the curves of the chosen cell read, where others are shown or it has more trials by now."""
        if self.view and self.run_kept:
            wanted = (self.run_kept, self.view.cell, self.view.board.cells[self.view.cell])
            if waiting := self._waiting:
                self._curves_of = None
                self._evidence.show_curves(CurvePicture(), waiting)
            elif wanted != self._curves_of:
                self._curves_of = wanted
                self._read_curves(self.run_kept, self.view.board.sweep, self.view.cell)

    @work(exclusive=True, group="curves")
    async def _read_curves(self, run: str, sweep: Sweep, cell: int) -> None:
        runs = self.runs
        try:
            trials = await asyncio.to_thread(lambda: trials_of_cell(runs.find(run), cell))
            contenders = sweep.cell(cell).experiment.contenders
            self._evidence.show_curves(picture_of(contenders, trials) if trials else CurvePicture())
        except (Refusal, *UNREADABLE):
            self._evidence.show_curves(CurvePicture(), "The curves of this cell can't be read.")

    # What is looked at

    @on(HeatMap.Chosen)
    def _cell_chosen(self, event: HeatMap.Chosen) -> None:
        event.stop()
        if self.view:
            self.view = replace(self.view, place=event.place)
            self.redraw()
            if event.opens:
                self.action_open()

    def action_open(self) -> None:
        """Show the experiment of the chosen cell in Train."""
        if self.view:
            with self.saying_refusals():
                self.post_message(Sent("train", self.view.board.sweep.cell(self.view.cell).experiment))

    def action_focus_one(self) -> None:
        """Show the map of the next initializer, and after the last who wins where."""
        if self.view:
            self.view = replace(self.view, shown=(self.view.shown + 1) % self.view.maps)
            self.redraw()

    def action_next_view(self) -> None:
        """Show one map with the curves of a cell, or all maps."""
        self._evidence.toggle_class("-all")
        self.call_after_refresh(self.redraw)
        self.call_after_refresh(self.focus_first)

    def action_why(self) -> None:
        """Show who computes and what failed, or the curves."""
        self._evidence.toggle_class("-workers")
        self.redraw()

    def action_page_down(self) -> None:
        self._turn(1)

    def action_page_up(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        """Go to the next values of the axes that have no room on the map."""
        if self.view:
            self.view = replace(self.view, layer=(self.view.layer + by) % len(self.view.layers))
            self.redraw()

    def why_not(self, action: str) -> str:
        """Why something can't be looked at now."""
        if action in ("focus_one", "next_view", "why", "open") and self.view is None:
            return "There is no map yet; r runs the sweep."
        if action == "more" and (self.running or not self.run_kept):
            return "It runs; x stops it." if self.running else "There is no sweep yet; r runs it."
        if action in ("page_down", "page_up") and (self.view is None or len(self.view.layers) < 2):
            return "There are no further axes to turn through."
        return super().why_not(action)

    @property
    def scrolled(self) -> ScrollableContainer:
        """The words about workers."""
        return self.query_one("#sweep-about", VerticalScroll)
