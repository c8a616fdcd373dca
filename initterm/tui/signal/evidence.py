"""What is shown of a measurement of signals: plots or phase diagram, strips, words, and what is happening."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Static

from initterm.theory.phases import ScaleFix
from initterm.tui.signal.heat import StripTable
from initterm.tui.signal.phase_map import PhaseMap
from initterm.tui.signal.view import SignalView
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.problem import Problem


class SignalEvidence(VerticalScroll, can_focus=False):
    """The right side of the pane, from the answer down to what it rests on."""

    DEFAULT_CLASSES = "evidence"

    def compose(self) -> ComposeResult:
        yield Static(id="signal-headline")
        with Horizontal(id="signal-plots"):
            yield Plot(id="forward")
            yield Plot(id="backward")
        yield PhaseMap(id="phases")
        yield Static(id="phase-words")
        yield Static(id="strips")
        yield Static(id="signal-words")
        yield Static(id="aside", classes="secondary", markup=False)
        yield Static(id="fix", markup=False)
        yield Problem(id="problem")
        yield Static(id="signal-doing", classes="secondary", markup=False)

    @property
    def problem(self) -> str:
        """What stands in the way; empty where nothing does."""
        return self.query_one(Problem).sentence

    def show(self, shown: SignalView, chosen: int, fix: ScaleFix | None) -> None:
        """Draw everything, with the words for one contender."""
        self.query_one("#signal-headline", Static).update(shown.headline(), layout=False)
        self.query_one("#forward", Plot).drawing = shown.forward()
        self.query_one("#backward", Plot).drawing = shown.backward()
        self.query_one("#strips", Static).update(StripTable(shown.board, shown.shown))
        self.query_one("#signal-words", Static).update(shown.words(chosen))
        aside = shown.aside(chosen)
        self.query_one("#aside", Static).update(aside)
        self.query_one("#aside").set_class(not aside, "-empty")
        self.query_one("#fix", Static).update(shown.fix(fix))

    def tell(self, doing: str) -> None:
        """Tell what is happening, as long as nothing stands in the way."""
        self.query_one("#signal-doing", Static).update("" if self.problem else doing)

    def show_place(self, words: Text) -> None:
        """What is under the cursor of the phase diagram."""
        self.query_one("#phase-words", Static).update(words)
