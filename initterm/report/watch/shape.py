"""What the JSON of a training that was watched looks like, as types; what its audit found stands beside it."""

from __future__ import annotations

from initterm.experiments.message import Number
from initterm.experiments.watch.events import EpochWatched, StepLogged, StepWatched
from initterm.report.object_types import COMPUTED, Fields, each, of, several, shape

WATCH_KEYS: Fields = {
    **COMPUTED,
    **each(str, "model", "command", "optimizer", "loss"),
    **each(int | None, "parameters", "steps_before", "examples", "steps"),
    **each(Number, "guessing", "seconds", "seconds_looking"),
    **each(list[str], "tensors", "layers", "units", "notes"),
    "every": int,
    "share": float,
    "symptom": str | None,
    "looks": several(shape("Look", of(StepWatched))),
    "logged": several(shape("Logged", of(StepLogged))),
    "epochs": several(shape("EpochTold", of(EpochWatched))),
}
