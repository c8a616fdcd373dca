"""Explore: choose initializers and a shape, see each histogram beside the law it should follow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from initterm.pipe.state import LOADING, EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import LARGEST_SEED, parse_seed, seconds
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import PRESETS, Shape
from initterm.tui.bugs import ended_by
from initterm.tui.messages import SentToSignal, SentToTrain
from initterm.tui.weights.choice import MOST_COMPARED, KernelChoice
from initterm.tui.weights.evidence import KernelEvidence
from initterm.tui.weights.parameter_form import ParameterForm
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.initializer_list import InitializerList
from initterm.tui.widgets.sentence import Sentence

if TYPE_CHECKING:
    from initterm.experiments.weights.events import Draw, Drawn
    from initterm.pipe.client import Engine
    from initterm.pipe.latest import Latest
    from initterm.tui.weights.comparison import Compared
    from initterm.tui.weights.samples import KernelSamples

DEFAULT_SHAPE, DEFAULT_SEED = "784x256", 42
AWAITING, DRAWING = "The sample comes as soon as TensorFlow is there.", "Drawing the sample …"
JOINS = "Space lets it join the comparison."
TOO_MUCH = "The engine ended each time it drew this kernel; choose another one."
RETRIES = 1
"""How often a kernel is asked for again when the engine was lost over it."""

LAW_SECONDS = 0.05
"""How long the law waits for the sample, so that where that comes at once both are drawn together."""

REST_SECONDS = 0.08
"""How long a choice must stand before its kernel is drawn, where choices come faster than kernels are drawn."""

LARGE = 2**22
"""From so many weights on a choice must stand that long in any case."""


class ExplorePane(Widget):
    """The law at once, the sample as soon as the engine has drawn it."""

    HELP: ClassVar[str] = """\
# Explore

Choose an initializer with the arrow keys. The **line** is the law that the initializer promises for this shape; the
**bars** are a kernel that Keras has just drawn. *off by* counts standard errors: a true sample is rarely off by more
than 3. *KS* is the Kolmogorov-Smirnov test: D is how far sample and law lie apart, p how often chance does as much.

**Compare.** Space marks initializers, also the same one with other parameters; two or more stand beside each other on
one axis, `o` lays them over each other (law solid, sample dashed), `c` goes back to the one under the cursor. `<` and
`>` choose the column that the table is sorted by, `r` turns it round.

