"""The right side of the pane: plots, ridges, correlations or phase diagram, strips, words, and what is happening."""

from __future__ import annotations

from dataclasses import replace

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.theme import Theme
from textual.widgets import Static

from initterm.experiments.signal.board import SignalBoard
from initterm.tui.signal.layer_plot import LayerPlot
from initterm.tui.signal.phase_map import PhaseMap
from initterm.tui.signal.phases import phase_words, profile_of
from initterm.tui.signal.ridge_plot import RidgePlot
from initterm.tui.signal.scale import DivergingScale
from initterm.tui.signal.strips import StripTable
from initterm.tui.signal.view import VIEWS, PictureKind, SignalView
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.movable import Movable
from initterm.tui.widgets.sentence import Problem, Sentence


class SignalEvidence(VerticalScroll, can_focus=False):
    """The right side of the pane, from the answer down to what it rests on."""

    DEFAULT_CLASSES = "evidence"
    _strips: StripTable | None = None

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._colour_strips)

    def compose(self) -> ComposeResult:
        yield Static(id="signal-headline")
        with Horizontal(id="signal-plots"):
            yield LayerPlot(id="forward")
            yield LayerPlot(id="backward")
        with Horizontal(id="signal-ridges"):
            yield RidgePlot(id="forward-ridge")
            yield RidgePlot(id="backward-ridge")
        yield CurvePlot(id="correlations")
        with Horizontal(id="signal-map"):
            yield PhaseMap(id="phases")
            yield LayerPlot(id="profile")
        yield Sentence(id="phase-words")
        yield Static(id="strips")
        yield Sentence(id="signal-words", classes="words")
        yield Sentence(id="aside", classes="secondary words", markup=False)
        yield Sentence(id="fix", classes="words", markup=False)
        yield Problem(id="problem")
        yield Sentence(id="signal-doing", classes="secondary", markup=False)

    @property
    def problem(self) -> str:
        """What stands in the way; empty where nothing does."""
        return self.query_one(Problem).sentence

    @property
    def kind(self) -> PictureKind:
        """Which picture is shown."""
        return next((kind for kind in VIEWS if self.has_class(f"-{kind}")), VIEWS[0])

    def turn_to(self, kind: PictureKind) -> None:
        """Show another picture."""
        for one in VIEWS:
            self.set_class(one == kind, f"-{one}")

    def show(self, shown: SignalView) -> None:
        """Draw everything, with the words for the chosen initializer."""
        self.query_one("#signal-headline", Static).update(shown.headline(), layout=False)
        for name, plot in zip(("#forward", "#backward"), shown.plots(), strict=True):
            self.query_one(name, LayerPlot).drawing = plot
        for name, ridge in zip(("#forward-ridge", "#backward-ridge"), shown.ridges(), strict=True):
            self.query_one(name, RidgePlot).drawing = ridge
        self.query_one("#correlations", CurvePlot).picture = shown.correlations()
        self._show_strips(StripTable(shown.board, shown.shown, DivergingScale.of(self.app)))
        self.query_one("#signal-words", Sentence).update(shown.words())
        aside = shown.aside()
        self.query_one("#aside", Sentence).update(aside)
        self.query_one("#aside").set_class(not aside, "-empty")
        self.query_one("#fix", Sentence).update(shown.fix())

    def _show_strips(self, strips: StripTable) -> None:
        part = self.query_one("#strips", Static)
        part.update(strips, layout=part.content_size.height != strips.lines)
        self._strips = strips

    def _colour_strips(self, _: Theme) -> None:
        """Colour the strips for the theme that is chosen now."""
        if self._strips:
            self._show_strips(replace(self._strips, scale=DivergingScale.of(self.app)))

    @property
    def whole(self) -> bool:
        """Whether all of each plot is looked at."""
        return all(plot.window is None for plot in self.query(LayerPlot))

    def look_at_all(self) -> None:
        """Look at all of each plot."""
        for plot in self.query(LayerPlot):
            plot.look(None)

    @on(Movable.Moved)
    def _moved(self, event: Movable.Moved) -> None:
        """Show the same part of signal and gradient, which have one axis and the same layers."""
        event.stop()
        for plot in event.plot.parent.query_children(LayerPlot) if event.plot.parent else ():
            plot.look(event.plot.window)

    @on(events.Click, "#strips")
    def _strip_clicked(self, event: events.Click) -> None:
        """Choose the initializer whose strip was clicked."""
        if event.y:
            self.post_message(LayerPlot.LineChosen(event.y - 1))

    def tell(self, doing: str) -> None:
        """Tell what is happening, as long as nothing stands in the way."""
        self.query_one("#signal-doing", Sentence).update("" if self.problem else doing)

    def show_place(self, board: SignalBoard | None) -> None:
        """What is under the cursor of the phase diagram."""
        phase_map = self.query_one(PhaseMap)
        self.query_one("#phase-words", Sentence).update(phase_words(phase_map, board))
        self.query_one("#profile", LayerPlot).drawing = profile_of(phase_map)
