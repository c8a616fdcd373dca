"""A quantity by layer as values: lines of several initializers, what theory says and what was measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from initterm.experiments.message import Number
from initterm.tui.widgets.drawing import Range, logs_of

Side = Literal["left", "right"]


@dataclass(frozen=True, eq=False)
class LayerLine:
    """One initializer by layer, from the first on: what theory says and what was measured, None where there is nothing.

    ``earlier`` is what was measured of weights of another scale. ``spans`` are the least and the largest of several
    seeds. ``odd`` are layers with the mark of what has no logarithm:
    ``0`` stands at the lower edge, all others at the upper one.
    """

    name: str
    mark: str
    colour: str
    theory: Sequence[Number] = ()
    measured: Sequence[Number] = ()
    earlier: Sequence[Number] = ()
    spans: Sequence[tuple[Number, Number]] = ()
    odd: Sequence[tuple[int, str]] = ()

    def at(self, layer: int) -> Number:
        """What was measured at a layer, counted from 1, else what theory says."""
        known = self.measured or self.theory
        return known[layer - 1] if layer <= len(known) else None

    def logs(self) -> Iterator[float]:
        """The logarithms that are to be seen."""
        ends = (end for span in self.spans for end in span)
        yield from (log for log in logs_of([*self.theory, *self.measured, *self.earlier, *ends]) if log is not None)


@dataclass(frozen=True, eq=False)
class LayerDrawing:
    """Lines over layers 1 to ``depth``, the one in ``front`` before the others.

    ``limits`` are those of the axis, ``edges`` the logarithms at which it is tenfold what set out, and a tenth;
    ``ends`` is the side on which the lines end, and are labelled. ``here`` is a depth that is marked.
    """

    title: str = ""
    lines: tuple[LayerLine, ...] = ()
    depth: int = 1
    limits: Range = (-1.0, 1.0)
    edges: Range = (-1.0, 1.0)
    ends: Side = "right"
    front: int = 0
    here: int | None = None

    @property
    def ordered(self) -> list[LayerLine]:
        """The lines, the one in front last."""
        return sorted(self.lines, key=lambda one: one is self.lines[min(self.front, len(self.lines) - 1)])
