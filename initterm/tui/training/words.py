"""A run so far in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.diagnosis import words_of
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.report.comparison import verdicts
from initterm.report.palette import name_with_mark
from initterm.theory.numbers import grouped
from initterm.theory.settings import line


def data_sentence(board: Scoreboard) -> str:
    """Which images the numbers come from, and before that what should be known about them."""
    if board.data is None:
        return ""
    data = board.data
    counts = (
        f"{data.name}: {grouped(data.train)} train, {grouped(data.validation)} validate, {grouped(data.test)} test."
    )
    return " ".join(filter(None, (board.note, data.note, counts)))


def doing_sentence(board: Scoreboard, *, paused: bool) -> str:
    """What is happening and how long it will go on; how it ended where that wasn't by itself; else empty."""
    if board.over:
        ended = all(record.status == "cancelled" for record in board.records)
        return "Cancelled; r runs it again with the same seeds." if ended else ""
    if paused:
        return f"Paused in {board.doing}; p goes on."
    left = board.seconds_left
    return f"about {grouped(max(1, round(left)))} s left · {board.doing}" if left is not None else f"{board.doing} …"


def verdict_sentences(board: Scoreboard) -> str:
    """What the accuracies allow to conclude: once the run is over, and before that of several seeds, so far."""
    compared = board.compared
    several = compared is not None and max(mean.seeds for mean in compared.comparison.means) > 1
    if compared is None or not (board.over or several):
        return ""
    names = [str(contender) for contender in board.experiment.contenders]
    words = " ".join(verdicts(names, compared.comparison))
    return f"So far: {words}" if words and several and not compared.settled else words


def signature_lines(board: Scoreboard) -> Text:
    """A line for each contender with which something is wrong."""
    return Text("\n").join(_signatures(board))


def _signatures(board: Scoreboard) -> Iterator[Text]:
    for contender in board.experiment.contenders:
        if words := words_of(board.of_contender(contender), board.classes):
            yield Text.assemble(name_with_mark(contender.look), (f" {words}.", "yellow"))


def setting_words(experiment: Experiment) -> str:
    """The settings in a line: the few that are always told, and those that differ from their defaults."""
    return line(TRAIN_SETTINGS, experiment.settings)
