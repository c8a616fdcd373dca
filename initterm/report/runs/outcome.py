"""What came out of a run, in a few words: who leads, and how sure that is."""

from __future__ import annotations

from collections import Counter

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.comparison import Comparison
from initterm.experiments.papers.paper import PaperBoard
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.watch.board import WatchBoard
from initterm.report.comparison import leader, pair_of, ranked
from initterm.report.judged import metric_words
from initterm.theory.numbers import grouped, short
from initterm.theory.wording import counted

SURE = {
    "a beats b": "beats {}",
    "b beats a": "beaten by {}",
    "equivalent": "equivalent to {}",
    "undecided": "not told apart from {} yet",
    "untested": "not tested against {}",
    "stopped": "{} was stopped",
}


def outcome_of(board: Scoreboard | PaperBoard | AuditBoard | SweepBoard | WatchBoard) -> tuple[str, str]:
    """Who leads, and what came out; both empty where nothing did."""
    match board:
        case Scoreboard():
            return _of_training(board)
        case SweepBoard():
            return _of_sweep(board)
        case WatchBoard():
            return "", _of_watched(board)
        case PaperBoard():
            held = sum(judged.holds for judged in board.judged)
            return "", f"{held} of {counted('claim', len(board.judged))} hold" if board.judged else ""
    errors = len(board.at_least("error"))
    return "", f"{counted('finding', len(board.findings))}, {counted('error', errors)}" if board.finished else ""


def _of_sweep(board: SweepBoard) -> tuple[str, str]:
    """Who wins in most cells, and how much of the sweep is done."""
    wins = Counter(cell.winner for cell in board.cells if cell.winner is not None)
    cells = f"{board.judged} of {counted('cell', len(board.cells))}"
    failed = f", {counted('trial', board.failed)} failed" if board.failed else ""
    if not wins:
        return "", f"{cells}{failed}" if board.over else ""
    first, count = wins.most_common(1)[0]
    return board.sweep.contenders[first], f"{cells}, wins {count}{failed}"


def _of_watched(board: WatchBoard) -> str:
    """The last loss that Keras told, when that was, and what goes wrong."""
    if not board.losses:
        return ""
    step, loss = board.losses[-1]
    symptom = f", {board.symptom.name}" if board.symptom else ""
    return f"loss {short(loss)} at step {grouped(step)}{symptom}"


def _of_training(board: Scoreboard) -> tuple[str, str]:
    compared = board.compared
    first = leader(compared.comparison) if compared else None
    if compared is None or first is None:
        return "", ""
    names = [str(contender) for contender in board.experiment.contenders]
    mean, metric = compared.comparison.means[first].mean, compared.comparison.metric
    named = "" if metric.is_accuracy else f"{metric.name} "
    return names[first], f"{named}{metric_words(mean, metric, 3)}{_how_sure(names, first, compared.comparison)}"


def _how_sure(names: list[str], first: int, comparison: Comparison) -> str:
    """Against the one behind the leader."""
    others = [index for index in ranked(comparison) if index != first and comparison.means[index].over]
    if not others:
        return ""
    second = others[0]
    pair = pair_of(comparison, first, second)
    if pair.seeds < 2 and pair.answer != "stopped":
        return ", one seed"
    return f", {SURE[pair.answer].format(names[second])}"
