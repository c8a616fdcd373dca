"""What is shown of trainings that are watched: how they stand, curves, a map of layers, what was named."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from initterm.experiments.watch.board import WatchBoard
from initterm.tui.watch.curves import measures_of, picture_of
from initterm.tui.watch.maps import LayerMap, columns_of, grid_of, maps_of
from initterm.tui.watch.watched_runs import WatchedRuns
from initterm.tui.watch.words import INVITATION, cell_words, named_words, standing_words
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.heat_grid import MOST_LABEL_SHARE, HeatGrid
from initterm.tui.widgets.heat_map import HeatMap
from initterm.tui.widgets.sentence import Problem, Sentence

ROOM_FOR_BOTH = 100
"""Columns in which the loss and a metric stand side by side."""

PADDING = 2
"""Columns of the screen beside what is drawn."""

LEAST_CELL = 5
"""Columns in which a cell tells its number."""


class WatchEvidence(Vertical):
    """Everything under the title line; it knows what of a training is looked at, and no run."""

    def __init__(self) -> None:
        super().__init__(id="watch-body")
        self.measure = self.map = 0
        self.log_loss = False
        self.row = 0
        self.look: int | None = None
        """The chosen look, None for the latest, whichever that is."""

        self._columns: tuple[int, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(id="watch-standing")
        yield Problem(id="problem")
        yield Static(INVITATION, id="watch-invitation")
        with Horizontal(id="watch-curves"):
            yield CurvePlot(id="watch-first")
            yield CurvePlot(id="watch-second")
        yield HeatMap(id="watch-map")
        yield Sentence(id="watch-cell", markup=False)
        with VerticalScroll(id="watch-named"):
            yield Static(id="watch-named-words", markup=False)

    def show(self, trainings: WatchedRuns) -> None:
        """Show these."""
        self.add_class("-begun")
        self.query_one("#watch-standing", Static).update(standing_words(trainings))
        self._show_curves(trainings)
        self._show_map(trainings.one.board)
        self.query_one("#watch-named-words", Static).update(named_words(trainings.one))

    def _show_curves(self, trainings: WatchedRuns) -> None:
        measures = measures_of(trainings.runs)
        first, second = self.query("#watch-curves CurvePlot").results(CurvePlot)
        both = self.app.size.width >= ROOM_FOR_BOTH and len(measures) > 1
        second.display = both
        others = measures[1:] if both else measures
        shown = (measures[0], others[self.measure % len(others)]) if both else (others[self.measure % len(others)],)
        for plot, measure in zip((first, second), shown, strict=False):
            plot.picture = picture_of(trainings.runs, measure, log=self.log_loss and measure == measures[0])

    def _show_map(self, board: WatchBoard) -> None:
        maps = maps_of(board)
        widget, words = self.query_one(HeatMap), self.query_one("#watch-cell", Sentence)
        if not maps:
            widget.grid = HeatGrid()
            words.update("")
            return
        shown = maps[self.map % len(maps)]
        self._columns = columns_of(len(board.steps), self._room(board, shown))
        place = self._place(board, shown)
        widget.grid = grid_of(board, shown, self._columns, place)
        words.update(cell_words(board, shown, place[0], board.steps[self._columns[place[1]]]))

    def _room(self, board: WatchBoard, shown: LayerMap) -> int:
        """How many looks there is room for: in cells that tell their number, or where there are many in narrow ones."""
        width = self.app.size.width - PADDING
        label = max(map(len, shown.rows(board)), default=0) + 1
        room = max(1, width - min(label, width // MOST_LABEL_SHARE))
        return room // LEAST_CELL if len(board.steps) <= room // LEAST_CELL else room

    def _place(self, board: WatchBoard, shown: LayerMap) -> tuple[int, int]:
        """The chosen row, and among the columns the look nearest to the chosen one."""
        row = min(self.row, max(0, len(shown.rows(board)) - 1))
        look = len(board.steps) - 1 if self.look is None else self.look
        return row, min(range(len(self._columns)), key=lambda at: abs(self._columns[at] - look))

    def choose(self, row: int, column: int) -> None:
        """Choose a cell; the last column stands for the latest look, which may be another soon."""
        self.row = row
        self.look = self._columns[column] if column < len(self._columns) - 1 else None
