"""Which tensors of a person's own model take part, as a table on the whole screen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.strip import Strip

from initterm.experiments.training.events import ModelPrepared
from initterm.theory.numbers import grouped
from initterm.theory.refusal import printable
from initterm.tui.training.prepared import TENSOR_HEADS, how_trained, notes_of, tensor_cells, who_takes_part
from initterm.tui.widgets.inks import Inks
from initterm.tui.widgets.sentence import Sentence
from initterm.tui.widgets.table_view import GAP, Column, TableView, cell, table_row

LEAST_PATH = 0.55
"""The share of the room for both that a path has beside what its tensor is declared as."""


@dataclass(frozen=True, eq=False)
class TensorTable:
    """A line for each tensor: its path, whose end stays where it is long, shape, fans, and how it is declared."""

    prepared: ModelPrepared

    @property
    def height(self) -> int:
        """Lines it takes."""
        return len(self.prepared.tensors) + 1

    def lines(self, width: int, inks: Inks) -> list[Strip]:
        """For so many columns."""
        _, shape, fans, _ = self._natural
        path, declared = self._outer(width - shape - fans - 3 * GAP)
        muted = [cell(head, inks.muted) for head in TENSOR_HEADS]
        columns = [
            Column(head, wide, left=at in (0, 3))
            for at, (head, wide) in enumerate(zip(muted, (path, shape, fans, declared), strict=True))
        ]
        rows = ([cell(end_of(one[0], path)), *map(cell, one[1:])] for one in self._cells)
        return [table_row(columns, row) for row in (muted, *rows)]

    @cached_property
    def _cells(self) -> list[tuple[str, ...]]:
        return [tensor_cells(tensor) for tensor in self.prepared.tensors]

    @cached_property
    def _natural(self) -> list[int]:
        """The widest of each column."""
        return [max(map(len, column)) for column in zip(TENSOR_HEADS, *self._cells, strict=True)]

    def _outer(self, room: int) -> tuple[int, int]:
        """The widths of paths and of declarations, which share the room where both don't fit."""
        path, _, _, declared = self._natural
        path = min(path, max(room - declared, round(LEAST_PATH * room), 1))
        return path, max(1, min(declared, room - path))


def end_of(path: str, width: int) -> str:
    """A path, of a long one its end: ``…block_3/query/kernel``."""
    return path if len(path) <= width else f"…{path[len(path) - width + 1 :]}"


class TensorView(VerticalScroll, can_focus=True):
    """The table under what is to be known of it; it has the focus while it is shown, and scrolls by the arrow keys."""

    _shown: ModelPrepared | None = None

    def compose(self) -> ComposeResult:
        yield Sentence(id="prepared", markup=False)
        yield TableView(id="tensors")

    def show(self, prepared: ModelPrepared) -> None:
        """Show a model's tensors."""
        if prepared is self._shown:
            return
        self._shown = prepared
        name = f"{printable(prepared.name)}, {grouped(prepared.parameters)} parameters: {how_trained(prepared)}."
        told = "\n".join((name, " ".join((who_takes_part(prepared), *notes_of(prepared)))))
        self.query_one("#prepared", Sentence).update(told)
        self.query_one("#tensors", TableView).show(TensorTable(prepared))
