"""Why a model failed, in the deepest line of what Keras and TensorFlow say: where, and what was wrong there."""

from __future__ import annotations

import re

from initterm.theory.refusal import first_line, sentence_of

COLOUR = re.compile("\x1b\\[[0-9;]*m")
"""The escapes by which Keras colours an error."""

WITHIN = re.compile(
    r"Exception encountered when calling (?:layer )?['\"]?([\w.]+?)(?:\.call\(\))?['\"]?(?: \(.*\))?\.?$"
)
"""How Keras begins to tell of an error in a layer."""

INFERRING = "Error encountered:"
"""What Keras says before an error that it met as it inferred a layer's output."""

NODE, TAIL = re.compile(r"\{\{function_node [^}]*\}\}\s*"), re.compile(r"(?:\s*\[Op:\w+\])?(?:\s*name:)?\s*$")
"""How TensorFlow begins and ends to tell of an operation's."""


def deepest_line(error: BaseException) -> str:
    """The line that says what was wrong, after the name of the innermost layer that it was wrong in.

    >>> deepest_line(ValueError("Exception encountered when calling Conv1D.call().\\n\\n\\x1b[1mToo short.\\x1b[0m"))
    'Conv1D: Too short.'
    """
    words = COLOUR.sub("", _words(error)).rpartition(INFERRING)[2]
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    where = ""
    while len(lines) > 1 and (match := WITHIN.match(lines[0])):
        where, lines = match[1], lines[1:]
    line = TAIL.sub("", NODE.sub("", lines[0] if lines else first_line(error)))
    return f"{where}: {line}" if where and not line.startswith("Exception encountered") else line


def reason_of(error: BaseException) -> str:
    """The same as a sentence that ends, with the error's type where nothing else says what it is."""
    return sentence_of(
        KeyError(deepest_line(error)) if isinstance(error, KeyError) else ValueError(deepest_line(error))
    )


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # a person's own error may fail at that
        return type(error).__name__
