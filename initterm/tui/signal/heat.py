"""How far something is from 1, as a colour and as a mark: blue and − vanishing, red and + exploding."""

from __future__ import annotations

import math

from rich.style import Style
from rich.text import Text

STEADY, VANISHING, EXPLODING = (58, 63, 72), (38, 110, 235), (235, 70, 50)
INK = "#ffffff"
FULL_AT = 8.0
"""From so many powers of ten on the colour is full."""

MARKS = "−·+"
ODD_RATIOS = {"0": 0.0}
"""What odd marks are coloured as; all others have exploded."""

LEGEND = "· within tenfold  − vanishing  + exploding"


def heat_cell(ratio: float | None) -> tuple[str, Style]:
    """One cell for a ratio: its mark and its style; blank where there is none."""
    if ratio is None or math.isnan(ratio):
        return " ", Style()
    decades = _decades(ratio)
    mark = MARKS[1 + (decades > 1) - (decades < -1)]
    return mark, Style(color=INK, bgcolor=_colour(decades), dim=mark == MARKS[1])


def _decades(ratio: float) -> float:
    if ratio <= 0:
        return -math.inf
    return math.log10(ratio) if math.isfinite(ratio) else math.inf


def _colour(decades: float) -> str:
    end = EXPLODING if decades > 0 else VANISHING
    share = min(1.0, abs(decades) / FULL_AT) ** 0.5
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(STEADY, end, strict=True))


def strip(ratios: list[float | None], oddities: list[str], width: int) -> Text:
    """Layers from the first to the last in so many cells at most; what is odd is named by its own mark."""
    count = len(ratios)
    text = Text(no_wrap=True)
    for cell in range(min(width, count)):
        layer = cell if count <= width else round(cell * (count - 1) / max(1, width - 1))
        odd = oddities[layer]
        mark, style = heat_cell(ODD_RATIOS.get(odd, math.inf) if odd else ratios[layer])
        text.append(odd or mark, style)
    return text
