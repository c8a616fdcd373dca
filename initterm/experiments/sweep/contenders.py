"""Contenders of a sweep as texts, in which numbers may stand open: ``variance_scaling(scale={s})``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from initterm.experiments.sweep.axis_kinds import SETTINGS, WHY_NOT
from initterm.experiments.training.contender import Contender
from initterm.theory.refusal import Refusal

OPEN = re.compile(r"\{([A-Za-z_]\w*)\}", re.ASCII)

parsed = lru_cache(maxsize=1024)(Contender.parse)


def placeholders_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The names of the numbers that stand open, in their order.

    Raises:
        Refusal: one of them is a setting's name, whose axis would be taken for it.
    """
    names = tuple(dict.fromkeys(name for text in texts for name in OPEN.findall(text)))
    for name in names:
        if name in SETTINGS or name in WHY_NOT:
            raise Refusal(f"{{{name}}} is called as a setting is; give it another name, such as {{s}}.")
    return names


def one_form(text: str) -> str:
    """A contender's one text; one with numbers that stand open is left as it was typed.

    Raises:
        Refusal: it is no contender.
    """
    return text.strip() if OPEN.search(text) else str(parsed(text))


def filled(text: str, at: Mapping[str, str]) -> Contender:
    """The contender, with these numbers in the places that stand open.

    Raises:
        Refusal: it is no contender.
    """
    return parsed(OPEN.sub(lambda place: at.get(place[1], place[0]), text))
