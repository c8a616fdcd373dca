"""A kernel asked for, and what is told of it while it is drawn and after."""

from __future__ import annotations

from typing import Literal

import msgspec

from initterm.experiments.message import UNKNOWN, Histogram, Machine, Message, Number
from initterm.theory.initializers import InitializerSpec
from initterm.theory.shapes import Shape

Stage = Literal["waiting for memory", "drawing", "measuring", "testing"]


class Draw(Message, frozen=True):
    """Begins the drawing of a kernel; answered by ``Drawn``, or by ``DrawAdvanced`` until ``Advance`` brings that."""

    initializer: InitializerSpec
    shape: Shape
    seed: int
    bins: int = 50


DOUBTFUL = 0.01
"""A p-value under this is called a misfit: one true sample in a hundred has it."""


class Check(msgspec.Struct, frozen=True):
    """One test of a sample against its law: its statistic, and how often chance alone gives one as far off.

    ``told`` says in words what it found, where it refuses the sample; empty where it doesn't.
    """

    name: str
    statistic: float
    p_value: float
    told: str = ""


class Fit(msgspec.Struct, frozen=True):
    """A sample against its law: ``test`` names all checks, ``statistic`` is the first one's, ``p_value`` all theirs.

    ``p_value`` is the checks' least, corrected for their number, so that a true sample has one under 0.01 once in a
    hundred times at most. ``tested`` says what of the law was tested: "its distribution and its independence".
    ``misfits`` are the words of the checks that refuse the sample, the plainest first. ``p_distribution`` is that of
    the checks alone that see each weight by itself.
    """

    test: str
    statistic: float
    p_value: float
    checks: tuple[Check, ...] = ()
    tested: str = ""
    misfits: tuple[str, ...] = ()
    p_distribution: float = 1.0


class DrawAdvanced(Message, frozen=True):
    """A kernel is still being drawn; ``share`` of ``doing`` is done, None where Keras's own call doesn't tell."""

    doing: Stage
    share: Number


class Drawn(Message, frozen=True):
    """A kernel's statistics, moments over all its weights; ``fit`` is None where no test applies."""

    initializer: InitializerSpec
    shape: Shape
    seed: int
    mean: float
    std: float
    min: float
    max: float
    histogram: Histogram
    fit: Fit | None
    machine: Machine = UNKNOWN
