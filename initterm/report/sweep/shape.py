"""What the JSON of a sweep looks like, as a type."""

from __future__ import annotations

from initterm.experiments.comparison import Interval
from initterm.experiments.message import Number
from initterm.report.object_types import COMPUTED, each, named, several, shape, sometimes
from initterm.report.sweep.results import HISTORIES, OF_ACCURACY

VALUE = int | float | str
"""Of an axis: a number as one, everything else as it is written."""

CELL = shape(
    "CellTold",
    each(int, "trials", "finished", "diverged", "failed"),
    settings=named(VALUE),
    initializer=str,
    activation=str | None,
    test_accuracy_mean=Number,
    test_accuracy_ci95=Interval | None,
    metric=str,
    test_metric_mean=Number,
    test_metric_ci95=Interval | None,
    wins=bool,
    deepest_by_theory=Number,
    nearest_to_theory=bool,
)
TRIAL = shape(
    "SweepTrial",
    sometimes(
        {
            "why": str,
            "diverged_at": int | None,
            "epoch_seconds": list[float],
            "test_loss": Number,
            "test_metric": Number,
        }
    ),
    settings=named(VALUE),
    initializer=str,
    activation=str | None,
    seed=int,
    status=str,
    history=shape("SweepHistory", sometimes(each(list[Number], *HISTORIES, *OF_ACCURACY.values()))),
    test_accuracy=Number,
)
SWEEP = shape(
    "SweepTold",
    COMPUTED,
    command=str,
    axes=several(shape("AxisTold", name=str, values=several(VALUE))),
    cells=several(CELL),
    trials=several(TRIAL),
    workers=several(shape("WorkerTold", each(str, "name", "host"))),
    finished=bool,
    failed=int,
    threads=int,
    data=several(shape("ImagesTold", each(int, "train", "validation", "test"), name=str)),
    verdicts=list[str],
)
