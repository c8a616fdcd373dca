"""Layers as strips, a line an initializer: how far each is from where it began, as colour."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style
from rich.table import Table
from rich.text import Text

from initterm.experiments.message import Number
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import Oddity
from initterm.report.palette import name_with_mark
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import factor
from initterm.tui.signal.scale import DivergingScale, decades_of, sign_of

ODD_MARKS: dict[Oddity, str] = {"zero": "0", "inf": "∞", "nan": "?"}
ODD_RATIOS = {"0": 0.0}
"""What odd marks are coloured as; all others have exploded."""


def strip(ratios: list[float | None], oddities: list[str], width: int, scale: DivergingScale) -> Text:
    """Layers from the first to the last in so many cells at most; what is odd is named by its own mark."""
    count = len(ratios)
    text = Text(no_wrap=True)
    for cell in range(min(width, count)):
        layer = cell if count <= width else round(cell * (count - 1) / max(1, width - 1))
        odd = oddities[layer]
        decades = decades_of(ODD_RATIOS.get(odd, math.inf) if odd else ratios[layer])
        mark = odd or (" " if scale.coloured and scale.shades != "16" else sign_of(decades))
        text.append(mark, scale.of_decades(decades) + Style(color=scale.ink if scale.coloured else None))
    return text


NAME_WIDTH, WIDE, BESIDE_STRIPS = 16, 80, 31
LEAST_STRIP = 8


@dataclass(frozen=True, eq=False)
class StripTable:
    """A line an initializer: what is left at each layer as a strip, forward and backward, and what it comes to."""

    board: SignalBoard
    shown: tuple[InitializerSpec, ...]
    scale: DivergingScale

    @property
    def lines(self) -> int:
        """How many lines it takes."""
        return 1 + len(self.shown)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table for this width; factors are left out where there is no room for both."""
        wide = options.max_width >= WIDE
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        numbers = ("a layer →", "a layer ←") if wide else ()
        most = max(len("← gradient"), min(60, self.board.experiment.chain.depth))
        width = max(LEAST_STRIP, min(most, (options.max_width - BESIDE_STRIPS - 11 * len(numbers)) // 2))
        name_width = max(2, min(NAME_WIDTH, options.max_width - 2 * width - BESIDE_STRIPS + NAME_WIDTH))
        table.add_column("", no_wrap=True, overflow="ellipsis", max_width=name_width)
        for head in ("signal →", "← gradient"):
            table.add_column(head, no_wrap=True, min_width=width, max_width=width)
        for head in (*numbers, ""):
            table.add_column(head, no_wrap=True, justify="right" if head else "left")
        for contender, one in enumerate(self.shown):
            summary = self.board.summary(contender)
            factors = (summary.forward_factor, summary.backward_factor) if summary else (None, None)
            table.add_row(
                name_with_mark(one),
                *(strip(ratios, odd, width, self.scale) for ratios, odd in _strips(self.board, contender)),
                *(map(factor, factors) if wide else ()),
                summary.verdict if summary else "theory is silent" if self.board.predictions else "…",
            )
        yield table


def _strips(board: SignalBoard, contender: int) -> Iterator[tuple[list[Number], list[str]]]:
    """Signal over that at the first layer, gradient over that at the last, and odd marks: measured, else by theory."""
    layers, depth = board.layers(contender), board.experiment.chain.depth
    if layers:
        yield (
            _ratios([layer.activation.median for layer in layers], depth),
            _odd([layer.oddity for layer in layers], depth),
        )
        backward = [layer.gradient.median for layer in reversed(layers)]
        odd = _odd([layer.gradient_oddity for layer in layers], depth)
        yield list(reversed(_ratios(backward, len(layers)))) + [None] * (depth - len(layers)), odd
        return
    prediction = board.predictions[contender] if board.predictions else None
    signal = prediction.activation_std.tolist() if prediction else []
    gradient = prediction.gradient_std(depth)[::-1].tolist() if prediction else []
    yield _ratios(signal, depth), [""] * depth
    yield _ratios(gradient, depth)[::-1], [""] * depth


def _ratios(stds: Sequence[Number], depth: int) -> list[Number]:
    """Each over the first, None where there is none."""
    first = stds[0] if stds else None
    ratios = [std / first if std is not None and first else None for std in stds]
    return ratios + [None] * (depth - len(ratios))


def _odd(oddities: Sequence[Oddity], depth: int) -> list[str]:
    marks = [ODD_MARKS.get(oddity, "") for oddity in oddities]
    return marks + [""] * (depth - len(marks))
