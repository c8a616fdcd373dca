"""The catalogue as a list that is filtered by typing, and takes initializers with parameters."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from initterm.report.palette import name_with_mark
from initterm.theory.initializers import CATALOGUE, InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.tui.widgets.problem import Problem


class InitializerOption(Option):
    """A line of the list, which knows its initializer: events name options of lists that were since filtered."""

    def __init__(self, initializer: InitializerSpec) -> None:
        super().__init__(name_with_mark(initializer))
        self.initializer = initializer


class InitializerList(Widget):
    """Type part of a name to filter; type a whole initializer and Enter to add it to the list."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "to_options", show=False),
    ]

    class Chosen(Message):
        """Another initializer is highlighted."""

        def __init__(self, initializer: InitializerSpec) -> None:
            super().__init__()
            self.initializer = initializer

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._rows = [InitializerSpec(family.name) for family in CATALOGUE]

    def compose(self) -> ComposeResult:
        """The filter over the list."""
        yield Input(placeholder="/ filter or type one", compact=True, id="filter")
        yield Problem()
        yield OptionList(*map(InitializerOption, self._rows), compact=True, markup=False)

    @property
    def _options(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def highlighted(self) -> InitializerSpec | None:
        """The initializer under the cursor."""
        option = self._options.highlighted_option
        return option.initializer if isinstance(option, InitializerOption) else None

    def focus_options(self) -> None:
        """Put the focus on the list."""
        self._options.focus()

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self.query_one(Input).focus()

    def select(self, initializer: InitializerSpec) -> None:
        """Highlight an initializer, which is added where the list doesn't have it."""
        if initializer not in self._rows:
            alike = [index for index, row in enumerate(self._rows) if row.name == initializer.name]
            self._rows.insert(alike[-1] + 1, initializer)
        with self.prevent(Input.Changed):
            self.query_one(Input).value = ""
        self._say("")
        self._show(self._rows, initializer)

    def _show(self, rows: list[InitializerSpec], chosen: InitializerSpec | None) -> None:
        """List these rows, the cursor on the chosen one or else on the first."""
        self._options.set_options(map(InitializerOption, rows))
        if rows:
            self._options.highlighted = rows.index(chosen) if chosen in rows else 0

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        event.stop()
        words = event.value.strip().lower().split("(")[0].removeprefix("keras.initializers.").replace("_", "")
        rows = [row for row in self._rows if words in str(row).replace("_", "")]
        self._say("" if rows else _refusal_of(event.value))
        if rows:
            self._show(rows, self.highlighted)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        event.stop()
        text = event.value.strip()
        if "(" in text or not self._matches_part(text):
            if refusal := _refusal_of(text):
                self._say(refusal)
                return
            self.select(InitializerSpec.parse(text))
        self.focus_options()

    def _matches_part(self, text: str) -> bool:
        return any(text.lower() in str(row) for row in self._rows)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if isinstance(event.option, InitializerOption):
            self.post_message(self.Chosen(event.option.initializer))

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()

    def action_to_options(self) -> None:
        """Step from the filter into the list."""
        self.focus_options()

    def _say(self, problem: str) -> None:
        self.query_one(Problem).say(problem)


def _refusal_of(text: str) -> str:
    """Why the text is no initializer; empty where it is one."""
    try:
        InitializerSpec.parse(text)
    except Refusal as refusal:
        return str(refusal)
    return ""
