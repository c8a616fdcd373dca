"""What it costs to draw a training of many trials anew: both pictures of curves and both tables, at 120x36."""

from __future__ import annotations

import itertools
import random
import statistics
import time
from collections.abc import Iterator

from textual.geometry import Size

from initterm.engine.comparison.intervals import t_quantiles
from initterm.engine.training.comparisons import compared
from initterm.experiments.training import events
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.tui.training.curves import CurveOptions, accuracy_picture, loss_picture
from initterm.tui.training.leaderboard import Leaderboard, Vitals
from initterm.tui.widgets.curve_painting import painted
from initterm.tui.widgets.inks import NIGHT

NAMES, ACTIVATIONS = ("he_normal", "lecun_normal", "orthogonal"), ("relu", "tanh", "elu", "selu")
CONTENDERS = tuple(Contender.parse("@".join(pair)) for pair in itertools.product(NAMES, ACTIVATIONS))
SEEDS, EPOCHS = 5, 100
ACCURACY_SIZE, LOSS_SIZE, TABLE_WIDTH = Size(56, 13), Size(36, 13), 94
ROUNDS, GOAL = 8, 0.030


def told(experiment: Experiment, seed: int) -> Iterator[events.TrainingEvent]:
    """Events of a run whose numbers go up and down by chance."""
    chance = random.Random(seed)
    yield events.RunStarted("CPU", {}, t_quantiles(experiment.seeds))
    for trial in experiment.trials:
        yield events.TrialStarted(trial.index, 125)
    for epoch, trial in itertools.product(range(1, EPOCHS + 1), experiment.trials):
        accuracy = 0.95 - 0.3 / epoch + chance.gauss(0, 0.005)
        yield events.EpochFinished(trial.index, epoch, 1 / epoch, accuracy, 1 / epoch + 0.1, accuracy, 0.1)


def redraw(board: Scoreboard) -> None:
    """As Train does."""
    painted(accuracy_picture(board, CurveOptions()), ACCURACY_SIZE)
    painted(loss_picture(board, CurveOptions()), LOSS_SIZE)
    Leaderboard(board).lines(TABLE_WIDTH, NIGHT)
    Vitals(board).lines(TABLE_WIDTH, NIGHT)


def main() -> None:
    """Print the time of the processor that a redraw takes, of runs that were not drawn before."""
    experiment = Experiment(CONTENDERS, epochs=EPOCHS, seeds=SEEDS)
    seconds = []
    for seed in range(ROUNDS):
        board = Scoreboard.of(experiment, compared(experiment, told(experiment, seed)))
        began = time.thread_time()
        redraw(board)
        seconds.append(time.thread_time() - began)
    took = f"median {statistics.median(seconds) * 1000:.1f} ms, max {max(seconds) * 1000:.1f} ms"
    print(f"{len(CONTENDERS)} contenders × {SEEDS} seeds × {EPOCHS} epochs: {took} (goal {GOAL * 1000:.0f} ms)")


if __name__ == "__main__":
    main()