**Parameters** are edited under the list (`p`); an initializer of the catalogue stays, and the edited one joins it.
Or type one whole into the list's input and press Enter: `variance_scaling(scale=2.0, mode='fan_in',
distribution='uniform')`. Delete takes an added one out again.

**Shapes** are written `784x256` (Dense) or `3x3x64x128` (Conv2D); `S` goes through three well-known ones. `f` tells
what Keras, PyTorch and Flax start this layer from.

**Taking it along.** `y` copies the Keras line, `Y` the command that shows the same, `e` writes CSV, JSON or a figure.
"""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("s", "edit('shape')", "shape", show=False),
        Binding("S", "next_preset", "well-known shape", show=False),
        Binding("p", "edit_parameters", "parameters", show=False),
        Binding("d", "edit('seed')", "seed", show=False),
        Binding("n", "next_seed", "next seed", show=False),
        Binding("c", "compare", "compare", show=False),
        Binding("o", "overlay", "overlay"),
        Binding("less_than_sign", "sort(-1)", "sort by the column before", key_display="<", show=False),
        Binding("greater_than_sign", "sort(1)", "sort by the next column", key_display=">", show=False),
        Binding("r", "turn", "turn the order round", show=False),
        Binding("f", "frameworks", "frameworks", show=False),
        Binding("y", "copy_line", "copy"),
        Binding("Y", "copy_command", "copy the command", show=False),
        Binding("e", "export", "export"),
        Binding("t", "train", "train it", show=False),
        Binding("g", "signal", "its signal", show=False),
        Binding("escape", "step_out", "step out", show=False),
    ]

    engine: reactive[Engine | None] = reactive(None)
    engine_state: reactive[EngineState] = reactive(LOADING)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.choice = KernelChoice(InitializerSpec("he_normal"), Shape.parse(DEFAULT_SHAPE), DEFAULT_SEED)
        self._samples: KernelSamples | None = None
        self._latest: Latest | None = None
        self._law_timer: Timer | None = None
        self._lost = 0

    def compose(self) -> ComposeResult:
        """Controls at the left, evidence at the right."""
        with Horizontal():
            with Vertical(classes="controls"):
                yield InitializerList(id="initializers", most_marked=MOST_COMPARED)
                yield ParameterForm(id="parameters")
                yield Field("Shape", DEFAULT_SHAPE, Shape.parse, id="shape")
                yield Field("Seed", str(DEFAULT_SEED), parse_seed, id="seed")
                yield Sentence(id="fans")
            yield KernelEvidence(id="kernels")

    def on_mount(self) -> None:
        """Draw the first law once the first frame stands: numpy and plotext are imported for it."""
        self.focus_first()
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        from initterm.tui.weights.samples import KernelSamples

        self._samples = KernelSamples()
        self.choose(self.choice)

    def focus_first(self) -> None:
        """Put the focus where arrow keys choose."""
        self.query_one(InitializerList).focus_options()

    def take(self, initializer: InitializerSpec) -> None:
        """Show an initializer that another pane sends."""
        self.query_one(InitializerList).select(initializer)
        self.choose(replace(self.choice, initializer=initializer, view="one"))

    @property
    def chosen(self) -> Compared | None:
        """The initializer under the cursor with its law and sample; None before the first law is drawn."""
        return self._samples.one(self.choice.initializer, self.choice) if self._samples else None

    @property
    def compared(self) -> Sequence[Compared]:
        """All that the choice shows."""
        return self._samples.compared(self.choice) if self._samples else ()

    @property
    def sample(self) -> Drawn | None:
        """The sample under the cursor, once it is drawn."""
        return self.chosen.sample if self.chosen else None

    def choose(self, choice: KernelChoice) -> None:
        """Show the choice's laws, and ask for the samples that are missing."""
        if self._samples is None:
            self.choice = choice
            return
        hurried = self._drawing or choice.shape.count >= LARGE
        self.choice, self._lost = choice, 0
        self._samples.forget_refusals()
        self.query_one(ParameterForm).show(choice.initializer)
        if self.engine_state.ready and any(self._samples.missing(choice)):
            self._law_timer = self._law_timer or self.set_timer(LAW_SECONDS, self._show)
        else:
            self._show()
        self._fetch(REST_SECONDS if hurried else 0.0)

    def watch_engine(self, engine: Engine | None) -> None:
        """Ask this engine from now on."""
        if engine:
            from initterm.pipe.latest import Latest

            self._latest = Latest(engine)

    def watch_engine_state(self, state: EngineState) -> None:
        """Ask for what the engine still owes, or say that there is none."""
        if self._samples is None or not any(self._samples.missing(self.choice)):
            return
        if state.trouble:
            self._show(state.trouble)
        elif state.ready and self._lost <= RETRIES:
            self._show()
            if not self._drawing:
                self._fetch(0.0)

    @property
    def _drawing(self) -> bool:
        """Whether a sample was asked for and is awaited."""
        return any(worker.group == "draw" and worker.is_running for worker in self.workers if worker.node is self)

    @work(exclusive=True, group="draw")
    async def _fetch(self, rest: float) -> None:
        """Wait for the samples that are missing; a newer choice cancels this."""
        if self._latest is None or self._samples is None or not self.engine_state.ready:
            return
        from initterm.pipe.errors import EngineBroken, EngineLost

        await asyncio.sleep(rest)
        for request in [*self._samples.missing(self.choice)]:
            try:
                await self._draw(self._latest, self._samples, request)
            except (Refusal, EngineBroken) as problem:
                self._samples.refuse(request, str(problem))
            except EngineLost as lost:
                self._lost += 1
                self._show(str(lost) if self._lost <= RETRIES else TOO_MUCH)
                return
            except Exception as bug:
                self._show(ended_by(bug))
                raise
            self._show()

    async def _draw(self, latest: Latest, samples: KernelSamples, request: Draw) -> None:
        """Draw one kernel, and say how it goes on."""
        from initterm.experiments.weights.events import DrawAdvanced, Drawn
        from initterm.report.weights.words import stage_of

        began = time.monotonic()
        async with aclosing(latest.events(request)) as events:
            async for event in events:
                if isinstance(event, Drawn):
                    samples.keep(request, event)
                    return
                if isinstance(event, DrawAdvanced):
                    self.query_one(KernelEvidence).tell(
                        f"{request.initializer}: {stage_of(event)} · {seconds(time.monotonic() - began)} …"
                    )

    def _show(self, problem: str = "") -> None:
        """Show the choice as far as it is there."""
        if self._law_timer:
            self._law_timer.stop()
            self._law_timer = None
        samples, choice = self._samples, self.choice
        if samples is None:
            return
        from initterm.tui.weights import view

        chosen, compared = samples.one(choice.initializer, choice), samples.compared(choice)
        refusals = dict.fromkeys(one.refusal for one in (chosen, *compared) if one.refusal)
        evidence = self.query_one(KernelEvidence)
        self.query_one("#fans", Sentence).update(view.fans(choice.shape))
        evidence.show(choice, compared, chosen, "" if problem or chosen.refusal else self._waiting)
        evidence.say(problem or " ".join(refusals))

    @property
    def _waiting(self) -> str:
        """What the sample under the cursor waits for."""
        if self.choice.initializer not in self.choice.shown:
            return JOINS
        return DRAWING if self.engine_state.ready else AWAITING

    @on(InitializerList.Chosen)
    def _initializer_chosen(self, event: InitializerList.Chosen) -> None:
        if event.initializer != self.choice.initializer:
            self.choose(replace(self.choice, initializer=event.initializer))

    @on(InitializerList.Marked)
    def _initializers_marked(self, event: InitializerList.Marked) -> None:
        """A second mark begins a comparison, the last one's end is its end."""
        view = self.choice.view
        if len(event.marked) == 2 and len(self.choice.marked) < 2 and view == "one":
            view = "grid"
        self.choose(replace(self.choice, marked=event.marked, view=view if event.marked else "one"))

    @on(ParameterForm.Changed)
    def _parameters_changed(self, event: ParameterForm.Changed) -> None:
        initializers = self.query_one(InitializerList)
        initializers.edit(self.choice.initializer, event.initializer)
        self.choose(replace(self.choice, initializer=event.initializer, marked=initializers.marked))

    @on(Field.Changed, "#shape")
    def _shape_changed(self, event: Field.Changed) -> None:
        self.choose(replace(self.choice, shape=event.value))

    @on(Field.Changed, "#seed")
    def _seed_changed(self, event: Field.Changed) -> None:
        self.choose(replace(self.choice, seed=event.value))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """Offer to sort while there is a table."""
        return self.choice.view != "one" if action in ("sort", "turn") else True

    def action_filter(self) -> None:
        """Type to filter the list."""
        self.query_one(InitializerList).focus_filter()

    def action_edit(self, field: str) -> None:
        """Put the cursor into an input."""
        self.query_one(f"#{field}", Field).focus_input()

    def action_edit_parameters(self) -> None:
        """Put the cursor into the first parameter."""
        if not self.query_one(ParameterForm).focus_first():
            name = self.choice.initializer.name
            self.notify(f"{name} has no parameters; variance_scaling has its scale, mode and distribution.")

    def action_next_preset(self) -> None:
        """Take the next of the well-known shapes."""
        shapes = [preset.shape for preset in PRESETS]
        at = shapes.index(self.choice.shape) if self.choice.shape in shapes else -1
        preset = PRESETS[(at + 1) % len(PRESETS)]
        self.query_one("#shape", Field).set_text(str(preset.shape))
        self.notify(f"{preset.shape}: {preset.name}")

    def action_next_seed(self) -> None:
        """Draw with the next seed."""
        self.query_one("#seed", Field).set_text(str((self.choice.seed + 1) % (LARGEST_SEED + 1)))

    def action_compare(self) -> None:
        """Show all that are marked beside each other, or the one under the cursor again."""
        self.choose(replace(self.choice, view="grid" if self.choice.view == "one" else "one"))

    def action_overlay(self) -> None:
        """Lay all that are marked over each other, or beside each other again."""
        self.choose(replace(self.choice, view="grid" if self.choice.view == "overlay" else "overlay"))

    def action_sort(self, by: int) -> None:
        """Sort the table by another column."""
        self.query_one(KernelEvidence).sort(by=by)

    def action_turn(self) -> None:
        """Turn the table's order round."""
        self.query_one(KernelEvidence).sort(turned=True)

    def action_frameworks(self) -> None:
        """Tell what other frameworks start such a layer from; Enter there takes one along."""
        from initterm.tui.weights.frameworks import FrameworksScreen

        def take(initializer: InitializerSpec | None) -> None:
            if initializer:
                self.take(initializer)

        self.app.push_screen(FrameworksScreen(self.choice.shape), take)

    def action_copy_line(self) -> None:
        """Copy the Keras line."""
        self._copy(self.choice.initializer.keras_line)

    def action_copy_command(self) -> None:
        """Copy the command that shows the same."""
        self._copy(self.choice.command)

    def _copy(self, text: str) -> None:
        self.app.copy_to_clipboard(text)
        self.notify(text, title="Copied", markup=False)

    def action_export(self) -> None:
        """Write what is shown to a file."""
        from initterm.tui.export import ExportScreen
        from initterm.tui.weights.export import forms_of

        samples = [one.sample for one in self.compared if one.sample]
        if not samples or len(samples) < len(self.compared):
            self.notify("There is no sample of everything shown yet; export when all are drawn.", severity="warning")
            return
        self.app.push_screen(ExportScreen(f"initterm-{self.choice.shape}", forms_of(samples)))

    def action_train(self) -> None:
        """Take the initializer to Train."""
        self.post_message(SentToTrain(self.choice.initializer))

    def action_signal(self) -> None:
        """Take the initializer to Signal."""
        self.post_message(SentToSignal(self.choice.initializer))

    @on(Field.Submitted)
    def _field_submitted(self) -> None:
        self.focus_first()

    def action_step_out(self) -> None:
        """Step from an input back to the list, from the list's comparison back to one kernel."""
        options = self.query_one(InitializerList)
        if self.choice.view != "one" and options.at_options:
            self.action_compare()
        self.focus_first()
