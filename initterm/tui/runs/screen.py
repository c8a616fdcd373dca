"""Runs: all that are kept, found, opened in their panes, named, deleted, and compared."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Input, Static

from initterm.store.search import Filter
from initterm.theory.refusal import Refusal
from initterm.tui.keys import bindings
from initterm.tui.messages import frozen
from initterm.tui.runs.comparison import RunComparison
from initterm.tui.runs.doing import DoingPane
from initterm.tui.runs.listed import Listing, SeenRun
from initterm.tui.runs.run_list import RunHead, RunList
from initterm.tui.runs.words import card_words, counts, empty_words
from initterm.tui.widgets.key_line import KeyLine
from initterm.tui.widgets.sentence import Problem, Sentence
from initterm.tui.widgets.title_line import TitleLine

LOOK_SECONDS = 2.0
"""How often it is looked whether others have begun, ended or deleted runs."""

PLACEHOLDER = "/ words, data:mnist depth>20 state:interrupted pinned"


@frozen
class RunsListed(Message, bubble=False):
    """These are there; or a sentence says why that can't be known."""

    listing: Listing
    problem: str = ""


@frozen
class RunsFound(Message, bubble=False):
    """Of a listing a filter has found these."""

    listing: Listing
    wanted: Filter
    found: Sequence[SeenRun]


class RunsScreen(Screen[None], DoingPane):
    """The list of runs, the one under the cursor in words, and in their place the comparison of several."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "open mark find run remove quantity step_out",
        open="open, or compare",
        mark="",
        find="filter",
        run="resume",
        pause="",
        stop="cancel",
        pin="",
        name="",
        note="",
        remove="delete",
        quantity="accuracy, loss or both",
        log_scale="",
        copy_command="",
        export="",
        page_down="",
        page_up="",
        step_out="back",
    )
    find_field = "runs-filter"

    activity: reactive[str] = reactive("")
    data: reactive[str] = reactive("")

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.listing: Listing | None = None
        self.wanted = Filter()
        self.found: Sequence[SeenRun] = ()
        self.list = RunList(id="runs")
        self.comparison = RunComparison()

    def compose(self) -> ComposeResult:
        title = TitleLine().data_bind(RunsScreen.engine_state, RunsScreen.activity, RunsScreen.data)
        title.set_reactive(TitleLine.pane, "")
        yield title
        with Vertical(id="runs-body"):
            with Horizontal(classes="row", id="runs-row"):
                yield Sentence(id="runs-counts", markup=False)
                yield Input(placeholder=PLACEHOLDER, compact=True, id="runs-filter")
            yield Problem(id="problem")
            yield RunHead()
            yield self.list
            yield Static(id="runs-empty", markup=False)
            yield Sentence(id="run-card", markup=False)
        yield self.comparison
        yield KeyLine()

    def on_mount(self) -> None:
        self.list.focus()
        self.set_interval(LOOK_SECONDS, self.look)
        self.look()

    def on_screen_resume(self) -> None:
        """What has changed while another screen was shown."""
        if self.listing:
            self.look()

    # What there is

    def look(self) -> None:
        """List what has changed, where somebody looks."""
        if self.is_current:
            self._list(self.listing)

    @work(thread=True, group="list")
    def _list(self, before: Listing | None, *, anew: bool = False) -> None:
        try:
            if before is None:
                self.post_message(RunsListed(Listing.newest(self.runs)))
            if before is None or anew or not before.is_current(self.runs):
                self.post_message(RunsListed(Listing.whole(self.runs)))
        except Refusal as refusal:
            self.post_message(RunsListed(Listing(), str(refusal)))

    def list_anew(self) -> None:
        """List again, since this screen has changed something."""
        self._list(self.listing or Listing(), anew=True)

    @on(RunsListed)
    def _listed(self, message: RunsListed) -> None:
        if message.problem or self.problem_stays:
            self.say(message.problem, stays=bool(message.problem))
        self.listing = message.listing
        self._find(message.listing, self.wanted)

    @on(Input.Changed, "#runs-filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        try:
            self.wanted = Filter.parse(event.value)
        except Refusal as refusal:
            self.say(str(refusal))
            return
        self.say("")
        if self.listing:
            self._find(self.listing, self.wanted)

    @work(thread=True, group="find")
    def _find(self, listing: Listing, wanted: Filter) -> None:
        self.post_message(RunsFound(listing, wanted, wanted.found(listing.runs)))

    @on(RunsFound)
    def _found(self, message: RunsFound) -> None:
        """Show them, unless there are newer ones, or others are wanted by now."""
        if message.listing is self.listing and message.wanted is self.wanted:
            self.found = message.found
            self.list.show(self.found)
            self.redraw()

    @on(Input.Submitted, "#runs-filter")
    def _filter_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.list.focus()

    # What is shown

    @property
    def chosen(self) -> SeenRun | None:
        """The run under the cursor."""
        return self.list.chosen

    @property
    def meant(self) -> tuple[SeenRun, ...]:
        """The marked ones that are there, in the order of their beginning; else the one under the cursor."""
        there = self.listing.runs if self.listing else ()
        marked = tuple(one for one in reversed(there) if one.id in self.list.marked)
        return marked or ((self.chosen,) if self.chosen else ())

    @on(RunList.Changed)
    def _changed(self) -> None:
        self.redraw()

    def draw(self) -> None:
        """Everything but the list, which draws itself."""
        if self.listing is None:
            return
        there = self.listing.runs
        self.set_class(not there, "-empty")
        marked = sum(one.id in self.list.marked for one in there) if self.list.marked else 0
        self.query_one("#runs-counts", Sentence).update(counts(len(self.found), len(there), marked))
        words = "" if self.problem_stays else empty_words(self._where)
        self.query_one("#runs-empty", Static).update(words)
        self.query_one("#run-card", Sentence).update(card_words(self.chosen, time.time()) if self.chosen else "")
        self.refresh_bindings()

    @property
    def _where(self) -> str:
        """The folder of runs, and on which machine it is."""
        host = self.engine.side.host if self.engine else ""
        return f"{self.runs.folder} on {host}" if host else str(self.runs.folder)

    def action_page_down(self) -> None:
        self.list.go_a_page(1)

    def action_page_up(self) -> None:
        self.list.go_a_page(-1)

    def action_mark(self) -> None:
        self.list.mark()

    def action_quantity(self) -> None:
        """Draw the comparison's accuracy, loss, or both."""
        self.comparison.next_curves()

    def action_log_scale(self) -> None:
        """Draw the comparison's loss, or its logarithm."""
        self.comparison.log_loss = not self.comparison.log_loss

    @on(RunList.Chosen)
    def _clicked(self) -> None:
        self.action_open()

    def action_step_out(self) -> None:
        """Step back from the comparison, from the filter, from marks, and at last to the panes."""
        field = self.query_one("#runs-filter", Input)
        if self.has_class("-comparing"):
            self.remove_class("-comparing")
            self.list.focus()
        elif self.list.display and not self.list.has_focus:
            self.list.focus()
        elif field.value:
            field.value = ""
        elif self.list.marked:
            self.list.unmark()
        elif self.is_active:  # a second key may arrive when it is left already
            self.app.pop_screen()
