"""What went wrong in a training, with the steps of the looks that saw it."""

from dataclasses import replace

from initterm.experiments.watch.board import WatchBoard
from initterm.experiments.watch.events import EpochWatched
from initterm.experiments.watch.named import named_in
from initterm.experiments.watch.watched import Watched
from tests.experiments.watch.watched_events import READY, look


def board_of(*events):
    board = WatchBoard.of(Watched("mine"))
    for event in (READY, *events):
        board = board.after(event)
    return board


def told(board):
    return [(one.symptom.name, one.first, one.last, one.lasts) for one in named_in(board)]


def test_what_passes_is_told_with_its_first_and_its_last_step():
    dead = (look(200, dead=0.95), look(300, dead=0.97))
    assert told(board_of(look(0), look(100), *dead, look(400))) == [("dead units", 200, 300, False)]


def test_what_comes_again_is_told_again_and_what_is_so_still_lasts():
    board = board_of(look(0), look(100, dead=0.95), look(200), look(300, dead=0.6))
    assert told(board) == [("dead units", 100, 100, False), ("dead units", 300, 300, True)]


def test_a_loss_that_is_lost_lasts():
    board = board_of(look(0), EpochWatched(1, 10, {"loss": None}, 1.0), EpochWatched(2, 20, {"loss": 1.0}, 1.0))
    assert told(board) == [("exploded", 10, 20, True)]


def test_nothing_is_named_where_nothing_was_seen():
    board = board_of(look(0), look(100))
    assert named_in(board) == ()
    assert named_in(replace(board, steps=())) == ()
