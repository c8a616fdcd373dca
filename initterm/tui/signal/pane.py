"""Signal: what depth does to signal and gradient, predicted at once and measured a moment later."""

from __future__ import annotations

import asyncio
from typing import ClassVar, cast

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from initterm.experiments.command import command_line
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import LayersPassed, SignalEvent
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import NetworkSpec
from initterm.pipe.client import Engine
from initterm.pipe.errors import EngineBroken, EngineLost
from initterm.pipe.latest import Latest
from initterm.pipe.protocol import MeasureSignal
from initterm.pipe.state import LOADING, EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import percent, rounded
from initterm.theory.phases import Cure, cure, variance_scaling
from initterm.theory.propagation import Arrival
from initterm.theory.refusal import Refusal
from initterm.tui.bugs import ended_by
from initterm.tui.messages import SentToTrain
from initterm.tui.signal import view
from initterm.tui.signal.evidence import SignalEvidence
from initterm.tui.signal.form import SignalForm
from initterm.tui.signal.phase_map import PhaseMap

REDRAW_SECONDS = 0.1
PAUSE_SECONDS = 0.15
"""How long nothing may change before it is measured: typing 30 shall not measure 3."""

RETRIES = 1
"""How often a measurement is asked for again when the engine was lost over it."""


class SignalPane(Widget):
    """The chain at the left; its plots or its phase diagram, strips and words at the right."""

    HELP: ClassVar[str] = """\
# Signal

A batch goes forward through a deep chain of equal layers, a random gradient of std 1 goes back from the last one. Lines
are **theory** (the variance map, for wide layers), marks are **measured** in Keras layers; with several seeds they are
means, and uprights span the seeds. `0`, `∞` and `?` at the edge of a plot are exact zeros, infinities and what is not a
number.

Strips tell each layer against the first (gradients against the last): `·` within tenfold, `−` vanishing, `+` exploding.
*Dead* units are flat for every input. What has become less than 1e-30 is followed no further.

In a number's input the up and down keys change it. Gain multiplies every weight; σ_b is the std of the biases. Input:
random *normal* numbers, images *standardized* to mean 0 and variance 1, or their *pixels*.

The **phase diagram** (`p`) shows what theory says is left for each depth and weight variance σ_w² = fan_in·σ²; on the
critical line χ = 1 a gradient neither vanishes nor explodes.
"""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "edit('activation')", "activation"),
        Binding("d", "edit('depth')", "depth"),
        Binding("w", "edit('width')", "width", show=False),
        Binding("g", "edit('gain')", "gain"),
        Binding("b", "edit('bias-std')", "σ_b", show=False),
        Binding("s", "edit('seeds')", "seeds", show=False),
        Binding("i", "edit('input')", "input", show=False),
        Binding("p", "phases", "phases"),
        Binding("j", "jacobian", "Jacobian", show=False),
        Binding("t", "train", "train it"),
        Binding("e", "export", "export", show=False),
        Binding("Y", "copy_command", "copy the command", show=False),
        Binding("escape", "step_out", "back to the list", show=False),
    ]

    engine: reactive[Engine | None] = reactive(None)
    engine_state: reactive[EngineState] = reactive(LOADING, init=False)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.board: SignalBoard | None = None
        self.shown: tuple[InitializerSpec, ...] = ()
        self.cure: Cure | None = None
        self._latest: Latest | None = None
        self._measured = False
        self._refused = False
        self._lost = 0
        self._redraw_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """Controls at the left, evidence at the right."""
        with Horizontal():
            with VerticalScroll(classes="controls", can_focus=False):
                yield SignalForm()
            yield SignalEvidence()

    def on_mount(self) -> None:
        """Predict what the controls ask for at first."""
        self._ask()

    def on_show(self) -> None:
        """Measure what was not measured while nobody looked."""
        self._request()

    def focus_first(self) -> None:
        """Put the focus on the initializers."""
        self._form.contenders.focus()

    @property
    def _evidence(self) -> SignalEvidence:
        return self.query_one(SignalEvidence)

    @property
    def _form(self) -> SignalForm:
        return self.query_one(SignalForm)

    def take(self, initializer: InitializerSpec, activation: str | None) -> None:
        """Let an initializer take part that another pane sends, with an activation where one comes with it."""
        self._form.take(initializer, activation)

    def load(self, experiment: SignalExperiment) -> None:
        """Measure an experiment that another pane sends."""
        self._form.load(experiment)

    @on(SignalForm.Changed)
    def _form_changed(self) -> None:
        self._ask()

    def _ask(self, *, jacobian: bool = False) -> None:
        """Predict what the controls ask for, and have it measured if it is something else than before."""
        try:
            board = SignalBoard(self._form.experiment(jacobian=jacobian))
            _ = board.predictions
        except Refusal as refusal:
            self.workers.cancel_group(self, "measure")
            self._evidence.say(str(refusal))
            self._refused = True
            return
        if self.board and board.experiment == self.board.experiment and not self._refused:
            self._redraw()
            return
        self.workers.cancel_group(self, "measure")  # what it still has to tell is about another experiment
        self.board, self.shown = board, self._form.marked
        self._measured, self._lost, self._refused, self.cure = False, 0, False, None
        self._evidence.say("")
        self._redraw()
        self._think(board)
        self._request()

    @work(exclusive=True, group="theory")
    async def _think(self, board: SignalBoard) -> None:
        """What takes theory a moment: the cure, and the phase diagram where it is shown."""
        arrival = board.arrival or Arrival(board.experiment.chain.hidden[0])
        self.cure = await asyncio.to_thread(cure, board.experiment.chain, arrival)
        self._redraw()
        if self.has_class("-phases"):
            diagram = await asyncio.to_thread(view.diagram_of, board, arrival)
            self._map.show(diagram, board.experiment.chain.depth)

    def _request(self) -> None:
        """Ask for the measurement that is owed, where somebody looks and there is an engine."""
        if self.engine and self._latest is None:
            self._latest = Latest(self.engine)
        if self._latest and self.board and self.display and not self._measured and self._lost <= RETRIES:
            self._measured = True
            self._measure(self._latest, self.board)

    @work(exclusive=True, group="measure")
    async def _measure(self, latest: Latest, board: SignalBoard) -> None:
        """Fold the events as they come; something newer cancels this."""
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            async for event in latest.events(MeasureSignal(board.experiment)):
                board = board.after(cast(SignalEvent, event))
                self.board = board
                if isinstance(event, LayersPassed):
                    self._evidence.tell(self._doing(board))
                else:
                    self._redraw_soon()
        except EngineLost as lost:
            self._measured, self._lost = False, self._lost + 1
            self._evidence.say(str(lost))
        except (Refusal, EngineBroken) as problem:
            self._evidence.say(str(problem))
        except Exception as bug:
            self._evidence.say(ended_by(bug))
            raise
        self._redraw()

    def watch_engine_state(self, state: EngineState) -> None:
        """Ask again for what a lost engine still owes."""
        if state.ready:
            if self._lost and self._lost <= RETRIES:
                self._evidence.say("")
            self._request()
        if self.board:
            self._redraw()

    def _redraw_soon(self) -> None:
        """Events may come faster than a screen can be read: draw their sum, some times a second."""
        if self._redraw_timer is None:
            self._redraw_timer = self.set_timer(REDRAW_SECONDS, self._redraw)

    def _redraw(self) -> None:
        """Draw the whole state."""
        if self._redraw_timer:
            self._redraw_timer.stop()
            self._redraw_timer = None
        if self.board is None:
            return
        chosen = min(self._form.chosen, len(self.shown) - 1)
        self._evidence.show(view.SignalView(self.board, self.shown), chosen, self.cure)
        self._evidence.tell(self._doing(self.board))

    def _doing(self, board: SignalBoard) -> str:
        if board.complete:
            return view.source_sentence(board)
        if self.engine_state.trouble:
            return self.engine_state.trouble
        if not self.engine_state.ready:
            return "The measurement comes as soon as TensorFlow is there."
        return f"{board.doing.capitalize()} … {percent(board.share_done)}"

    @property
    def _map(self) -> PhaseMap:
        return self.query_one(PhaseMap)

    def action_phases(self) -> None:
        """Show the phase diagram instead of the plots, or the plots again."""
        self.toggle_class("-phases")
        if self.has_class("-phases") and self.board:
            self._map.focus()
            self._think(self.board)
        else:
            self.focus_first()

    @on(PhaseMap.Moved)
    def _phase_moved(self) -> None:
        self._evidence.show_place(view.phase_words(self._map, self.board))

    @on(PhaseMap.Chosen)
    def _phase_chosen(self, event: PhaseMap.Chosen) -> None:
        """Draw the place of the diagram: its depth, and an initializer of its weight variance beside the others."""
        self.remove_class("-phases")
        self._form.take(variance_scaling(rounded(event.weight_variance, 3)), None, event.depth)
        self.focus_first()

    def action_edit(self, control: str) -> None:
        """Put the cursor into a control."""
        self._form.edit(control)

    def action_jacobian(self) -> None:
        """Measure the singular values of the Jacobian too."""
        self._ask(jacobian=True)

    def action_train(self) -> None:
        """Take the initializers and the network to Train."""
        if self.board is None:
            return
        chain = self.board.experiment.chain
        try:
            NetworkSpec.of(chain)
        except Refusal as refusal:
            self._evidence.say(str(refusal))
            return
        for initializer in self.board.experiment.contenders:
            self.post_message(SentToTrain(initializer, chain.activation, chain))

    def action_export(self) -> None:
        """Write both plots, or every number, to a file."""
        from initterm.tui.export import ExportScreen
        from initterm.tui.signal.export import forms

        if self.board:
            self.app.push_screen(ExportScreen("initterm-signal", forms(self.board)))

    def action_copy_command(self) -> None:
        """Copy the command that measures the same."""
        if self.board:
            command = command_line(self.board.experiment)
            self.app.copy_to_clipboard(command)
            self.notify(command, title="Copied", markup=False)

    def action_step_out(self) -> None:
        """Step from the diagram to the plots, and from there to the list."""
        self.remove_class("-phases")
        self.focus_first()
