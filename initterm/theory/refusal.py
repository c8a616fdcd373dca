"""The one error a person may see: a sentence that says what was wrong and what would be right."""

from __future__ import annotations

from contextlib import suppress

LONGEST_QUOTED = 60

LONGEST_SENTENCE, LAST_WORDS = 1000, 400
"""What is longer is cut in its middle: what was wrong stands first, and what would be right last."""


class Refusal(ValueError):
    """Something can't be used as asked; ``str()`` is a sentence for the person who asked, in one line.

    Whatever it quotes, nothing in it is obeyed by a terminal (see ``printable``), and it has an end.
    """

    def __init__(self, sentence: str) -> None:
        whole = printable(sentence)
        if len(whole) > LONGEST_SENTENCE:
            whole = f"{whole[: LONGEST_SENTENCE - LAST_WORDS - 1]}…{whole[-LAST_WORDS:]}"
        super().__init__(whole)


def printable(text: str) -> str:
    """The text with escapes, as Python writes them, for what a terminal would obey or couldn't show.

    These are controls, line ends among them, marks that turn the direction of writing, invisible signs, and halves of
    surrogate pairs.
    """
    return text if text.isprintable() else "".join(sign if sign.isprintable() else _escaped(sign) for sign in text)


def shown(text: object, most: int = LONGEST_QUOTED) -> str:
    """What a person typed or a file holds, as a sentence quotes it: printable, and at most so many characters."""
    quoted = printable(str(text)[: most + 1])
    return quoted if len(quoted) <= most else quoted[: most - 1] + "…"


def first_line(error: BaseException) -> str:
    """The first line of an error's words; its type's name where it has none, or where they fail themselves."""
    with suppress(Exception):
        if words := str(error).strip():
            return words.splitlines()[0]
    return type(error).__name__


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape", "backslashreplace").decode("ascii")
