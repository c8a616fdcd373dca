"""What it costs to keep a run: the notebook's comparison with five seeds, kept and not kept, in turns.

Both are compiled before, as compiling would hide what is measured. The CPU's time is that of the whole process; where
other processes share the machine, it says more than what a clock tells.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from initterm.engine.training.training import train
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.kept_runs import kept_training
from initterm.store.place import VARIABLE

TURNS = 6
GOAL = 0.02


def seconds_of(begin: Callable[[], Iterator[object]]) -> tuple[float, float]:
    """Of a run, by the clock, and of the CPU."""
    began, cpu = time.perf_counter(), time.process_time()
    for _ in begin():
        continue
    return time.perf_counter() - began, time.process_time() - cpu


def main(turns: int = TURNS) -> None:
    """Measure, and print both with their ratio."""
    with tempfile.TemporaryDirectory(prefix="initterm-keeping-") as folder:
        os.environ[VARIABLE] = str(Path(folder) / "runs")
        experiment = Experiment(seeds=5, data=os.environ.get("INITTERM_MNIST", "digits"))
        ways = (lambda: train(experiment), lambda: kept_training(experiment, set()))
        for way in ways:
            seconds_of(way)  # warms caches
        measured: list[list[tuple[float, float]]] = []
        for turn in range(turns):
            order = ways if turn % 2 == 0 else ways[::-1]
            seconds = {way: seconds_of(way) for way in order}
            measured.append([seconds[way] for way in ways])
    print(f"{experiment.data}: {turns} turns of {len(list(experiment.trials))} trials of {experiment.epochs} epochs")
    for index, clock in enumerate(("by the clock", "of the CPU")):
        without, kept = (statistics.median(turn[way][index] for turn in measured) for way in (0, 1))
        more = statistics.median(turn[1][index] / turn[0][index] - 1 for turn in measured)
        print(f"{clock:<13} not kept {without:6.2f} s   kept {kept:6.2f} s   {more:+.1%}   (goal: at most {GOAL:.0%})")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
