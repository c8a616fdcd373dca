"""Four initializers on 30 ReLU layers of 64: how long it takes, who learns, and what is said about who doesn't."""

from __future__ import annotations

import sys
import time

from initterm.engine.runtime import device_name
from initterm.engine.training.training import train
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.diagnosis import symptom_of
from initterm.experiments.training.events import DataLoaded
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec

FOUR = tuple(map(Contender.parse, ("he_normal", "glorot_uniform", "lecun_normal", "random_normal")))
SECONDS_GOAL = 6


def main() -> None:
    """Train from where the data are there until the last test, compiling included."""
    data = sys.argv[1] if len(sys.argv) > 1 else "auto"
    experiment = Experiment(FOUR, NetworkSpec((64,) * 30), data=data)
    board, began = Scoreboard.of(experiment), 0.0
    for event in train(experiment):
        board = board.after(event)
        if isinstance(event, DataLoaded):
            began = time.perf_counter()
    seconds = (time.perf_counter() - began) / len(FOUR)
    name = board.data.name if board.data else "no data"
    print(f"device {device_name()}; {name}, 10 epochs; goals on MNIST: he_normal above 0.8, random_normal at loss 2.30")
    print(f"{seconds:.1f} s a contender, compiling included   (goal: under {SECONDS_GOAL} s on 2 cores)")
    for record in board.records:
        sign = symptom_of(record)
        print(
            f"{record.trial.contender!s:<16} validation accuracy {record.val_accuracy[-1] or 0:.3f}"
            f"   loss {record.loss[-1] or 0:.3f}   {sign.words if sign else ''}"
        )


if __name__ == "__main__":
    main()
