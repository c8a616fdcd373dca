"""Words that change: they lay the screen out anew only where they take more or fewer lines, or take none."""

from __future__ import annotations

from textual.visual import VisualType
from textual.widgets import Static

from initterm.tui.textual_privates import forget_measures


class Sentence(Static):
    """A ``Static`` in which a change costs no layout where it fits into its lines, or where it isn't shown.

    While it ``keeps_height``, also fewer lines than there are fit.
    """

    keeps_height = False

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        """Show other words."""
        if content == self.content:
            return
        super().update(content, layout=False)
        if not layout or not self.styles.is_auto_height:
            return
        if not self.content_size.width:
            forget_measures(self)
        elif not self._fits:
            self.refresh(layout=True)

    @property
    def _fits(self) -> bool:
        """Whether the words take as many lines as there are, or few enough."""
        lines = self.get_content_height(self.container_size, self.app.size, self.content_size.width)
        return lines == self.content_size.height or (self.keeps_height and lines < self.content_size.height)


class Problem(Static):
    """Shown only while there is something to say."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)
        self.display = False
        self.sentence = ""

    def say(self, sentence: str) -> None:
        """Show the sentence; an empty one hides the widget."""
        if sentence == self.sentence:
            return
        self.sentence = sentence
        self.display = bool(sentence)
        self.update(sentence)
