"""A training that was watched, as tables and in a few words."""

import io

from rich.console import Console

from initterm.experiments.watch.board import WatchBoard
from initterm.experiments.watch.watched import Watched
from initterm.report.runs.outcome import outcome_of
from initterm.report.watch.results import watch_json, watch_tables
from initterm.report.watch.shape import WATCH_KEYS
from tests.experiments.watch.watched_events import READY, look, watched_events

WATCHED = Watched("mine")


def board_of(*events):
    board = WatchBoard.of(WATCHED)
    for event in events:
        board = board.after(event)
    return board


def shown(board):
    console = Console(file=io.StringIO(), width=100)
    for part in watch_tables(board):
        console.print(part)
    return console.file.getvalue()


def test_tables_have_epochs_and_each_tensor_at_the_first_look_and_at_the_last():
    text = shown(board_of(*watched_events(WATCHED)))
    for words in (
        "mine · 20 steps · Adam, sparse categorical crossentropy · CPU · 3 s, of which looking took 1%",
        "it was enough",
        "2 looks, steps 0 → 11: loss of the batch 2.4 → 2, 2.3 by guessing, classes answered: 7",
        "hidden/kernel",
        "0.1 → 0.1",
        "val_loss",
    ):
        assert words in text


def test_one_that_has_only_begun_is_shown_too():
    assert shown(board_of()).strip() == "mine · 0 steps"
    assert set(watch_json(board_of())) == set(WATCH_KEYS)


def test_what_came_out_is_the_last_loss_and_what_goes_wrong():
    assert outcome_of(board_of()) == ("", "")
    assert outcome_of(board_of(*watched_events(WATCHED))) == ("", "loss 1.5 at step 20")
    dead = board_of(*watched_events(WATCHED), READY, look(30, dead=0.95))
    assert outcome_of(dead) == ("", "loss 1.5 at step 20, dead units")
