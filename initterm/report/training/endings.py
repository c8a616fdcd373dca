"""Why trials ended before their epochs did: a budget was spent, or their contender couldn't win any more."""

from __future__ import annotations

from collections.abc import Iterator

from initterm.experiments.training.board import Scoreboard
from initterm.report.files import Json
from initterm.theory.numbers import plain
from initterm.theory.wording import counted


def budget_words(board: Scoreboard) -> Iterator[str]:
    """Where the most steps or minutes end all trials before their epochs do."""
    experiment = board.experiment
    if board.ended:
        yield (
            f"All trials ended after {counted('epoch', board.ended)}: another one would have taken more than the "
            f"{plain(experiment.minutes)} minutes that they may take together."
        )
    elif board.data and (course := experiment.course(board.data.train)).steps < course.epochs * course.an_epoch:
        yield f"Each trial ends after {counted('step', course.steps)}, within epoch {board.epochs}."
    elif board.epochs < experiment.epochs:
        yield f"Each trial ends with epoch {board.epochs}, after the most steps that it may have."


def stopped_json(board: Scoreboard) -> Iterator[Json]:
    """Who went no further after which epoch, as it was behind whom in validation, and by how much at the least."""
    names = [str(contender) for contender in board.experiment.contenders]
    for stopped in board.stopped:
        yield {
            "contender": names[stopped.contender],
            "epoch": stopped.epoch,
            "epochs": stopped.epochs,
            "behind": names[stopped.behind],
            "difference": stopped.difference,
            "at_least": stopped.at_least,
        }
