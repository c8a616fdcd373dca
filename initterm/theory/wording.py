"""Counts and lists of things, in words."""

from __future__ import annotations

from collections.abc import Sequence

from initterm.theory.numbers import grouped, seconds


def counted(what: str, count: int) -> str:
    """So many of a thing.

    >>> counted("epoch", 1), counted("sample", 5000)
    ('1 epoch', '5,000 samples')
    """
    return f"{grouped(count)} {what}{'s' * (count != 1)}"


def span(duration: float) -> str:
    """A duration in seconds of which nobody needs the seconds where it is long.

    >>> span(12.4), span(740.0), span(12_100.0), span(200_000.0)
    ('12 s', '12 min', '3 h 21 min', '55 h 33 min')
    """
    if duration < 120:
        return seconds(duration)
    hours, minutes = divmod(int(duration // 60), 60)
    return f"{grouped(hours)} h {minutes} min" if duration >= 7200 else f"{60 * hours + minutes} min"


def joined(names: Sequence[str]) -> str:
    """One thing or more in a sentence.

    >>> joined(["he_normal"]), joined(["zeros", "ones", "he_normal"])
    ('he_normal', 'zeros, ones and he_normal')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
