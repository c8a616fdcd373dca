"""Python's grammar for what people type: read as a tree, never evaluated, and quiet."""

from __future__ import annotations

import ast
import warnings

LONGEST = 300
UNREADABLE = (SyntaxError, ValueError, TypeError, RecursionError, MemoryError)
"""What Python's parser raises for texts that are none of its expressions, too deep or too large, or hold surrogates."""


def expression(text: str) -> ast.expr:
    """The tree of an expression of at most ``LONGEST`` characters.

    Raises:
        ValueError: the text is none.
    """
    if len(text) > LONGEST:
        raise ValueError(f"more than {LONGEST} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of 1or 2, or of "\d": they would be printed over the screen
            return ast.parse(text.strip(), mode="eval").body
    except UNREADABLE:
        raise ValueError("no expression") from None


def literal(node: ast.expr) -> object:
    """The number, text, word or list that a tree stands for.

    Raises:
        ValueError: it is anything else, or one that can't be made, such as a set of lists.
    """
    try:
        value: object = ast.literal_eval(node)
    except UNREADABLE:
        raise ValueError("no literal") from None
    return value
