"""The catalogue as a list to mark contenders in, with what is typed and what can be done to a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.reactive import reactive
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initterm.experiments.training.contender import TREATMENTS, Contender
from initterm.report.palette import name_with_mark
from initterm.theory.initializer_rows import CATALOGUE, FITTED
from initterm.theory.initializers import InitializerSpec
from initterm.tui.keys import bindings
from initterm.tui.messages import Selected, StateChanged
from initterm.tui.selection import Selection, listed

MARKED, ALONE, UNMARKED = "✓ ", "+ ", "  "
"""Marked everywhere, marked in this list alone, and not marked."""


TREATED = tuple(Contender(None, treatment=treatment) for treatment in TREATMENTS)


class ContenderList(OptionList):
    """A list of contenders in which several can be marked.

    With a model (``of_model``) it begins with what can be done to one, and leaves out those with an activation of their
    own; without one it is the other way round. What is left out counts as not marked, and is marked again when it is
    back.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings("mark", mark="")

    class Changed(StateChanged):
        """Other contenders are marked."""

    of_model: reactive[bool] = reactive(False, init=False, repaint=False)

    def __init__(self, marked: Iterable[Contender], *, id: str, of_model: bool = False) -> None:
        self._added: tuple[InitializerSpec, ...] = ()
        self._alone: list[Contender] = []
        self._marked = {*marked}
        self._contenders = self._rows(of_model=of_model)
        super().__init__(*(Option(self._prompt(one)) for one in self._contenders), id=id, compact=True, markup=False)
        self.set_reactive(ContenderList.of_model, of_model)

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

    def watch_of_model(self) -> None:
        """List who can take part now."""
        before = self.marked
        self._show_rows(self._rows(of_model=self.of_model))
        if self.marked != before:
            self.post_message(self.Changed())

    def _rows(self, *, of_model: bool) -> list[Contender]:
        """The catalogue and what was added to it; treatments before it, what else is for this list alone behind it."""
        catalogue = [InitializerSpec(family.name) for family in (*CATALOGUE, *FITTED)]
        marked = sorted(self._marked, key=str)
        self._alone += [one for one in marked if one.activation and one not in self._alone]
        rows = [*map(Contender, listed(catalogue, (*self._added, *_bare(marked))))]
        return [*TREATED, *rows] if of_model else [*rows, *self._alone]

    def mark(self, contender: Contender) -> None:
        """Mark a contender, which is added where the list doesn't have it, and show it."""
        self._change({*self._marked, contender})
        self.highlighted = self._contenders.index(contender)

    def mark_only(self, contenders: Iterable[Contender]) -> None:
        """Mark these and no others."""
        wanted = [*contenders]
        self._change(set(wanted))
        if wanted:
            self.highlighted = self._contenders.index(wanted[0])

    def follow(self, selection: Selection) -> None:
        """Mark what is marked everywhere, beside what is for this list alone; something stays marked in any case."""
        self._added = selection.added
        marked = self._marked
        if selection.marked:
            marked = {*map(Contender, selection.marked), *(one for one in self._marked if not one.bare)}
        self._change(marked, everywhere=False)

    def _change(self, marked: set[Contender], *, everywhere: bool = True) -> None:
        """Show other marks, and tell of them."""
        changed, self._marked = marked != self._marked, marked
        rows = self._rows(of_model=self.of_model)
        if everywhere:
            self._added = tuple(one for one in _bare(rows) if one.given)
        if rows != self._contenders:
            self._show_rows(rows)
        elif changed:
            for index, contender in enumerate(rows):
                self.replace_option_prompt_at_index(index, self._prompt(contender))
        if changed:
            self.post_message(self.Changed())
        if changed and everywhere:
            self.call_next(self._share)  # by itself: what is sent in the name of a form around it ends its way there

    def _show_rows(self, rows: list[Contender]) -> None:
        """List these, the cursor where it was."""
        under_cursor, self._contenders = self.under_cursor, rows
        self.set_options(Option(self._prompt(one)) for one in rows)
        self.highlighted = rows.index(under_cursor) if under_cursor in rows else 0

    def _share(self) -> None:
        """Tell what is marked and added now."""
        self.post_message(Selected(Selection(tuple(_bare(self.marked)), self._added)))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Mark what is not marked, and the other way round."""
        event.stop()
        contender = self._contenders[event.option_index]
        self._change(self._marked ^ {contender})

    def _prompt(self, contender: Contender) -> Text:
        name = name_with_mark(contender.look)
        mark = (MARKED if contender.bare else ALONE) if contender in self._marked else UNMARKED
        return Text.assemble((mark, "bold"), name, no_wrap=True)


def _bare(contenders: Iterable[Contender]) -> Iterator[InitializerSpec]:
    """The initializers of those that are nothing else."""
    return (spec for contender in contenders if (spec := contender.bare))
