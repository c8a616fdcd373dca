"""What a sweep shows: its map or all of them, the chosen cell with its curves, how far it is, who computes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Grid, Vertical, VerticalScroll
from textual.widgets import Static

from initterm.experiments.sweep.board import SweepBoard
from initterm.report.sweep.results import failure_words, head_words, verdicts
from initterm.theory.wording import counted
from initterm.tui.sweep.maps import MapView, grid_of
from initterm.tui.widgets.curve_picture import CurvePicture
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.heat_map import HeatMap
from initterm.tui.widgets.plot_grid import fitting
from initterm.tui.widgets.sentence import Problem, Sentence

MOST_MAPS = 12
"""Maps beside each other; of more the first ones."""

INVITATION = """\
[b]r[/b] trains the initializers in every cell of the axes, on every core, and fills the map here.

[b]s[/b] goes to the axes, [b]w[/b] tells what the workers do. It goes on when the app ends."""

CELL_LINES = 2
"""Lines for what is told of the chosen cell."""


class SmallMaps(Grid):
    """All maps beside each other, of one size, with one cell chosen in all of them."""

    def show(self, view: MapView) -> None:
        """Show every map of a board."""
        wanted = min(view.maps, MOST_MAPS)
        maps = [*self.query(HeatMap)]
        for one in maps[wanted:]:
            one.remove()
        self.mount_all(HeatMap() for _ in range(wanted - len(maps)))
        if self.size.area:
            columns, rows = fitting(wanted, self.size)
            self.styles.grid_size_columns, self.styles.grid_size_rows = columns, rows
        for number, one in enumerate([*self.query(HeatMap)][:wanted]):
            made = grid_of(view, number)
            one.grid = replace(made, title=made.title[:-1])  # without the axes, for which few maps have room


class SweepEvidence(Vertical, can_focus=True):
    """The right side of the pane; it has the focus where there is no map yet."""

    def __init__(self) -> None:
        super().__init__(classes="evidence")

    def compose(self) -> ComposeResult:
        yield Sentence(id="sweep-setting", markup=False)
        yield Problem(id="problem")
        yield Static(INVITATION, id="sweep-invitation")
        yield HeatMap(id="sweep-map")
        yield SmallMaps(id="sweep-maps")
        yield Sentence(id="sweep-theory", markup=False)
        yield CurvePlot(id="sweep-curves")
        yield Static(id="sweep-waiting", markup=False)
        with VerticalScroll(id="sweep-about"):
            yield Static(id="sweep-about-words", markup=False)
        yield Sentence(id="sweep-cell", markup=False)
        yield Sentence(id="sweep-doing", markup=False)
        yield Sentence(id="sweep-verdict", markup=False)

    @property
    def map(self) -> HeatMap:
        """The one map."""
        return self.query_one("#sweep-map", HeatMap)

    def say_setting(self, words: str) -> None:
        """Say what is shown, or would be begun."""
        self.query_one("#sweep-setting", Sentence).update(words)

    def begin(self) -> None:
        """Show a map from now on, in place of the invitation."""
        self.add_class("-begun")
        self.can_focus = False

    def show(self, view: MapView, *, doing: str) -> None:
        """Show a board as it is looked at; only what is seen is made."""
        if self.has_class("-all"):
            self.query_one(SmallMaps).show(view)
        else:
            self.map.grid = grid_of(view, view.shown)
        if self.has_class("-workers"):
            self.query_one("#sweep-about-words", Static).update(Text("\n").join(worker_words(view.board)))
        self.query_one("#sweep-cell", Sentence).update(self._cell_words(view))
        self.query_one("#sweep-doing", Sentence).update(doing)
        self.query_one("#sweep-doing").display = bool(doing)
        self.query_one("#sweep-verdict", Sentence).update(" ".join(verdicts(view.board)))
        self.query_one("#sweep-theory", Sentence).update(view.theory_words)
        self.query_one("#sweep-theory").display = bool(view.theory_words)

    def _cell_words(self, view: MapView) -> str:
        """In full where two lines have room for it."""
        words = view.words()
        return words if cell_len(words) <= CELL_LINES * self.size.width else view.words(brief=True)

    def show_curves(self, picture: CurvePicture, waiting: str = "") -> None:
        """Show the curves of the chosen cell, or what they wait for."""
        self.set_class(bool(waiting), "-waiting")
        self.query_one("#sweep-waiting", Static).update(waiting)
        self.query_one(CurvePlot).picture = picture


def worker_words(board: SweepBoard) -> Iterator[Text]:
    """Where it is computed and by whom, who was refused, and which trials failed, with why."""
    yield Text(head_words(board))
    for worker in board.workers:
        groups = counted("group", worker.groups) if worker.groups else "nothing to do"
        yield Text(f"  {worker.name} on {worker.host}: {groups}")
    for refused in board.refused:
        yield Text(f"  {refused.worker}: {refused.sentence}", style="yellow")
    yield from failure_words(board)
