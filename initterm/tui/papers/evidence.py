"""One paper: what it says, what is measured here, and whether its claims hold."""

from __future__ import annotations

from functools import partial

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from initterm.experiments.papers.events import Panel
from initterm.tui.frozen import StateChanged
from initterm.tui.papers.claims import claim_rows
from initterm.tui.papers.drawings import legend, panel_drawing
from initterm.tui.papers.replication import Replication
from initterm.tui.widgets.plot_grid import GridPlot, PlotGrid, fitting
from initterm.tui.widgets.problem import Problem


class PaperEvidence(VerticalScroll, can_focus=False):
    """Words, what is going on, the plots, which take the room that is left, and the claims."""

    class Resized(StateChanged):
        """There is more or less room."""

    def compose(self) -> ComposeResult:
        yield Static(id="paper-words", markup=False)
        yield Static(id="paper-doing", markup=False)
        yield Problem(id="paper-problem")
        yield Problem(id="paper-note")
        yield PlotGrid(id="paper-plots")
        yield Static(id="paper-legend", markup=False)
        yield Static(id="paper-claims", markup=False)

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    def show(self, one: Replication, panels: tuple[Panel, ...]) -> None:
        """Show a paper, and of its plots these."""
        self.set_class(any(panel.begun for panel in one.board.panels), "-drawn")
        self._say("#paper-words", _words(one))
        self._say("#paper-doing", Text(one.sentence, "bold" if one.state == "over" and not one.waiting else ""))
        self.query_one("#paper-problem", Problem).say(one.problem)
        self.query_one("#paper-note", Problem).say(one.board.note)
        self.query_one("#paper-claims", Static).update(claim_rows(one.board))
        self._say("#paper-legend", legend(panels, self.size.width))
        self._draw(panels)

    def _draw(self, panels: tuple[Panel, ...]) -> None:
        plots = self.query_one(PlotGrid)
        columns = fitting(len(panels), plots.size)[0] if panels and plots.size.area else 1
        width = plots.size.width // columns - 1
        plots.show([GridPlot((panel, width), partial(panel_drawing, panel, width)) for panel in panels])

    def _say(self, name: str, words: Text) -> None:
        """Words that cost nothing while they are the same."""
        widget = self.query_one(name, Static)
        if widget.content != words:
            widget.set_class(not words, "-empty")
            widget.update(words)


def _words(one: Replication) -> Text:
    paper = one.paper
    return Text.assemble(
        (paper.title, "bold"),
        (f"\n{paper.authors}, {paper.year} · {paper.reference}\n", "dim"),
        f"{paper.claimed}\n",
        ("Here: ", "bold"),
        paper.setup,
    )
