"""Shows a race; lanes that change places slide there."""

from __future__ import annotations

from textual.reactive import reactive
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget

from initterm.experiments.training.contender import Contender
from initterm.tui.training.race import Race, RacePicture
from initterm.tui.widgets.inks import inks_of

REDRAW_SECONDS = 0.25
"""Between two pictures of a race that goes on."""

FRAME_SECONDS = 0.08
"""Between two pictures while lanes slide."""

HASTE = 0.4
"""The share of its way that a lane goes in each."""


class RaceView(Widget, can_focus=True):
    """A ``Race`` on all the room there is; it has the focus while it is shown, so that keys are its pane's."""

    race: reactive[Race | None] = reactive(None, layout=False, repaint=False, always_update=True)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._tops: dict[Contender, float] = {}
        self._lines: list[Strip] = []
        self._timer: Timer | None = None

    def watch_race(self) -> None:
        """Draw what is seen soon, as events may come faster than a screen can be read."""
        if self.is_on_screen and self._timer is None:
            self._timer = self.set_timer(REDRAW_SECONDS, self._slide)

    def on_resize(self) -> None:
        """Lanes have other places."""
        self._tops = {}
        self._slide()

    def on_show(self) -> None:
        """What changed meanwhile was not drawn."""
        self._tops = {}
        self._slide()

    def render_line(self, y: int) -> Strip:
        return self._lines[y] if y < len(self._lines) else Strip.blank(self.size.width, self.rich_style)

    def _slide(self) -> None:
        """Draw each lane a little nearer to its place, and again as long as one isn't there."""
        if self._timer:
            self._timer.stop()
            self._timer = None
        if not (self.race and self.size):
            return
        picture = RacePicture(self.race, self.size, inks_of(self))
        places = {lane.contender: place * picture.stride for place, lane in enumerate(self.race.lanes)}
        known = self._tops if self.app.animation_level != "none" else {}
        self._tops = {one: _nearer(known.get(one, float(place)), place) for one, place in places.items()}
        width, style = self.size.width, self.rich_style
        lines = picture.lines({one: round(top) for one, top in self._tops.items()})
        self._lines = [line.adjust_cell_length(width).apply_style(style) for line in lines]
        self.refresh()
        if any(self._tops[one] != place for one, place in places.items()):
            self._timer = self.set_timer(FRAME_SECONDS, self._slide)


def _nearer(top: float, place: int) -> float:
    """Part of the way, and the whole of it where less than a line is left."""
    return float(place) if abs(place - top) < 1 else top + HASTE * (place - top)
