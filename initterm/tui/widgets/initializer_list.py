"""The catalogue as a list that is filtered by typing, takes initializers with parameters, and in which one marks."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from initterm.report.palette import keep_look, name_with_mark
from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec, other_name
from initterm.theory.refusal import Refusal
from initterm.tui.keys import bindings
from initterm.tui.messages import Hinted, Selected, StateChanged, frozen
from initterm.tui.selection import Selection, listed
from initterm.tui.widgets.sentence import Problem

MARKED, UNMARKED = "✓ ", "  "
CATALOGUED = tuple(InitializerSpec(family.name) for family in CATALOGUE)


class InitializerOption(Option):
    """A line of the list, which knows its initializer: events name options of lists that were since filtered."""

    def __init__(self, initializer: InitializerSpec, *, marked: bool) -> None:
        mark = (MARKED if marked else UNMARKED, "bold")
        super().__init__(Text.assemble(mark, name_with_mark(initializer), no_wrap=True))
        self.initializer = initializer


class InitializerList(Widget):
    """Type part of a name to filter; type a whole initializer and Enter to add it; Space marks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "to_options", show=False),
        *bindings("mark", mark="", remove=""),
    ]

    @frozen
    class Chosen(StateChanged):
        """Another initializer is highlighted."""

        initializer: InitializerSpec

    @frozen
    class Marked(StateChanged):
        """Others are marked; ``marked`` is in the list's order."""

        marked: tuple[InitializerSpec, ...]

    def __init__(self, *, id: str, most_marked: int) -> None:
        super().__init__(id=id)
        self._rows = [*CATALOGUED]
        self._marked: set[InitializerSpec] = set()
        self._elsewhere: tuple[InitializerSpec, ...] = ()
        self._most_marked = most_marked
        self._options = OptionList(*map(self._option, self._rows), compact=True, markup=False)

    def compose(self) -> ComposeResult:
        yield Input(placeholder="/ filter or type one", compact=True, id="filter")
        yield Problem()
        yield self._options

    @property
    def highlighted(self) -> InitializerSpec | None:
        """The initializer under the cursor."""
        option = self._options.highlighted_option
        return option.initializer if isinstance(option, InitializerOption) else None

    @property
    def marked(self) -> tuple[InitializerSpec, ...]:
        """The marked initializers in the list's order."""
        return tuple(row for row in self._rows if row in self._marked)

    @property
    def at_options(self) -> bool:
        """Whether the focus is on the list itself."""
        return self._options.has_focus

    def focus_options(self) -> None:
        """Put the focus on the list."""
        self._options.focus()

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self.query_one(Input).focus()

    def select(self, initializer: InitializerSpec) -> None:
        """Highlight an initializer, which is added where the list doesn't have it."""
        if initializer not in self._rows:
            self._rows = listed(CATALOGUED, (*self._rows, initializer))
            self.call_next(self._share)
        with self.prevent(Input.Changed):
            self.query_one(Input).value = ""
        self._say("")
        self._show(self._rows, initializer)

    def edit(self, before: InitializerSpec, initializer: InitializerSpec) -> None:
        """Put an initializer in the place of the same one with other parameters; the catalogue's own rows stay."""
        if before.given and initializer not in self._rows and before in self._rows:
            keep_look(initializer, before)
            self._rows[self._rows.index(before)] = initializer
        elif before.given and before in self._rows:
            self._rows.remove(before)
        if before.given and before in self._marked:
            self._marked.remove(before)
            self._marked.add(initializer)
        self.select(initializer)
        if before.given:
            self.call_next(self._share)

    def follow(self, selection: Selection) -> None:
        """List what was added in any list, and mark what is marked everywhere, as far as it can be drawn here."""
        rows = listed(CATALOGUED, (*selection.added, *(selection.marked or ())))
        marked = [one for one in rows if one in (selection.marked or ())][: self._most_marked]
        self._elsewhere = tuple(one for one in selection.marked or () if one not in marked)
        if (rows, set(marked)) != (self._rows, self._marked):
            highlighted, self._rows, self._marked = self.highlighted, rows, set(marked)
            self._show(rows, highlighted)

    def _share(self) -> None:
        """Tell what is marked and added now; what is marked in other lists alone stays so."""
        added = tuple(row for row in self._rows if row.given)
        self.post_message(Selected(Selection((*self.marked, *self._elsewhere), added)))

    def _show(self, rows: list[InitializerSpec], chosen: InitializerSpec | None) -> None:
        """List these rows, the cursor on the chosen one or else on the first."""
        self._options.set_options(map(self._option, rows))
        if rows:
            self._options.highlighted = rows.index(chosen) if chosen in rows else 0

    def _option(self, initializer: InitializerSpec) -> InitializerOption:
        return InitializerOption(initializer, marked=initializer in self._marked)

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        words = event.value.strip().lower().split("(")[0].removeprefix("keras.initializers.").replace("_", "")
        rows = [row for row in self._rows if words in str(row).replace("_", "")]
        rows = rows or [row for row in self._rows if row == _named(event.value)]
        self._say("" if rows else _refusal_of(event.value))
        if rows:
            self._show(rows, self.highlighted)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if "(" in text or not any(text.lower() in str(row) for row in self._rows):
            if refusal := _refusal_of(text):
                self._say(refusal)
                return
            self.select(InitializerSpec.parse(text))
            if said := other_name(text):
                self.notify(said, markup=False)
        self.focus_options()

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if isinstance(event.option, InitializerOption):
            self.post_message(self.Chosen(event.option.initializer))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()

    def on_click(self, event: Click) -> None:
        """Mark what is clicked on in the column of marks; a click beside that chooses, as in any list."""
        if event.widget is self._options and event.x < len(MARKED):
            self.action_mark()

    def action_to_options(self) -> None:
        self.focus_options()

    def action_mark(self) -> None:
        initializer = self.highlighted
        if initializer is None:
            return
        if initializer not in self._marked and len(self._marked) >= self._most_marked:
            self._say(f"At most {self._most_marked} are marked; Space on a marked one takes its mark away.")
            return
        self._say("")
        self._marked ^= {initializer}
        self._options.replace_option_prompt_at_index(self._options.highlighted or 0, self._option(initializer).prompt)
        self.post_message(self.Marked(self.marked))
        self.call_next(self._share)

    def action_remove(self) -> None:
        """Remove an initializer that was added; the catalogue's own rows stay."""
        initializer = self.highlighted
        if initializer is None:
            return
        if not initializer.given:
            self.post_message(Hinted(f"{initializer} is the catalogue's own; what was added goes."))
            return
        self._rows.remove(initializer)
        if initializer in self._marked:
            self._marked.remove(initializer)
            self.post_message(self.Marked(self.marked))
        self._show(self._rows, InitializerSpec(initializer.name))
        self.call_next(self._share)

    def _say(self, problem: str) -> None:
        self.query_one(Problem).say(problem)


def _named(text: str) -> InitializerSpec | None:
    """The initializer that the text names, by a name of others too."""
    try:
        return InitializerSpec.parse(text)
    except Refusal:
        return None


def _refusal_of(text: str) -> str:
    """Why the text is no initializer; empty where it is one."""
    try:
        InitializerSpec.parse(text)
    except Refusal as refusal:
        return str(refusal)
    return ""
