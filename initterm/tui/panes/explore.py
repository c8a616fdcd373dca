"""Explore: choose an initializer and a shape, see its histogram beside the law it should follow."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from initterm.engine.state import LOADING, EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import LARGEST_SEED, parse_seed
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape
from initterm.tui.messages import SentToTrain
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.initializer_list import InitializerList
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.problem import Problem

if TYPE_CHECKING:
    from initterm.engine.client import Engine
    from initterm.engine.protocol import Drawn
    from initterm.theory.laws import Law

DEFAULT_SHAPE, DEFAULT_SEED = "784x256", 42
AWAITING, DRAWING = "The sample comes as soon as TensorFlow is there.", "Drawing the sample …"
TOO_MUCH = "The engine ended each time it drew this kernel; choose another one."
RETRIES = 1
"""How often a kernel is asked for again when the engine was lost over it."""


@dataclass(frozen=True)
class Choice:
    """What is looked at."""

    initializer: InitializerSpec
    shape: Shape
    seed: int


class ExplorePane(Widget):
    """The law at once, the sample as soon as the engine has drawn it."""

    HELP: ClassVar[str] = """\
# Explore

Choose an initializer with the arrow keys. The **line** is the law that the initializer promises for this shape; the
**bars** are a kernel that Keras has just drawn. *off by* counts standard errors: a true sample is rarely off by more
than 3.

