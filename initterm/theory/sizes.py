"""Sizes in bytes, as people write them."""

from __future__ import annotations

import re

from initterm.theory.refusal import Refusal, shown

UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


def parse_size(text: str) -> int:
    """Bytes, from a text such as ``8GiB``, ``8G`` or ``512 MiB``; units count by 1024.

    >>> parse_size("8 GiB"), parse_size("1.5k")
    (8589934592, 1536)

    Raises:
        Refusal: it is no size.
    """
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,9})?)\s*([kmgt]?)(?:ib|b)?", text.strip().lower())
    if match is None:
        raise Refusal(f"{shown(text)!r} is not a size; write a size such as 8GiB or 512MiB.")
    return int(float(match[1]) * UNITS[match[2]])
