"""Numbers as people write them."""

from __future__ import annotations

import math
import re
import sys

from initterm.theory.refusal import Refusal, shown


def size(count: int) -> str:
    """Bytes in words: ``37.3 GiB``."""
    value, units = float(count), ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1024 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:,.0f} {units[0]}" if units[0] == "bytes" else f"{value:,.1f} {units[0]}"


LARGEST_SEED = 2**32 - 1
"""Keras takes seeds of 32 bits."""


def parse_whole_number(text: str, name: str, low: int, high: int, example: int) -> int:
    """Read a whole number between limits, both included; thousands may be set off by commas or underscores.

    Raises:
        Refusal: no whole number, or outside the limits.
    """
    digits = re.sub(r"[,_\s]", "", text)
    if not re.fullmatch(r"-?[0-9]{1,18}", digits) or not low <= int(digits) <= high:
        found = shown(text.strip(), 20) or "nothing"
        raise Refusal(f"{name}: a whole number from {low:,} to {high:,}, such as {example}, not {found}.")
    return int(digits)


def parse_seed(text: str) -> int:
    """Read a seed, a whole number from 0 to 2³² − 1.

    Raises:
        Refusal: the text is no such number.
    """
    return parse_whole_number(text, "seed", 0, LARGEST_SEED, 42)


def parse_number(
    text: str, name: str, example: float, low: float = -sys.float_info.max, high: float = sys.float_info.max
) -> float:
    """Read a decimal number, such as ``0.001`` or ``1e-3``, from low to high.

    Raises:
        Refusal: no such number, or none that is finite.
    """
    try:
        value = float(text) if text.isascii() else math.nan
    except ValueError:
        value = math.nan
    if not low <= value <= high:
        limits = f" from {low:g} to {high:g}," if high < sys.float_info.max else ""
        raise Refusal(f"{name}: a number{limits} such as {example:g}, not {shown(text.strip(), 20) or 'nothing'}.")
    return value
