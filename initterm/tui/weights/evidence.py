"""What Explore shows: one kernel in full, or several beside or over each other, with their table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message

from initterm.report.weights.words import fit_sentence
from initterm.theory.initializers import InitializerSpec
from initterm.tui.messages import Painted, frozen
from initterm.tui.weights import comparison, pointed, view
from initterm.tui.weights.choice import KernelChoice
from initterm.tui.weights.comparison import ComparedInitializer, ComparisonTable, Sorting
from initterm.tui.widgets.drawing import Window
from initterm.tui.widgets.frame import framed
from initterm.tui.widgets.movable_plot import MovableGrid, MovablePlot
from initterm.tui.widgets.plot_grid import GridPlot
from initterm.tui.widgets.sentence import Problem, Sentence

UPPER_TAIL = Window((0.75, 1.0), (0.0, 0.3))


class ComparisonRows(Sentence):
    """The table; its heads can be clicked."""

    @frozen
    class HeadClicked(Message):
        """A column's head was clicked."""

        column: int

    def action_sort_by(self, column: int) -> None:
        self.post_message(self.HeadClicked(column))


class KernelEvidence(VerticalScroll, can_focus=False):
    """Draws what it is told; knows only in which order its table stands, and which part of a picture is looked at."""

    @frozen
    class Chosen(Message):
        """An initializer's panel was clicked."""

        initializer: InitializerSpec

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="evidence -one")
        self.sorting = Sorting()
        self._shown: tuple[KernelChoice, Sequence[ComparedInitializer]] | None = None

    def compose(self) -> ComposeResult:
        yield Sentence(id="headline")
        yield MovablePlot(id="histogram")
        yield MovableGrid(id="panels")
        yield Sentence(id="pointed", markup=False)
        yield Problem(id="problem")
        yield Sentence(id="statistics")
        with VerticalScroll(id="comparison"):
            yield ComparisonRows(id="rows")
        yield Sentence(id="formula", markup=False)
        yield Sentence(id="origin", classes="secondary", markup=False)
        yield Sentence(id="fit", markup=False)
        yield Sentence(id="keras", markup=False)

    def show(
        self, choice: KernelChoice, compared: Sequence[ComparedInitializer], chosen: ComparedInitializer, waiting: str
    ) -> None:
        """Show all that a choice shows.

        Args:
            choice: what was chosen.
            compared: each initializer that it shows.
            chosen: the one under the cursor.
            waiting: what is being done for those whose sample isn't there yet.
        """
        if self._shown is None or _subject(choice) != _subject(self._shown[0]):
            self.look(None)
        self._shown = choice, compared
        classes = {f"-{name}": choice.view == name for name in ("one", "grid", "overlay")}
        self.update_classes({**classes, "-refused": chosen.law is None})
        self.query_one("#keras", Sentence).update(chosen.initializer.keras_line)
        self.query_one("#origin", Sentence).update(view.origin(chosen.initializer))
        if chosen.law:
            self.query_one("#formula", Sentence).update(chosen.law.formula)
            said = fit_sentence(chosen.law, chosen.sample) if chosen.sample else f"{chosen.law.words}. {waiting}"
            self.query_one("#fit", Sentence).update(said)
        if choice.view == "one":
            self._show_one(choice, chosen)
        else:
            self._show_several(choice, compared)

    def _show_one(self, choice: KernelChoice, one: ComparedInitializer) -> None:
        self.query_one("#headline", Sentence).update(view.headline(one.initializer, choice.shape, choice.seed))
        if one.law:
            self.query_one("#histogram", MovablePlot).drawing = view.drawing_of(one.law, one.initializer, one.sample)
            statistics = view.Statistics(one.law, one.initializer, one.sample, choice.shape.count)
            self.query_one("#statistics", Sentence).update(statistics)

    def _show_several(self, choice: KernelChoice, compared: Sequence[ComparedInitializer]) -> None:
        self.query_one("#headline", Sentence).update(comparison.headline(choice))
        if choice.view == "overlay":
            self.query_one("#histogram", MovablePlot).drawing = comparison.overlay(compared, choice.initializer)
        else:
            self.query_one(MovableGrid).show(_panels(choice, compared))
        self._show_rows(choice, compared)

    def _show_rows(self, choice: KernelChoice, compared: Sequence[ComparedInitializer]) -> None:
        self.query_one(ComparisonRows).update(ComparisonTable(compared, self.sorting, choice.initializer))

    def tell(self, doing: str) -> None:
        """Say how a kernel that takes a while goes on."""
        self.query_one("#fit", Sentence).update(doing)

    def sort(self, *, by: int = 0, turned: bool = False) -> None:
        """Sort the table by so many columns further, or the other way round."""
        if self._shown:
            self.sorting = self.sorting.turned() if turned else self.sorting.moved(by)
            self._show_rows(*self._shown)

    def look(self, window: Window | None) -> None:
        """Look at a part of each picture, at the whole where there is no window."""
        self.query_one("#histogram", MovablePlot).window = window
        self.query_one(MovableGrid).look(window)

    def zoom(self) -> None:
        """Look at the upper tail, or at all where a part was looked at."""
        self.look(UPPER_TAIL if all(plot.window is None for plot in self.query(MovablePlot)) else None)

    @on(Painted)
    def _painted(self) -> None:
        """Say what there is to see, which follows from the room that there was."""
        if self._shown:
            plot = self.query("#panels MovablePlot" if self._shown[0].view == "grid" else "#histogram").first(
                MovablePlot
            )
            frame = framed(plot.seen, plot.size)
            residuals = frame and frame.residual_lines and plot.drawing.bars and plot.drawing.bars.expected
            hint = pointed.hint(self._shown[0].view, residuals=bool(residuals))
            self.query_one("#pointed", Sentence).update(hint)

    @on(MovablePlot.Pointed)
    def _pointed(self, event: MovablePlot.Pointed) -> None:
        event.stop()
        if event.x is None:
            self._painted()
        elif ones := self._ones_in(event.plot):
            self.query_one("#pointed", Sentence).update(pointed.words(ones, event.x))

    @on(MovablePlot.Chosen)
    def _chosen(self, event: MovablePlot.Chosen) -> None:
        event.stop()
        ones = self._ones_in(event.plot)
        if len(ones) == 1:
            self.post_message(self.Chosen(ones[0].initializer))

    def _ones_in(self, plot: MovablePlot) -> Sequence[ComparedInitializer]:
        """What a plot shows."""
        compared = self._shown[1] if self._shown else ()
        if plot.id == "histogram":
            return compared
        place = self.query("#panels MovablePlot").nodes.index(plot)
        return compared[place : place + 1]

    @on(ComparisonRows.HeadClicked)
    def _head_clicked(self, event: ComparisonRows.HeadClicked) -> None:
        event.stop()
        if self._shown:
            self.sorting = self.sorting.by(event.column)
            self._show_rows(*self._shown)


def _subject(choice: KernelChoice) -> object:
    """What a picture is of: another one is looked at as a whole first."""
    return choice.view, choice.shape, choice.shown


def _panels(choice: KernelChoice, compared: Sequence[ComparedInitializer]) -> list[GridPlot]:
    """A panel each, all on one scale."""
    scale = comparison.common_scale(compared)
    return [
        GridPlot((one.key, choice.shape, choice.seed, scale), partial(comparison.panel, one, scale)) for one in compared
    ]
