"""A run in pictures and tables: who is in front, where the race is, and how sure the results are."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from textual.geometry import Size

from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import EpochFinished, StepsFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.tui.training.curves import CurveOptions, accuracy_picture, loss_picture
from initterm.tui.training.leaderboard import Leaderboard, Vitals, spread_words
from initterm.tui.training.race_range import race_range
from initterm.tui.training.result_axis import ResultAxis, Span
from initterm.tui.widgets.curve_painting import painted
from initterm.tui.widgets.inks import NIGHT
from tests.tui.fakes import run_events

HE, GLOROT, TANH = map(Contender.parse, ("he_normal", "glorot_uniform", "he_normal@tanh"))
SEEDS = Experiment((HE, GLOROT, TANH), epochs=4, seeds=3)
NAMES, ACTIVATIONS = ("he_normal", "lecun_normal", "orthogonal"), ("relu", "tanh", "elu", "selu")
TWELVE = tuple(Contender.parse("@".join(pair)) for pair in itertools.product(NAMES, ACTIVATIONS))
MANY = Experiment(TWELVE, epochs=100, seeds=5)


def board_of(experiment, epochs=1000):
    told = run_events(experiment)
    return Scoreboard.of(
        experiment, itertools.takewhile(lambda one: not (isinstance(one, EpochFinished) and one.epoch > epochs), told)
    )


def text_of(table, width):
    return [strip.text for strip in table.lines(width, NIGHT)]


def drawn(axis, span):
    return "".join(part.text for part in axis.line(span, NIGHT.bold, NIGHT))


def labels(picture):
    return [line.label.name for line in picture.lines if line.label]


def test_the_leader_is_in_front_unless_another_is_in_focus():
    board = board_of(SEEDS)
    assert labels(accuracy_picture(board, CurveOptions()))[-1] == "he_normal"
    picture = accuracy_picture(board, CurveOptions(focus=TANH))
    training, *validation = picture.lines
    assert (training.front, training.stroke) == (True, "dotted")
    assert [line.front for line in validation] == [False, False, True]
    assert labels(picture) == ["glorot_uniform", "he_normal", "he_normal@tanh"]
    assert len(picture.areas) == 1
    assert replace(CurveOptions(), focus=TANH).next_focus(SEEDS.contenders).focus is None


def test_of_twelve_contenders_one_can_name_the_best_in_a_small_room():
    board = board_of(MANY)
    best = [str(contender) for contender in MANY.contenders][:3]
    for size in (Size(54, 10), Size(56, 14)):
        strips = painted(accuracy_picture(board, CurveOptions()), size)
        rows = [
            row
            for row, strip in enumerate(strips)
            for name in best
            if name[:9] in strip.text and name[-4:] in strip.text
        ]
        assert rows == sorted(set(rows))
        assert len(rows) == 3


def test_curves_begin_with_the_first_numbers():
    nothing = board_of(SEEDS, epochs=0)
    assert painted(accuracy_picture(nothing, CurveOptions()), Size(60, 12))[-1].text.strip().startswith("1")
    one_seed = nothing.after(EpochFinished(0, 1, 0.5, 0.8, 0.6, 0.7, 0.1))
    assert "he_normal 0.700" in "".join(
        s.text for s in painted(accuracy_picture(one_seed, CurveOptions()), Size(60, 12))
    )


def test_an_epoch_under_way_is_drawn_up_to_its_part():
    one = Experiment((HE,), epochs=3)
    board = board_of(one, epochs=1).after(StepsFinished(0, 2, 50, 0.4, 0.85))
    training, validation = accuracy_picture(board, CurveOptions()).lines
    assert list(training.x) == [1, 1.4]
    assert training.y[-1] == 0.85
    assert list(validation.x) == [1]


def test_a_log_scale_draws_logarithms():
    board = board_of(SEEDS)
    plain, log = (loss_picture(board, CurveOptions(log_loss=on)) for on in (False, True))
    assert "log scale" in log.title
    assert 10 ** log.lines[-1].y == pytest.approx(plain.lines[-1].y)


def test_the_axis_shows_the_late_epochs_of_those_that_race():
    good = [np.linspace(0.5, 0.95 - place / 100, 20) for place in range(3)]
    hopeless = np.full(20, 0.1)
    low, high = race_range([*good, hopeless], good[0], (0.0, 1.0))
    assert 0.6 < low < 0.75
    assert 0.95 <= high <= 1.0
    assert race_range([*good, hopeless], hopeless, (0.0, 1.0))[0] < 0.1
    assert race_range([np.array([])], np.array([])) is None
    whole = accuracy_picture(board_of(SEEDS), CurveOptions(zoomed=False)).y_range
    assert whole[0] < accuracy_picture(board_of(SEEDS), CurveOptions()).y_range[0]


@pytest.mark.parametrize("width", [30, 54, 94, 160])
@pytest.mark.parametrize("epochs", [2, 99])
def test_the_leaderboard_fits_and_leads_with_the_best(width, epochs):
    table = Leaderboard(board_of(SEEDS, epochs))
    lines = text_of(table, width)
    assert len(lines) == table.height
    assert max(map(len, lines)) <= width
    assert "he_normal" in lines[1]
    if width >= 54:
        assert ("0.63–0.97" if epochs == 99 else "0.58–0.88") in lines[1]
        assert ("epochs to 0.9  " in f"{lines[0]}  ") == (epochs == 2 or width > 54)
        assert ("├" in lines[1]) == (epochs == 99)
        assert ("━" in lines[1]) == (epochs == 2 and width > 54)


def test_the_leaderboard_goes_by_the_epoch_that_all_have_done():
    board = board_of(SEEDS, epochs=2)
    ahead = board.after(EpochFinished(0, 3, 0.1, 0.99, 0.1, 0.99, 0.1))
    for shown in (board, ahead, board.cancelled()):
        text = "\n".join(text_of(Leaderboard(shown), 120))
        assert "val acc, epoch 2" in text
        assert "0.7590 0.58–0.88" in text
        assert "leads" in text
    assert "accuracy" in text_of(Leaderboard(Scoreboard.of(SEEDS)), 120)[0]


def test_after_a_cancel_bars_stay_where_they_were():
    one = board_of(SEEDS, epochs=0)
    begun = one.after(EpochFinished(0, 1, 0.5, 0.8, 0.6, 0.7, 0.1))
    for board in (begun, begun.cancelled(HE)):
        bars = {line.split()[1]: line.count("━") for line in text_of(Leaderboard(board), 120)[1:]}
        assert bars == {"he_normal": 2, "glorot_uniform": 0, "he_normal@tanh": 0}


def test_what_there_is_no_room_for_is_not_the_one_in_focus():
    board = board_of(MANY, epochs=1)
    last = MANY.contenders[-1]
    table = Leaderboard(board, last, most=4)
    lines = text_of(table, 94)
    assert len(lines) == table.height == 5
    assert lines[0].startswith("4 of 12")
    assert str(last) in lines[-1]


def test_states_of_contenders_stand_in_the_leaderboard():
    board = board_of(SEEDS, epochs=1).cancelled(GLOROT)
    for trial in (0, 3, 6):
        board = board.after(TrialFinished(trial, "diverged", step=3))
    assert "diverged" in "\n".join(text_of(Leaderboard(board), 120))
    assert Vitals(board).height == 4


@pytest.mark.parametrize(
    ("seeds", "words"), [(1, ""), (2, " (2 seeds)"), (3, " 0.63–0.97"), (5, " 0.68–0.92")], ids=str
)
def test_how_sure_an_accuracy_is_is_told_by_what_can_be_known(seeds, words):
    mean = board_of(replace(SEEDS, seeds=seeds)).tested.comparison.means[0]
    assert spread_words(mean).startswith(words)


def test_two_seeds_are_drawn_as_what_they_came_to():
    lines = text_of(Leaderboard(board_of(replace(SEEDS, seeds=2))), 120)
    assert lines[1].count("∙") == 2
    assert "├" not in lines[1]


def test_results_stand_on_one_axis():
    good = [Span(mean, mean - 0.01, mean + 0.01, interval=True) for mean in (0.95, 0.93, 0.91)]
    hopeless = Span(0.1, 0.1, 0.1)
    axis = ResultAxis.of([hopeless, *good, hopeless], 41)
    first, second, third, last = (drawn(axis, span) for span in (*good, hopeless))
    assert first.index("├") == second.index("┤")
    assert second.index("├") == third.index("┤")
    assert first.index("├") < first.index("●") < first.index("┤")
    assert last.startswith("◂")
    assert "0.92" in axis.head(NIGHT)[0].text


@pytest.mark.parametrize("width", [30, 54, 94, 160])
def test_vitals_fit(width):
    lines = text_of(Vitals(board_of(SEEDS)), width)
    assert max(map(len, lines)) <= width
    assert "2.3" in lines[1]
    if width >= 54:
        assert "0.50 → 0.30" in lines[1]
        assert "1%" in lines[1]


def test_before_the_first_validation_training_so_far_is_told_as_such():
    board = board_of(Experiment((HE, GLOROT), epochs=3), epochs=0).after(StepsFinished(0, 1, 50, 0.4, 0.6))
    words = "".join(strip.text for strip in painted(accuracy_picture(board, CurveOptions()), Size(60, 12)))
    assert "he_normal 0.600…" in words
    assert "glorot" not in words
