"""One paper: what it says, what is measured here, whether its claims hold; and which of its experiments to open."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar, TypeAlias

from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import OptionList, Static

from initterm.experiments.message import Number
from initterm.experiments.papers.events import ClaimJudged, Panel, Series
from initterm.experiments.papers.paper import PaperBoard
from initterm.experiments.settings import hidden_text
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.experiment import Experiment
from initterm.report.palette import Coloured, colour_of, mark_of
from initterm.report.papers.results import measured_text
from initterm.theory.numbers import short
from initterm.tui.messages import StateChanged
from initterm.tui.modal import Modal
from initterm.tui.papers.replication import Replication
from initterm.tui.widgets.drawing import Curve, Drawing, log_limits, logs_of
from initterm.tui.widgets.plot_grid import GridPlot, PlotGrid, fitting
from initterm.tui.widgets.sentence import Problem


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


HOLDS, FAILS, UNJUDGED = Text("✓", "green"), Text("✗", "bold red"), Text("·", "dim")


def claim_rows(board: PaperBoard) -> Table:
    """A row a claim, over the whole width: whether it holds, the claim, which it is and whose, measured, expected."""
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column()
    table.add_column(ratio=1, overflow="fold")
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_column()
    table.add_row("", *(Text(head, "dim") for head in ("claim", "which is", "measured", "expected")))
    found = {(judged.claim, judged.expected): judged for judged in board.judged}
    for claim in board.paper.claims:
        judged = found.get((claim.text, claim.expected))
        measured = Text(measured_text(judged.measured), "bold") if judged else ""
        table.add_row(_mark(judged), claim.text, str(claim.standing), measured, claim.expected)
    return table


def _mark(judged: ClaimJudged | None) -> Text:
    if judged is None:
        return UNJUDGED
    return HOLDS if judged.holds else FAILS


MOST_MARKS = 10
"""How many of its points a line is marked at."""


def panel_drawing(panel: Panel, width: int, axes: bool) -> Drawing:
    """A panel as it is drawn in so many columns: theory dashed, what is measured solid and marked."""
    ys = [logs_of(one.ys) if panel.log_y else list(one.ys) for one in panel.series]
    known = [y for values in ys for y in values if y is not None]
    xs = [x for one in panel.series for x in one.xs]
    lines = enumerate(zip(panel.series, ys, strict=True))
    return Drawing(
        _title(panel, width),
        tuple(_curve(one, values, panel, place) for place, (one, values) in lines),
        y_range=log_limits(known) if panel.log_y else None,
        whole_x=not panel.log_x and all(x == int(x) for x in xs),
        log_x=panel.log_x,
        log_y=panel.log_y,
        axes=axes,
    )


def _curve(series: Series, ys: Sequence[Number], panel: Panel, place: int) -> Curve:
    xs = [x or 0.0 for x in logs_of(series.xs)] if panel.log_x else series.xs
    step = -(-len(xs) // MOST_MARKS) or 1
    marked = () if series.theory else range(place % step, len(xs), step)
    look = _look(series)
    return Curve(xs, ys, colour_of(look), series.theory, mark_of(look), marked)


def _title(panel: Panel, width: int) -> str:
    """As much of its title and its axes' titles as there is room for."""
    scale = ", log scale" if panel.log_y else ""
    full = f"{panel.title}: {panel.y_title}"
    choices = (f"{full} by {panel.x_title}{scale}", f"{full} by {panel.x_title}", full, panel.title)
    return next((title for title in choices if len(title) <= width), panel.title)


def legend(panels: Sequence[Panel], width: int) -> Text:
    """Each line's mark and label, once, as many in a line as there is room for."""
    named = {_look(one): one.label for panel in panels for one in panel.series if not one.theory}
    theory = any(one.theory for panel in panels for one in panel.series)
    entries = [Text.assemble((f"{mark_of(look)} ", colour_of(look)), label) for look, label in named.items()]
    if theory:
        entries.append(Text("╌ theory", "dim"))
    return Text("\n").join(Text("  ").join(row) for row in _rows(entries, width))


def _rows(entries: Sequence[Text], width: int) -> list[list[Text]]:
    """The entries in lines, none of them broken where it fits into one."""
    rows: list[list[Text]] = [[]]
    for entry in entries:
        if rows[-1] and sum(one.cell_len + 2 for one in (*rows[-1], entry)) - 2 > width:
            rows.append([])
        rows[-1].append(entry)
    return rows


def _look(series: Series) -> Coloured:
    """Whose colour and mark a line has."""
    return series.initializer or series.label


Opened: TypeAlias = Experiment | SignalExperiment


class ExperimentChoice(Modal[Opened | None]):
    """A list of experiments; gives the chosen one, None when it is closed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "back")]

    def __init__(self, experiments: Sequence[Opened]) -> None:
        super().__init__()
        self._experiments = experiments

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = "open which experiment"
            box.border_subtitle = "enter opens, esc closes"
            yield OptionList(*map(experiment_words, self._experiments), compact=True, markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self._experiments[event.option_index])


def experiment_words(experiment: Opened) -> str:
    """What tells an experiment from the others of its paper: its network, and how it is trained."""
    if isinstance(experiment, SignalExperiment):
        chain = experiment.chain
        return f"{hidden_text(chain.hidden)} {chain.activation} · {experiment.seeds} seeds"
    network = experiment.network
    parametrization = " · μP" if network.parametrization == "mup" else ""
    return (
        f"{hidden_text(network.hidden)} {network.activation}{parametrization} · {experiment.optimizer}"
        f" {short(experiment.learning_rate)} · {experiment.epochs} epochs · {experiment.seeds} seeds"
    )
