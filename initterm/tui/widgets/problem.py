"""A sentence that says what is wrong; it takes no room while nothing is."""

from __future__ import annotations

from textual.widgets import Static


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
