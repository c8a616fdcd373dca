"""What is looked at of a measurement: which picture, of whom, and what theory thinks of meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import cast

from textual import work

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import SignalEvent
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.pipe.protocol import MeasureSignal
from initterm.pipe.run import Latest
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Arrival
from initterm.tui.pane import TakingPane
from initterm.tui.signal.evidence import SignalEvidence
from initterm.tui.signal.form import SignalForm
from initterm.tui.signal.phase_map import PhaseMap
from initterm.tui.signal.phases import diagram_of, weight_variance_of
from initterm.tui.signal.view import VIEWS, PictureKind, think


async def cured(latest: Latest, board: SignalBoard) -> SignalBoard:
    """The board with a measurement of the fix, which that judges, where it is none of the initializers.

    Raises:
        Refusal: it can't be measured.
        EngineLost: the engine was lost over it.
        EngineBroken: there is no engine any more.
    """
    experiment = await asyncio.to_thread(think, board)
    if experiment is None:
        return board
    cure = SignalBoard(experiment)
    async for event in latest.events(MeasureSignal(experiment)):
        cure = cure.after(cast(SignalEvent, event))
    return replace(board, cure=cure)


class ViewedSignal(TakingPane):
    """A pane of a form, and of what is seen of a measurement."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.board: SignalBoard | None = None
        self.shown: tuple[InitializerSpec, ...] = ()
        self._form, self._evidence = SignalForm(), SignalEvidence()
        self._asked: SignalExperiment | None = None
        self._thought: tuple[SignalExperiment, Arrival | None] | None = None

    @work(exclusive=True, group="fix")
    async def _think_on(self, board: SignalBoard) -> None:
        """The fix, what networks and inputs differ by, and the phase diagram where it is shown."""
        arrival = board.arrival or Arrival(board.experiment.chain.hidden[0])
        await asyncio.to_thread(think, board)
        if board.experiment != self._asked:
            return
        self._thought = board.experiment, board.arrival
        self.redraw()
        if self.view == "phases":
            diagram = await asyncio.to_thread(diagram_of, board, arrival)
            self.query_one(PhaseMap).show(diagram, board.experiment.chain.depth, weight_variance_of(board, self.chosen))

    @property
    def chosen(self) -> int:
        """Which of the initializers is in front."""
        return min(self._form.chosen, len(self.shown) - 1)

    @property
    def view(self) -> PictureKind:
        """What is shown: plots, ridges, phases or correlations."""
        return self._evidence.kind

    def show_view(self, view: PictureKind) -> None:
        """Show plots, ridges, phases or correlations."""
        self._evidence.turn_to(view)
        if view == "phases" and self.board:
            self.query_one(PhaseMap).focus()
            self._think_on(self.board)
        else:
            self.focus_first()
            self.redraw()

    def action_next_view(self) -> None:
        """Show the ridges instead of the plots, then the phase diagram, correlations, and the plots again."""
        self.show_view(VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)])

    def action_quantity(self) -> None:
        """Show the gradient instead of the signal where there is room for one of them, or the signal again."""
        self._evidence.toggle_class("-backward")

    def why_not(self, action: str) -> str:
        """Signal and gradient take turns only where one of them has room; words stand under plots alone."""
        if action == "quantity" and not self.screen.has_class("-narrow"):
            return "Signal and gradient stand beside each other here."
        if action == "zoom" and self._evidence.whole:
            return "All is seen already: the wheel zooms in, with shift the other axis, and a drag moves."
        if action == "jacobian" and self._evidence.kind == "phases":
            return "Singular values are told under the plots; v goes there."
        return super().why_not(action)

    def action_zoom(self) -> None:
        """Look at all again where the mouse has moved away."""
        self._evidence.look_at_all()

    def action_step_out(self) -> None:
        """Step from the diagram to the plots, and from there to the list."""
        self.show_view("plots")
