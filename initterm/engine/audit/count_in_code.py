"""How many examples a model takes whose code has a batch's size written into it: what its error tells."""

from __future__ import annotations

import math
import re

from initterm.engine import memory
from initterm.engine.audit.room import call
from initterm.engine.models.inputs import Data, inputs_for
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.reasons import deepest_line

PROBED = 3
"""How many examples are sent to see what the model says."""

MOST = 256
"""How many examples are believed to be asked for."""

RESHAPED = re.compile(r"is a tensor with (\d+) values, but the requested shape (has|requires a multiple of) (\d+)")
SHAPES = re.compile(r"(?<!\w)[\[(](\d+)[\d,\s]*[\])]")
"""How TensorFlow tells of numbers that make no such shape, and the first size of the shapes that it tells."""


def count_in_code(opened: OpenedModel, data: Data | None) -> int | None:
    """How many examples a model asks for at a time; None where it takes what is sent, or doesn't say."""
    inputs = inputs_for(opened, data, PROBED)
    if inputs is None:
        return None
    try:
        call(opened, inputs)
    except Exception as error:  # of layers of the person's own
        return None if memory.ran_out(error) else count_told(deepest_line(error), len(inputs.batches[0]))
    return None


def count_told(error: str, sent: int) -> int | None:
    """How many examples an error asks for that came when so many were sent; None where it doesn't say.

    >>> count_told("Input to reshape is a tensor with 600 values, but the requested shape has 10000", 3)
    50
    >>> count_told("Incompatible shapes: [3,8] vs. [50,8]", 3)
    50
    """
    told = _told_of_reshaping(match, sent) if (match := RESHAPED.search(error)) else _told_of_shapes(error, sent)
    return told if told and told <= MOST and told != sent else None


def _told_of_reshaping(told: re.Match[str], sent: int) -> int | None:
    values, wanted = int(told[1]), int(told[3])
    if not values or values % sent:
        return None
    if told[2] == "has":
        return wanted * sent // values if wanted * sent % values == 0 else None
    return wanted // math.gcd(values // sent, wanted)


def _told_of_shapes(error: str, sent: int) -> int | None:
    """The one other number that a shape begins with, where one begins with that which was sent."""
    firsts = set(map(int, SHAPES.findall(error)))
    others = firsts - {sent}
    return others.pop() if sent in firsts and len(others) == 1 else None
