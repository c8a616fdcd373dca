"""A paper's replication so far: its events folded into one state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from initterm.experiments.message import DataReceived
from initterm.experiments.papers import events
from initterm.experiments.papers.paper import Paper


@dataclass(frozen=True, eq=False)
class PaperBoard:
    """What is known of a replication; ``seconds`` is None until it is over."""

    paper: Paper
    data: str = ""
    note: str = ""
    share_done: float = 0.0
    doing: str = "loading the data"
    panels: tuple[events.Panel, ...] = ()
    judged: tuple[events.ClaimJudged, ...] = ()
    seconds: float | None = None

    def after(self, event: events.PaperEvent) -> PaperBoard:
        """The board once this event is taken in."""
        match event:
            case DataReceived():
                return replace(self, doing=event.words)
            case events.PaperStarted(_, data, note):
                return replace(self, data=data, note=note, doing="starting")
            case events.PaperAdvanced(share, doing):
                return replace(self, share_done=share, doing=doing)
            case events.PanelDrawn(index, panel):
                return replace(self, panels=(*self.panels[:index], panel, *self.panels[index + 1 :]))
            case events.ClaimJudged():
                others = (one for one in self.judged if (one.claim, one.expected) != (event.claim, event.expected))
                return replace(self, judged=(*others, event))
            case events.PaperFinished(_, seconds):
                return replace(self, seconds=seconds, share_done=1.0, doing="done")

    @property
    def over(self) -> bool:
        """Whether every claim is judged."""
        return self.seconds is not None

    @property
    def holds(self) -> bool:
        """Whether every claim was judged and holds."""
        return self.over and all(judged.holds for judged in self.judged)
