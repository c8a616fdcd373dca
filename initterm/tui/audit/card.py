"""The card of what is chosen: its words, its tensor's histogram against the law, and the signal by layer."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from initterm.experiments.audit.board import AuditBoard
from initterm.tui.audit import view
from initterm.tui.audit.entries import AuditEntry
from initterm.tui.widgets.plot import Plot


class AuditCard(Vertical):
    """What an audit knows of one entry of its list."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._told = Static(id="audit-words", markup=False)
        self.words = VerticalScroll(self._told, id="audit-told", can_focus=False)
        self._histogram = Plot(id="audit-histogram")
        self._signal = Plot(id="audit-signal")

    def compose(self) -> ComposeResult:
        yield self.words
        with Horizontal(id="audit-plots"):
            yield self._histogram
            yield self._signal

    def show(self, board: AuditBoard, entry: AuditEntry | None) -> None:
        """Show this entry of an audit."""
        self._told.update(view.words_of(entry, board))
        self.words.scroll_home(animate=False)
        tensor = view.tensor_of(entry, board)
        self._histogram.display = tensor is not None
        if tensor:
            self._histogram.drawing = view.histogram_drawing(tensor)
        if board.signal:
            self._signal.drawing = view.signal_drawing(board.signal, board.fixed_signal, view.layer_of(entry))
