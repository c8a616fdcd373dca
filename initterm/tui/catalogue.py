"""The panes: keys, title line, palette and help follow from this list, and so does what the app mounts."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple


class PaneRow(NamedTuple):
    """A pane: the key that shows it, and where its class stands, such as ``weights.pane:ExplorePane``."""

    id: str
    key: str
    title: str
    place: str

    @property
    def room(self) -> str:
        """The package that it stands in."""
        return self.place.partition(".")[0]

    @property
    def action(self) -> str:
        """The app's action that shows it."""
        return f"show_pane('{self.id}')"

    @property
    def help(self) -> str:
        """What it is for, in Markdown."""
        return (Path(__file__).parent / self.room / "help.md").read_text(encoding="utf-8")

    @property
    def styles(self) -> Path:
        """How what stands in its room looks."""
        return Path(__file__).parent / self.room / "styles.tcss"

    def load(self) -> type[Any]:
        """Its class, which is imported only now: a subclass of ``Pane``."""
        module, _, name = self.place.partition(":")
        found: type[Any] = getattr(import_module(f"initterm.tui.{module}"), name)
        return found


PANES = (
    PaneRow("explore", "1", "Explore", "weights.pane:ExplorePane"),
    PaneRow("train", "2", "Train", "training.pane:TrainPane"),
    PaneRow("signal", "3", "Signal", "signal.pane:SignalPane"),
    PaneRow("guide", "4", "Guide", "guide.pane:GuidePane"),
    PaneRow("audit", "5", "Audit", "audit.pane:AuditPane"),
    PaneRow("sweep", "6", "Sweep", "sweep.pane:SweepPane"),
)
"""Those that share the app's first screen, in the order of the title line."""

PAPERS = PaneRow("papers-screen", "P", "papers", "papers.screen:PapersScreen")
RUNS = PaneRow("runs-screen", "R", "runs", "runs.screen:RunsScreen")
WATCH = PaneRow("watch-screen", "W", "watch", "watch.screen:WatchScreen")
SCREENS = (PAPERS, RUNS, WATCH)
"""Those with a screen of their own."""

ROW_OF = {row.id: row for row in (*PANES, *SCREENS)}
