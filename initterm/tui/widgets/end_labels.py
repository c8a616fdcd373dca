"""Labels at the right ends of lines, spread so that none hides another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment

from initterm.tui.widgets.inks import Inks

NAME_WIDTHS = (22, 16, 12, 8, 0)
"""Columns that names may take, as long as there is room."""


@dataclass(frozen=True)
class EndLabel:
    """What stands at the end of a line: its mark, its name, its last value."""

    mark: str
    name: str = ""
    value: str = ""

    @property
    def width(self) -> int:
        """Columns that it takes."""
        return cell_len(" ".join(filter(None, (self.mark, self.name, self.value))))

    def segments(self, colour: str, inks: Inks, *, front: bool) -> list[Segment]:
        """The mark in the line's colour, the rest too where the line is in front."""
        full = inks.full(colour)
        words = full + inks.bold if front else inks.muted
        rest = " ".join(filter(None, (self.name, self.value)))
        return [Segment(self.mark, full), *([Segment(f" {rest}", words)] if rest else [])]


def fitting_labels(labels: Sequence[EndLabel], room: int) -> list[EndLabel]:
    """The labels with values aligned, in as much detail as there is room for: names get shorter, then go, then values.

    Nothing at all where not even the marks have room.
    """
    values = max((cell_len(label.value) for label in labels), default=0)
    longest = max((cell_len(label.name) for label in labels), default=0)
    for width in NAME_WIDTHS:
        columns = min(width, longest)
        fitted = [replace(label, name=_cut(label.name, columns), value=f"{label.value:>{values}}") for label in labels]
        if max((label.width for label in fitted), default=0) <= room:
            return fitted
    return [EndLabel(label.mark) for label in labels] if room >= 1 else []


def _cut(name: str, columns: int) -> str:
    """The name in exactly so many columns, its end left out where it is longer."""
    if cell_len(name) > columns > 0:
        return set_cell_size(name, columns - 1) + "…"
    return set_cell_size(name, columns)


def placed_labels(labels: Sequence[EndLabel], rows: Sequence[float], lines: int) -> dict[int, int]:
    """Which label stands in which line: each as close as can be to its row; the last ones where there are too many.

    Args:
        labels: in the order of their importance, the least first.
        rows: where each would stand, counted from the top.
        lines: how many there are.
    """
    kept = range(max(0, len(labels) - lines), len(labels))
    order = sorted(kept, key=lambda index: rows[index])
    return dict(zip(spread([rows[index] for index in order], lines), order, strict=True))


def spread(rows: Sequence[float], lines: int) -> list[int]:
    """Different lines for rows that rise, in the same order, none farther off than needed.

    Rows whose labels would touch are moved together, around their middle (pool adjacent violators).
    """
    groups: list[tuple[float, int]] = []
    for index, row in enumerate(rows):
        total, count = row - index, 1
        while groups and groups[-1][0] / groups[-1][1] > total / count:
            before, many = groups.pop()
            total, count = total + before, count + many
        groups.append((total, count))
    shifts = [total / count for total, count in groups for _ in range(count)]
    return [index + round(min(max(shift, 0), lines - len(rows))) for index, shift in enumerate(shifts)]