Shapes are written `784x256` (Dense) or `3x3x64x128` (Conv2D). The list's input takes part of a name, or an
initializer with its parameters, such as `variance_scaling(scale=2.0, mode='fan_in', distribution='uniform')`, and
Enter.
"""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("s", "edit('shape')", "shape"),
        Binding("d", "edit('seed')", "seed", show=False),
        Binding("n", "next_seed", "next seed"),
        Binding("y", "copy_line", "copy"),
        Binding("t", "train", "train it"),
        Binding("escape", "focus_list", "back to the list", show=False),
    ]

    engine: reactive[Engine | None] = reactive(None)
    engine_state: reactive[EngineState] = reactive(LOADING)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.choice = Choice(InitializerSpec("he_normal"), Shape.parse(DEFAULT_SHAPE), DEFAULT_SEED)
        self.law: Law | None = None
        self.sample: Drawn | None = None
        self._lost = 0

    def compose(self) -> ComposeResult:
        """Controls at the left, evidence at the right."""
        with Horizontal():
            with VerticalScroll(classes="controls", can_focus=False):
                yield InitializerList(id="initializers")
                yield Field("Shape", DEFAULT_SHAPE, Shape.parse, id="shape")
                yield Field("Seed", str(DEFAULT_SEED), parse_seed, id="seed")
                yield Static(id="fans")
            with VerticalScroll(classes="evidence", can_focus=False):
                yield Static(id="headline")
                yield Plot(id="histogram")
                yield Problem(id="problem")
                yield Static(id="statistics")
                yield Static(id="formula")
                yield Static(id="origin", classes="secondary")
                yield Static(id="fit")
                yield Static(id="keras", markup=False)

    def on_mount(self) -> None:
        """Draw the first law once the first frame stands: numpy and plotext are imported for it."""
        self.focus_first()
        self.call_after_refresh(self.choose, self.choice)

    def focus_first(self) -> None:
        """Put the focus where arrow keys choose."""
        self.query_one(InitializerList).focus_options()

    def take(self, initializer: InitializerSpec) -> None:
        """Show an initializer that another pane sends."""
        self.query_one(InitializerList).select(initializer)
        self.choose(replace(self.choice, initializer=initializer))

    def choose(self, choice: Choice) -> None:
        """Show the choice's law now, and ask for its sample."""
        from initterm.theory.laws import law_of

        self.choice, self.law, self.sample, self._lost = choice, None, None, 0
        try:
            self.law = law_of(choice.initializer, choice.shape)
        except Refusal as refusal:
            self.workers.cancel_group(self, "draw")
            self._show(str(refusal))
            return
        self._show()
        self._request_sample()

    def watch_engine_state(self, state: EngineState) -> None:
        """Ask for what the engine still owes, or say that there is none."""
        if self.law is None or self.sample:
            return
        if state.kind == "failed":
            self._show(state.text)
        elif state.ready and self._lost <= RETRIES:
            self._show()
            if not self._drawing:
                self._request_sample()

    @property
    def _drawing(self) -> bool:
        """Whether a sample was asked for and is awaited."""
        return any(worker.group == "draw" and worker.is_running for worker in self.workers if worker.node is self)

    def _request_sample(self) -> None:
        if self.engine:
            self._draw(self.engine, self.choice)

    @work(exclusive=True, group="draw")
    async def _draw(self, engine: Engine, choice: Choice) -> None:
        """Wait for the sample; a newer choice cancels this."""
        from initterm.engine.client import EngineBroken, EngineLost
        from initterm.engine.protocol import Draw, Drawn

        try:
            sample = await asyncio.wrap_future(engine.draw(Draw(choice.initializer, choice.shape, choice.seed)))
        except EngineLost as lost:
            self._lost += 1
            self._show(str(lost) if self._lost <= RETRIES else TOO_MUCH)
        except (Refusal, EngineBroken) as problem:
            self._show(str(problem))
        else:
            if isinstance(sample, Drawn):
                self.sample = sample
                self._show()

    def _show(self, problem: str = "") -> None:
        from initterm.tui import kernel_view as view

        choice, law, sample = self.choice, self.law, self.sample
        self.query_one("#headline", Static).update(view.headline(choice.initializer, choice.shape, choice.seed))
        self.query_one("#problem", Problem).say(problem)
        self.query_one("#fans", Static).update(f"fan_in {choice.shape.fan_in:,}\nfan_out {choice.shape.fan_out:,}")
        self.query_one("#keras", Static).update(choice.initializer.keras_line)
        self.query_one("#origin", Static).update(view.origin(choice.initializer))
        self.set_class(law is None, "-refused")
        if law:
            self.query_one(Plot).drawing = view.drawing_of(law, choice.initializer, sample)
            self.query_one("#statistics", Static).update(
                view.statistics(law, choice.initializer, sample, choice.shape.count)
            )
            self.query_one("#formula", Static).update(f"{law.formula} · {law.words}")
            waiting = DRAWING if self.engine_state.ready else AWAITING
            self.query_one("#fit", Static).update(view.fit_sentence(law, sample) or ("" if problem else waiting))

    @on(InitializerList.Chosen)
    def _initializer_chosen(self, event: InitializerList.Chosen) -> None:
        if event.initializer != self.choice.initializer:
            self.choose(replace(self.choice, initializer=event.initializer))

    @on(Field.Changed, "#shape")
    def _shape_changed(self, event: Field.Changed) -> None:
        self.choose(replace(self.choice, shape=event.value))

    @on(Field.Changed, "#seed")
    def _seed_changed(self, event: Field.Changed) -> None:
        self.choose(replace(self.choice, seed=event.value))

    def action_filter(self) -> None:
        """Type to filter the list."""
        self.query_one(InitializerList).focus_filter()

    def action_edit(self, field: str) -> None:
        """Put the cursor into an input."""
        self.query_one(f"#{field}", Field).focus_input()

    def action_next_seed(self) -> None:
        """Draw with the next seed."""
        self.query_one("#seed", Field).set_text(str((self.choice.seed + 1) % (LARGEST_SEED + 1)))

    def action_copy_line(self) -> None:
        """Copy the Keras line."""
        line = self.choice.initializer.keras_line
        self.app.copy_to_clipboard(line)
        self.notify(line, title="Copied", markup=False)

    def action_train(self) -> None:
        """Take the initializer to Train."""
        self.post_message(SentToTrain(self.choice.initializer))

    def action_focus_list(self) -> None:
        """Step back to the list."""
        self.focus_first()
