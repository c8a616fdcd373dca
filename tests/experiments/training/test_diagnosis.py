"""What goes wrong is named by what was measured."""

import math

import pytest

from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.diagnosis import symptom_of, words_of
from initterm.experiments.training.events import DataLoaded, Diagnosed, EpochFinished, TrialFinished, TrialStarted
from initterm.experiments.training.experiment import Experiment

HEALTHY = {
    "loss": 2.4, "gradient_first": 0.5, "gradient_last": 0.3, "dead": 0.02, "saturated": None, "update_ratio": 0.003,
    "unit_spread": 1.8, "answer_spread": 0.2,
}  # fmt: skip


def record(loss=0.3, first=None, last=None, end=None):
    events = [TrialStarted(0, 125), Diagnosed(0, 0, **{**HEALTHY, **(first or {})})]
    if loss is not None:
        events += [EpochFinished(0, 1, loss, 0.5, loss, 0.5, 0.1), Diagnosed(0, 1, **{**HEALTHY, **(last or {})})]
    return Scoreboard.of(Experiment(), [*events, *([end] if end else [])]).records[0]


def test_a_network_that_learns_has_no_symptom():
    assert symptom_of(record(), 10) is None
    assert symptom_of(Scoreboard.of(Experiment()).records[0], 10) is None


@pytest.mark.parametrize(
    ("settings", "name", "says"),
    [
        (
            {"loss": 2.301, "first": {"gradient_first": 6e-17}, "last": {"gradient_first": 0.0, "answer_spread": 1e-7}},
            "vanished",
            "stuck at ln 10 = 2.30: the gradient vanished before layer 1, 6e-17 at the start",
        ),
        (
            {"loss": 2.3, "last": {"answer_spread": 1e-4, "answers": 1}},
            "class prior",
            "only the class prior is learned: every example looked at gets the same answer",
        ),
        (
            {"loss": 2.3, "last": {"answer_spread": 1e-4, "answers": 7}},
            "class prior",
            "every example looked at gets nearly the same probabilities; 7 of 10 classes are answered",
        ),
        ({"first": {"unit_spread": 0.0}}, "symmetric", "one distinct unit a layer"),
        ({"loss": None, "end": TrialFinished(0, "diverged", step=1234)}, "exploded", "at step 1,234"),
        ({"first": {"loss": 8.4e5}}, "large start", "loss 8.4e+05 at the first step, not 2.30"),
        ({"last": {"dead": 0.64}}, "dead units", "64% have slope 0 on every example"),
        ({"loss": 2.3, "last": {"dead": 1.0, "gradient_first": 0.0}}, "dead units", "100%"),
        ({"last": {"saturated": 0.83}}, "saturated", "83% of the outputs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_symptom(settings, name, says):
    symptom = symptom_of(record(**settings), 10)
    assert symptom.name == name
    assert says in symptom.words


def test_what_recovers_loses_its_symptom():
    assert symptom_of(record(loss=0.4, first={"gradient_first": 1e-5}), 10) is None


def test_a_contender_has_the_symptom_of_most_of_its_seeds():
    healthy, dead = record(), record(last={"dead": 0.7})
    assert words_of([healthy, dead, dead], 10).startswith("in 2 of 3 seeds dead units: 70%")
    assert words_of([dead], 10).startswith("dead units")
    assert words_of([healthy], 10) == ""


def test_the_loss_of_guessing_is_that_of_the_datas_classes():
    stuck = record(loss=math.log(4), last={"gradient_first": 0.0})
    assert symptom_of(stuck, 10) is None
    assert "stuck at ln 4 = 1.39" in symptom_of(stuck, 4).words
    started = record(first={"loss": 15.0})
    assert symptom_of(started, 10) is None
    assert "not 1.39" in symptom_of(started, 4).words


def test_unknown_classes_judge_no_loss():
    assert symptom_of(record(loss=math.log(10), first={"loss": 1e6}, last={"gradient_first": 0.0}), 0) is None


def test_the_board_knows_the_classes_once_the_data_is_there():
    board = Scoreboard.of(Experiment())
    assert board.classes == 0
    assert board.after(DataLoaded("flowers", 90, 30, 30, "", (30, 30, 30), (10, 10, 10))).classes == 3
