"""Whether something fits into the memory that is free."""

from __future__ import annotations

import psutil

from initterm.theory.numbers import size
from initterm.theory.refusal import Refusal


def fits(need: int) -> bool:
    """Whether so many bytes are free now."""
    return need <= psutil.virtual_memory().available


def ran_out(error: BaseException) -> bool:
    """Whether an error says that there was no more memory to be had, in Python or in TensorFlow."""
    return isinstance(error, MemoryError) or type(error).__name__ in ("ResourceExhaustedError", "ArrayMemoryError")


def raise_if_ran_out(error: BaseException) -> None:
    """Want of memory is no fault of a sentence's: whoever set its bounds tells of it."""
    if ran_out(error):
        raise error


def refuse_if_too_large(need: int, what: str) -> None:
    """Say no before trying.

    Args:
        need: bytes that the work takes at its peak.
        what: the subject of the sentence, with its size.

    Raises:
        Refusal: more bytes are needed than are free now.
    """
    free = psutil.virtual_memory().available
    if need > free:
        raise Refusal(f"{what} takes {size(need)} of memory, and {size(free)} are free; choose a smaller one.")
