"""What Watch draws and tells, without an app."""

import pytest

from initterm.experiments.watch.board import WatchBoard
from initterm.experiments.watch.events import EpochWatched, StepWatched
from initterm.experiments.watch.watched import Watched
from initterm.theory.refusal import Refusal
from initterm.tui.messages import OpenedRun
from initterm.tui.watch import evidence
from initterm.tui.watch.curves import measures_of, picture_of
from initterm.tui.watch.maps import MAPS, columns_of, grid_of, maps_of
from initterm.tui.watch.watched_runs import MOST, WatchedRuns
from initterm.tui.watch.words import cell_words, named_words, standing_words
from tests.experiments.watch.watched_events import READY, look, watched_events
from tests.kept_runs import keep

GRADIENT, DEAD = MAPS[0], MAPS[3]


def board_of(*events):
    board = WatchBoard.of(Watched("mine"))
    for event in (READY, *events):
        board = board.after(event)
    return board


def trainings(*names):
    opened = []
    for at, name in enumerate(names):
        run = keep(Watched(name), at)
        opened.append(OpenedRun(run, run.board()[0], "finished"))
    return WatchedRuns.of(tuple(opened))


def test_a_map_has_a_logarithmic_ramp_and_tells_a_digit_where_there_is_little_room():
    board = board_of(look(0, first=1e-6), look(100, first=1e-3), look(200, first=1.0))
    grid = grid_of(board, GRADIENT, range(3), (0, 2))
    shares = [cell.share for cell in grid.cells[0]]
    assert shares == pytest.approx([0, 0.5, 1])
    assert [cell.text(1).strip() for cell in grid.cells[0]] == ["0", "5", "1"]
    assert [cell.beyond for cell in grid.cells[0]] == [True, False, False]
    assert grid.title[0][0] == "gradient "
    assert "less than 0.001" in grid.title[-1][0]


def test_shares_have_a_straight_ramp_and_what_has_no_meaning_is_a_dot():
    board = board_of(look(0), look(100, dead=0.75))
    grid = grid_of(board, DEAD, range(2), (0, 1))
    assert [(cell.share, cell.beyond) for cell in grid.cells[0]] == [(0, False), (0.75, True)]
    updates = grid_of(board, MAPS[1], range(2), (0, 1))
    assert updates.cells[0][0].texts == ("·",)
    assert MAPS[4] not in maps_of(board)


def test_a_look_of_fewer_numbers_than_names_draws_dots():
    short = StepWatched(1, 5, 1.0, 0.1, 0.1, (0.1,), (1.0,), (0.1,), (1.0,), (0.0,), (None,))
    grid = grid_of(board_of(look(0), short), GRADIENT, range(2), (0, 0))
    assert grid.cells[1][1].texts == ("·",)


@pytest.mark.parametrize(("count", "room"), [(3, 10), (10, 10), (1000, 60), (61, 60), (5, 1)])
def test_looks_are_chosen_from_all_over_with_the_last(count, room):
    columns = columns_of(count, room)
    assert len(columns) <= room
    assert columns[-1] == count - 1
    assert list(columns) == sorted(set(columns))


def test_curves_of_several_have_letters_and_validation_is_points():
    shown = trainings("first", "second")
    assert measures_of(shown.runs) == ("loss", "accuracy")
    loss = picture_of(shown.runs, "loss")
    assert [line.name for line in loss.lines if line.label] == ["A first loss", "B second loss"]
    assert [line.name for line in loss.lines if line.stroke == "points"] == ["A first val_loss", "B second val_loss"]
    assert next(line for line in loss.lines if line.stroke == "dotted").values == pytest.approx([2.302585] * 2)
    assert picture_of(shown.runs, "loss", log=True).log_y


def test_a_loss_that_is_not_finite_breaks_its_line():
    shown = trainings("mine").after("A", (EpochWatched(3, 30, {"loss": None}, 1.0),))
    line = next(line for line in picture_of(shown.runs, "loss").lines if line.label)
    assert list(line.points[0]) == [5, 10, 20]


def test_words_tell_how_each_stands_and_what_was_named():
    shown = trainings("first", "second").turned(1)
    lines = standing_words(shown).plain.splitlines()
    assert lines[1].startswith("> ")
    assert "B finished · second · 20 steps" in lines[1]
    assert "✗ before step 1" in named_words(shown.one).plain
    live = shown.after("B", (look(100, dead=0.95),))
    assert "! step 100, still so  dead units" in named_words(live.one).plain
    assert "· step 100  dead units" in named_words(live.after("B", (look(200),)).one).plain


def test_a_cell_tells_all_that_was_seen_there():
    board = board_of(look(0), look(1200, dead=0.5))
    assert cell_words(board, GRADIENT, 1, board.steps[1]) == (
        "out/kernel after step 1,200: gradient 0.3 · update ratio 0.02 · weights 2 · loss of the batch 2"
    )
    assert cell_words(board, DEAD, 0, board.steps[1]).startswith("hidden after step 1,200: dead units 50%")
    assert cell_words(board, DEAD, 5, board.steps[1]) == ""


def test_names_from_elsewhere_are_not_obeyed():
    board = board_of(look(0)).after(type(READY)(("evil\x1b[2J",), ("a",), ("b",), 1))
    assert "\x1b" not in grid_of(board, GRADIENT, range(1), (0, 0)).rows[0]
    assert "\x1b" not in cell_words(board, GRADIENT, 0, board.steps[0])


def test_more_than_there_are_letters_are_refused():
    run = keep(Watched("mine"))
    opened = OpenedRun(run, run.board()[0], "finished")
    with pytest.raises(Refusal, match=str(MOST)):
        WatchedRuns.of((opened,) * (MOST + 1))


def test_all_events_of_a_run_can_be_shown():
    board = WatchBoard.of(Watched("mine"))
    for event in watched_events(Watched("mine")):
        board = board.after(event)
        for shown in maps_of(board):
            assert grid_of(board, shown, columns_of(len(board.steps), 8), (0, 0)).cells
    assert evidence.LEAST_CELL > 1
