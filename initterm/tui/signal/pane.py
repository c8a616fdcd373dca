"""Signal: what depth does to signal and gradient, predicted at once and measured a moment later."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from initterm.experiments.command import command_line
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import LayersPassed, SignalEvent, SignalInput
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import NetworkSpec
from initterm.pipe.protocol import MeasureSignal
from initterm.pipe.run import Latest
from initterm.pipe.state import EngineBroken, EngineLost, EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import rounded
from initterm.theory.phases import variance_scaling
from initterm.theory.propagation import Arrival
from initterm.theory.refusal import Refusal
from initterm.tui.bugs import ended_by
from initterm.tui.messages import Proposal, Sent
from initterm.tui.pane import Exported, TakingPane
from initterm.tui.remembered import Memory
from initterm.tui.selection import Selection
from initterm.tui.signal.evidence import SignalEvidence
from initterm.tui.signal.form import KeptSignal, SignalForm
from initterm.tui.signal.keys import KEYS
from initterm.tui.signal.layer_plot import LayerPlot
from initterm.tui.signal.phase_map import PhaseMap
from initterm.tui.signal.phases import diagram_of, weight_variance_of
from initterm.tui.signal.view import VIEWS, PictureKind, SignalView, doing, predict, think

PAUSE_SECONDS = 0.15
"""How long nothing may change before it is measured: typing 30 shall not measure 3."""

RETRIES = 1
"""How often a measurement is asked for again when the engine was lost over it."""


class SignalPane(TakingPane):
    """The chain at the left; its plots or its phase diagram, strips and words at the right."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS
    first_setting = "signal-activation"
    how_to_go_on = "It is measured;"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.board: SignalBoard | None = None
        self.shown: tuple[InitializerSpec, ...] = ()
        self._form, self._evidence = SignalForm(), SignalEvidence()
        self._asked: SignalExperiment | None = None
        self._thought: tuple[SignalExperiment, Arrival | None] | None = None
        self._measured = False
        self._lost = 0

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self._form
            yield self._evidence

    def recall(self, memory: Memory) -> None:
        """Begin with the settings that were kept."""
        if kept := memory.value("signal", KeptSignal):
            self._form = SignalForm(kept)

    def on_mount(self) -> None:
        """Predict what the controls ask for at first."""
        self._form.contenders.follow(self.selection)
        self._ask()

    def watch_selection(self, selection: Selection) -> None:
        """Mark what is marked elsewhere."""
        self._form.contenders.follow(selection)

    def on_show(self) -> None:
        """Measure what was not measured while nobody looked."""
        self._request()

    def focus_first(self) -> None:
        """Put the focus on the initializers."""
        self._form.contenders.focus()

    @property
    def entered(self) -> SignalExperiment | None:
        """What is measured."""
        return self.board.experiment if self.board else None

    def enter(self, entered: SignalExperiment | None) -> None:
        """Measure something again."""
        if entered:
            self._form.load(entered)

    def accept(self, value: Proposal | SignalExperiment) -> None:
        """Let initializers take part, with their activation, or measure an experiment."""
        if isinstance(value, SignalExperiment):
            self._form.load(value)
        else:
            for initializer in value.initializers:
                self._form.take(initializer, value.activation)

    def words_of(self, value: Proposal | SignalExperiment) -> str:
        """What was taken."""
        return f"{value} marked." if isinstance(value, Proposal) else "The experiment is here."

    @on(SignalForm.Changed)
    def _form_changed(self) -> None:
        self._ask()

    def _ask(self, *, jacobian: bool = False) -> None:
        """Predict what the controls ask for, and have it measured if it is something else than before."""
        try:
            board = SignalBoard(self._form.experiment(jacobian=jacobian))
        except Refusal as refusal:
            self._refuse(refusal)
            return
        if board.experiment == self._asked:
            self.redraw()
            return
        self.workers.cancel_group(self, "measure")  # what it still has to tell is about another experiment
        self._asked = board.experiment
        self.keep(self._form.kept)
        self._think(board, self._form.marked)

    def _refuse(self, refusal: Refusal) -> None:
        """What is asked for can't be measured: what was before stays."""
        self.workers.cancel_group(self, "measure")
        self.say("" if self._form.problem else str(refusal))  # which the form says itself
        self._asked = None

    @work(exclusive=True, group="theory")
    async def _think(self, board: SignalBoard, shown: tuple[InitializerSpec, ...]) -> None:
        """Theory, in a thread as it takes a moment: at first what is drawn at once, then the fix."""
        try:
            await asyncio.to_thread(predict, board, min(self._form.chosen, len(shown) - 1))
        except Refusal as refusal:
            self._refuse(refusal)
            return
        before = self.board
        self.board = board.following(before) if before and self.shown == shown else board
        self.shown = shown
        self._measured, self._lost = False, 0
        self.say("")
        self.redraw()
        self._request()
        self._think_on(board)

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

    def _request(self) -> None:
        """Ask for the measurement that is owed, where somebody looks and there is an engine."""
        if self.latest and self.board and self.display and not self._measured and self._lost <= RETRIES:
            self._measured = True
            self._measure(self.latest, self.board)

    @work(exclusive=True, group="measure")
    async def _measure(self, latest: Latest, board: SignalBoard) -> None:
        """Fold the events as they come; something newer cancels this."""
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            async for event in latest.events(MeasureSignal(board.experiment)):
                board = board.after(cast(SignalEvent, event))
                if isinstance(event, SignalInput):  # what arrives is known now, which theory begins with
                    await asyncio.to_thread(predict, board, self.chosen)
                    self._think_on(board)
                self.board = board
                if isinstance(event, LayersPassed):
                    self._evidence.tell(doing(board, self.engine_state))
                else:
                    self.redraw_soon()
            await self._measure_cure(latest, board)
        except EngineLost as lost:
            self._measured, self._lost = False, self._lost + 1
            self.say(str(lost))
        except (Refusal, EngineBroken) as problem:
            self.say(str(problem))
        except Exception as bug:
            self.say(ended_by(bug))
            raise
        self.redraw()

    async def _measure_cure(self, latest: Latest, board: SignalBoard) -> None:
        """Judge the fix by a measurement of its own, where it is none of the initializers."""
        if experiment := await asyncio.to_thread(think, board):
            cure = SignalBoard(experiment)
            async for event in latest.events(MeasureSignal(experiment)):
                cure = cure.after(cast(SignalEvent, event))
            self.board = replace(board, cure=cure)

    def watch_engine_state(self, state: EngineState) -> None:
        """Ask again for what a lost engine still owes."""
        if state.ready:
            if self._lost and self._lost <= RETRIES:
                self.say("")
            self._request()
        if self.board:
            self.redraw()

    def draw(self) -> None:
        """Prediction and measurement so far."""
        if self.board:
            thought = self._thought == (self.board.experiment, self.board.arrival)
            self._evidence.show(SignalView(self.board, self.shown, self.chosen, self.view, thought))
            self._evidence.tell(doing(self.board, self.engine_state))

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
        """Signal and gradient take turns only where one of them has room."""
        if action == "quantity" and not self.screen.has_class("-narrow"):
            return "Signal and gradient stand beside each other here."
        if action == "zoom" and self._evidence.whole:
            return "All is seen already: the wheel zooms in, with shift the other axis, and a drag moves."
        return super().why_not(action)

    def action_zoom(self) -> None:
        """Look at all again where the mouse has moved away."""
        self._evidence.look_at_all()

    @on(LayerPlot.LineChosen)
    def _line_chosen(self, event: LayerPlot.LineChosen) -> None:
        """A line or a strip was clicked: it is the one in front, and words are about it."""
        if event.index < len(self.shown):
            self._form.choose(event.index)

    @on(PhaseMap.Moved)
    def _phase_moved(self) -> None:
        self._evidence.show_place(self.board)

    @on(PhaseMap.Chosen)
    def _phase_chosen(self, event: PhaseMap.Chosen) -> None:
        """Draw the place of the diagram: its depth, and an initializer of its weight variance beside the others."""
        self.show_view("plots")
        self._form.take(variance_scaling(rounded(event.weight_variance, 3)), None, event.depth)

    def action_jacobian(self) -> None:
        """Measure the singular values of the Jacobian too."""
        self._ask(jacobian=True)

    def action_train(self) -> None:
        """Take the initializers and the network to Train."""
        if self.board is None:
            return
        with self.saying_refusals():
            NetworkSpec.of(chain := self.board.experiment.chain)
            first, *others = self.board.experiment.contenders
            self.post_message(Sent("train", Proposal(first, network=chain, others=tuple(others))))

    def action_more(self) -> None:
        """Measure one more seed."""
        self._form.more_seeds()

    def action_step_out(self) -> None:
        """Step from the diagram to the plots, and from there to the list."""
        self.show_view("plots")

    @property
    def command(self) -> str:
        """Measures the same."""
        return command_line(self.board.experiment) if self.board else ""

    @property
    def exported(self) -> Exported | None:
        """Both plots, or every number."""
        from initterm.report.signal.results import signal_forms

        return ("initterm-signal", signal_forms(self.board)) if self.board else None
