"""Names as people spell them: whatever the case, with or without the signs between, and what they may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from initterm.theory.refusal import Refusal, shown

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
