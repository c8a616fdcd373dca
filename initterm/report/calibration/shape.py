"""What the JSON of a calibration looks like, as a type."""

from __future__ import annotations

from initterm.experiments.comparison import Interval
from initterm.experiments.message import Number
from initterm.report.object_types import COMPUTED, each, several, shape

PROMISE = shape(
    "PromiseTold",
    each(str, "about", "promise", "side"),
    each(int, "count", "simulations"),
    each(float, "promised", "found"),
    interval=Interval,
    kept=bool,
)
CALIBRATION = shape(
    "Calibration",
    {name: kind | None for name, kind in COMPUTED.items()},
    promises=several(PROMISE),
    kept=bool,
    simulations=int | None,
    seed=int | None,
    confidence=float,
    seconds=Number,
)
