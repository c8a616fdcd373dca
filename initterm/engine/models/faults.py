"""What goes wrong in others' code and files, as sentences."""

from __future__ import annotations

from initterm.engine import memory
from initterm.theory.refusal import shown

WANTED = "name a .keras or .h5 file, or package.module:function that returns a model"

CLIPPED = 160


def raise_if_ran_out(error: BaseException) -> None:
    """Want of memory is no fault of a sentence's: whoever set its bounds tells of it."""
    if memory.ran_out(error):
        raise error


def sentence_of(error: BaseException) -> str:
    """The first line of an error as a sentence that ends."""
    try:
        text = (str(error).strip() or type(error).__name__).splitlines()[0]
    except Exception:  # its own words fail
        text = type(error).__name__
    if isinstance(error, KeyError):
        text = f"there is no {text}"
    return f"{shown(text, CLIPPED).rstrip('.:')}."
