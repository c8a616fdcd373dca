"""A list of entries under headings, which the cursor passes over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeAlias, TypeVar

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

Entry = TypeVar("Entry")
Section: TypeAlias = tuple[Text, Sequence[tuple[Entry, Text]]]
"""A heading, and the entries under it, each with the line that it is shown as."""


class SectionList(OptionList, Generic[Entry]):
    """Entries under their headings."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, compact=True, markup=False)
        self._entries: list[Entry | None] = []

    @property
    def chosen(self) -> Entry | None:
        """The entry under the cursor."""
        at = self.highlighted
        return self._entries[at] if at is not None and at < len(self._entries) else None

    def show_sections(self, sections: Iterable[Section[Entry]]) -> None:
        """Show these, the cursor on the first entry; a section without any has no heading."""
        self._entries, options = [], []
        for heading, entries in sections:
            if entries:
                self._entries += [None, *(entry for entry, _ in entries)]
                options += [Option(heading, disabled=True), *(Option(line) for _, line in entries)]
        self.clear_options()
        self.add_options(options)
        self.highlighted = 1 if options else None

    def go_to(self, wanted: Callable[[Entry], bool]) -> None:
        """Put the cursor on the first entry that is wanted."""
        places = (place for place, entry in enumerate(self._entries) if entry is not None and wanted(entry))
        self.highlighted = next(places, self.highlighted)
