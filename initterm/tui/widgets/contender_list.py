"""The catalogue as a list to mark contenders in; what is typed takes its place there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initterm.experiments.training.contender import Contender
from initterm.report.palette import name_with_mark
from initterm.theory.initializer_rows import CATALOGUE, FITTED
from initterm.theory.initializers import InitializerSpec
from initterm.tui.keys import bindings
from initterm.tui.messages import StateChanged

MARKED, UNMARKED = "✓ ", "  "


class ContenderList(OptionList):
    """A list of contenders in which several can be marked."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("mark", mark="")

    class Changed(StateChanged):
        """Other contenders are marked."""

    def __init__(self, marked: Iterable[Contender], *, id: str) -> None:
        self._marked = set(marked)
        catalogue = [Contender(InitializerSpec(family.name)) for family in (*CATALOGUE, *FITTED)]
        self._contenders = [*catalogue, *(contender for contender in marked if contender not in catalogue)]
        super().__init__(*(Option(self._prompt(one)) for one in self._contenders), id=id, compact=True, markup=False)

    @property
    def marked(self) -> tuple[Contender, ...]:
        """The marked contenders in the list's order."""
        return tuple(contender for contender in self._contenders if contender in self._marked)

    @property
    def under_cursor(self) -> Contender | None:
        """The contender under the cursor."""
        return None if self.highlighted is None else self._contenders[self.highlighted]

    def action_mark(self) -> None:
        """Mark the one under the cursor, or take its mark away."""
        self.action_select()

    def mark(self, contender: Contender) -> None:
        """Mark a contender, which is added where the list doesn't have it, and show it."""
        if contender not in self._contenders:
            self._contenders.append(contender)
            self.add_option(Option(self._prompt(contender)))
        self._set(contender, marked=True)
        self.highlighted = self._contenders.index(contender)

    def mark_only(self, contenders: Iterable[Contender]) -> None:
        """Mark these and no others."""
        wanted = list(contenders)
        for contender in self._marked.difference(wanted):
            self._set(contender, marked=False)
        for contender in reversed(wanted):
            self.mark(contender)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Mark what is not marked, and the other way round."""
        event.stop()
        contender = self._contenders[event.option_index]
        self._set(contender, marked=contender not in self._marked)

    def _set(self, contender: Contender, *, marked: bool) -> None:
        (self._marked.add if marked else self._marked.discard)(contender)
        self.replace_option_prompt_at_index(self._contenders.index(contender), self._prompt(contender))
        self.post_message(self.Changed())

    def _prompt(self, contender: Contender) -> Text:
        name = name_with_mark(contender.look)
        return Text.assemble((MARKED if contender in self._marked else UNMARKED, "bold"), name, no_wrap=True)
