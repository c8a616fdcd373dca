"""The board of a sweep says how far it is, and who wins where."""

import pytest

from initterm.experiments.comparison import Comparison, Mean, Pair
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.events import (
    CellJudged,
    SweepEstimated,
    SweepPaced,
    SweepStarted,
    TrialFailed,
    TrialMeasured,
    WorkersChanged,
    WorkerSeen,
)
from initterm.experiments.sweep.sweep import Sweep, TrialKey

SWEEP = Sweep.parse("he_normal zeros ones --over epochs=1,2 --seeds 2")


def trial(cell, index, accuracy=0.5):
    status = "finished" if accuracy is not None else "diverged"
    return TrialMeasured(TrialKey(cell, index), status, (1.0,), (0.5,), (1.0,), (0.5,), test_accuracy=accuracy)


def comparison(*answers):
    pairs = zip(((0, 1), (0, 2), (1, 2)), answers, strict=True)
    return Comparison(
        (Mean(0.5, (0.4, 0.6), 2),) * 3,
        tuple(Pair(a, b, 2, 1, 1, 0.1, None, 0.01, None, answer=answer) for (a, b), answer in pairs),
    )


def test_it_counts_what_is_over_what_diverged_and_what_failed():
    failed = TrialFailed(TrialKey(1, 2), "No.")
    board = SweepBoard.of(SWEEP, (trial(1, 0, 0.5), trial(1, 3, 0.7), trial(1, 1, None), failed))
    first, second, third = board.cells[1].contenders
    assert (first.finished, first.mean) == (2, pytest.approx(0.6))
    assert (second.measured, second.diverged, second.mean) == (1, 1, None)
    assert third.failed == 1
    assert (board.over, board.failed, board.share_done) == (4, 1, 4 / 12)
    assert board.failures[0].sentence == "No."
    assert board.cells[0].contenders[0].measured == 0


def test_the_winner_of_a_cell_beats_all_others():
    assert board_with("a beats b", "a beats b", "undecided").cells[0].winner == 0
    assert board_with("b beats a", "undecided", "a beats b").cells[0].winner == 1
    assert board_with("undecided", "a beats b", "a beats b").cells[0].winner is None
    assert SweepBoard.of(SWEEP).cells[0].winner is None


def board_with(*answers):
    return SweepBoard.of(SWEEP, (CellJudged(0, comparison(*answers)),))


def test_time_left_goes_by_the_pace():
    board = SweepBoard.of(SWEEP, (SweepStarted("lab", 1),))
    assert board.seconds_left is None
    assert board.doing == "starting workers"
    board = board.after(WorkersChanged((WorkerSeen("0", "lab"), WorkerSeen("1", "lab"))))
    board = board.after(SweepPaced(2.0)).after(trial(0, 0))
    assert board.seconds_left == pytest.approx(11 / 2)
    assert board.doing == "1 of 12 trials · 2 workers · about 6 s left"
    board = board.after(SweepEstimated(8000.0, 2**31, 2, 4, 4))
    assert board.seconds_left == 8000.0
    board = board.after(WorkersChanged((WorkerSeen("0", "lab", 1, "", 2**30), WorkerSeen("1", "lab", 1, "", 2**30))))
    assert board.doing == "1 of 12 trials · 2 workers, 2.0 GiB · about 2 h 13 min left"


@pytest.mark.parametrize("key", [(2, 0), (-1, 0), (0, 6), (0, -1)])
def test_what_the_sweep_has_not_got_is_no_event_of_it(key):
    with pytest.raises(LookupError):
        SweepBoard.of(SWEEP, (TrialFailed(TrialKey(*key), "No."),))
