"""The list of runs: thousands of lines, of which those are drawn that are seen."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from initterm.tui.messages import StateChanged, frozen
from initterm.tui.runs.columns import head_line, run_line
from initterm.tui.runs.listed import SeenRun


class RunHead(Widget):
    """The heads over the columns of the list beneath it."""

    columns = 0

    def render_line(self, y: int) -> Strip:
        return head_line(self.columns).adjust_cell_length(self.size.width).apply_style(self.rich_style)


class RunList(ScrollView, can_focus=True):
    """Runs under each other; the cursor stays on its run, and marks on theirs, when others are shown.

    ``cursor`` is the place of the run under the cursor, ``marked`` are the ids of the marked ones.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "go(-1)", show=False),
        Binding("down", "go(1)", show=False),
        Binding("home", "go_to(0)", show=False),
        Binding("end", "go_to(-1)", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"runs--cursor", "runs--cursor-away"}

    class Changed(StateChanged):
        """Another run is under the cursor, or others are marked."""

    @frozen
    class Chosen(Message):
        """The run under the cursor was clicked on."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._runs: Sequence[SeenRun] = ()
        self.cursor = 0
        self.marked: frozenset[str] = frozenset()

    @property
    def chosen(self) -> SeenRun | None:
        """The run under the cursor."""
        return self._runs[self.cursor] if self._runs else None

    def show(self, runs: Sequence[SeenRun]) -> None:
        """Show these."""
        before = self.chosen
        self._runs = runs
        places = (place for place, one in enumerate(runs) if before and one.id == before.id)
        self.cursor = next(places, min(self.cursor, max(0, len(runs) - 1)))
        self.virtual_size = Size(0, len(runs))
        self.refresh()
        self._keep_in_sight()
        self.post_message(self.Changed())

    def on_resize(self) -> None:
        """The columns have another width."""
        for head in self.screen.query(RunHead):
            head.columns = self.scrollable_content_region.width
            head.refresh()
        self.call_after_refresh(self._keep_in_sight)

    # Keys

    def action_go(self, down: int) -> None:
        """Put the cursor so many lines further down."""
        self.action_go_to(max(0, min(len(self._runs) - 1, self.cursor + down)))

    def action_go_to(self, place: int) -> None:
        """Put the cursor on a run, counted from the first, or backwards from the last."""
        if self._runs:
            before, self.cursor = self.cursor, place % len(self._runs)
            self._refresh_lines(before, self.cursor)
            self._keep_in_sight()
            self.post_message(self.Changed())

    def go_a_page(self, down: int) -> None:
        """Put the cursor a page further down, or up."""
        self.action_go(down * max(1, self.size.height - 1))

    def mark(self) -> None:
        """Mark the run under the cursor, or take its mark away, and go on to the next."""
        if one := self.chosen:
            self.marked ^= {one.id}
            self._refresh_lines(self.cursor)
            self.action_go(1)

    def unmark(self) -> None:
        """Mark none."""
        self.marked = frozenset()
        self.refresh()
        self.post_message(self.Changed())

    def on_click(self, event: Click) -> None:
        """Put the cursor there; where it is already, choose the run."""
        place = event.y + self.scroll_offset.y
        if place == self.cursor and self._runs:
            self.post_message(self.Chosen())
        elif place < len(self._runs):
            self.action_go_to(place)

    def _keep_in_sight(self) -> None:
        self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True)

    # Picture

    def _refresh_lines(self, *places: int) -> None:
        for place in places:
            self.refresh(Region(0, place - self.scroll_offset.y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        place, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if place >= len(self._runs):
            return Strip.blank(width, self.rich_style)
        one = self._runs[place]
        line = run_line(one, width, time.time(), marked=one.id in self.marked).adjust_cell_length(width)
        if place == self.cursor:
            cursor = self.get_component_rich_style("runs--cursor" if self.has_focus else "runs--cursor-away")
            return line.apply_style(cursor)
        return line.apply_style(self.rich_style)
