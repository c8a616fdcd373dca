"""Counts and lists of things, in words."""

from __future__ import annotations

from collections.abc import Sequence

from initterm.theory.numbers import grouped


def counted(what: str, count: int) -> str:
    """So many of a thing.

    >>> counted("epoch", 1), counted("sample", 5000)
    ('1 epoch', '5,000 samples')
    """
    return f"{grouped(count)} {what}{'s' * (count != 1)}"


def joined(names: Sequence[str]) -> str:
    """One thing or more in a sentence.

    >>> joined(["he_normal"]), joined(["zeros", "ones", "he_normal"])
    ('he_normal', 'zeros, ones and he_normal')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
