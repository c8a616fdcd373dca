"""Signal: what depth does to signal and gradient, predicted at once and measured a moment later."""

from __future__ import annotations

import asyncio
from typing import ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType

from initterm.experiments.command import command_line
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import LayersPassed, SignalEvent, SignalInput
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.network import NetworkSpec
from initterm.pipe.protocol import MeasureSignal
from initterm.pipe.run import Latest
from initterm.pipe.state import EngineBroken, EngineLost, EngineState, LineLost
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import rounded
from initterm.theory.phases import variance_scaling
from initterm.theory.refusal import Refusal
from initterm.tui.bugs import ended_by
from initterm.tui.messages import Proposal, Sent
from initterm.tui.pane import Exported
from initterm.tui.remembered import Memory
from initterm.tui.selection import Selection
from initterm.tui.signal.form import KeptSignal, SignalForm
from initterm.tui.signal.keys import KEYS
from initterm.tui.signal.layer_plot import LayerPlot
from initterm.tui.signal.phase_map import PhaseMap
from initterm.tui.signal.view import SignalView, doing, predict
from initterm.tui.signal.viewed import ViewedSignal, cured

PAUSE_SECONDS = 0.15
"""How long nothing may change before it is measured: typing 30 shall not measure 3."""

RETRIES = 1
"""How often a measurement is asked for again when the engine was lost over it."""


class SignalPane(ViewedSignal):
    """The chain at the left; its plots or its phase diagram, strips and words at the right."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS
    first_setting = "signal-activation"
    how_to_go_on = "It is measured;"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._measured = False
        self._lost = 0

    def compose(self) -> ComposeResult:
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

    def _request(self) -> None:
        """Ask for the measurement that is owed, where somebody looks and there is an engine, unless a newer one is."""
        owed = self.board and self.board.experiment == self._asked and not self._measured and self._lost <= RETRIES
        if self.latest and self.board and self.display and owed:
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
            self.board = await cured(latest, board)
        except EngineLost as lost:
            self._measured, self._lost = False, self._lost + (not isinstance(lost, LineLost))
            self.say(str(lost))
        except (Refusal, EngineBroken) as problem:
            self.say(str(problem))
        except Exception as bug:
            self.say(ended_by(bug))
            raise
        self.redraw()

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

    @property
    def command(self) -> str:
        """Measures the same."""
        return command_line(self.board.experiment) if self.board else ""

    @property
    def exported(self) -> Exported | None:
        """Both plots, or every number; None as long as theory doesn't know what arrives."""
        from initterm.report.signal.results import signal_forms

        return ("initterm-signal", signal_forms(self.board)) if self.board and self.board.arrival else None
