"""The one error a person may see: a sentence that says what was wrong and what would be right; and what was meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
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


def refuse_unless_utf8(name: str) -> None:
    """Refuse a name that can't be told to an engine, nor written as JSON.

    Raises:
        Refusal: it holds halves of surrogate pairs, as Python's names of files that aren't UTF-8 do.
    """
    try:
        name.encode()
    except UnicodeEncodeError:
        raise Refusal(f"{shown(name)} isn't UTF-8; give the file such a name.") from None


def first_line(error: BaseException) -> str:
    """The first line of an error's words; its type's name where it has none, or where they fail themselves."""
    with suppress(Exception):
        if words := str(error).strip():
            return words.splitlines()[0]
    return type(error).__name__


CLIPPED = 160


def sentence_of(error: BaseException) -> str:
    """The first line of an error as a sentence that ends."""
    missing = "there is no " if isinstance(error, KeyError) else ""
    return f"{shown(f'{missing}{first_line(error)}', CLIPPED).rstrip('.:')}."


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape", "backslashreplace").decode("ascii")


LIKE = 0.6
"""How much alike two spellings are, of 1, where one may have been meant by the other."""

LONGEST = 40
"""Of what is longer its beginning is compared."""


def spelling(text: str) -> str:
    """Letters and digits alone, small: ``leakyrelu`` of ``Leaky ReLU`` and of ``leaky_relu``."""
    return "".join(character for character in text.lower() if character.isalnum())


def meant(text: str, names: Iterable[str], like: float = LIKE) -> str:
    """The name that is spelled most like the text; empty where none is."""
    by_spelling = {spelling(name): name for name in names}
    close = difflib.get_close_matches(spelling(text[:LONGEST]), by_spelling, n=1, cutoff=like)
    return by_spelling[close[0]] if close else ""


def name_of(
    text: str,
    names: Iterable[str],
    kind: str,
    aliases: Mapping[str, str] | None = None,
    otherwise: str = "",
    like: float = LIKE,
) -> str:
    """The one of the names that the text spells.

    Args:
        text: what a person wrote.
        names: all there are.
        kind: what they are names of, such as ``initializer``.
        aliases: other names, with that of ``names`` which they stand for.
        otherwise: what is said where no name is near; empty for all of them.
        like: as in ``meant``.

    Raises:
        Refusal: none of them; it says which may have been meant.
    """
    known = {name: name for name in names} | dict(aliases or {})
    by_spelling = {spelling(name): stands_for for name, stands_for in known.items()}
    if (spelled := spelling(text)) in by_spelling:
        return by_spelling[spelled]
    near = meant(text, known, like)
    hint = f"did you mean {known[near]}?" if near else otherwise
    hint = hint or f"known are {', '.join(dict.fromkeys(known.values()))}."
    raise Refusal(f"No {kind} is called '{shown(text)}'; {hint}")
