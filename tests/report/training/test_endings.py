"""What ended trials before their epochs did is said, and only then."""

import pytest

from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.report.training.endings import budget_words, stopped_json
from tests.tui.fakes import run_events, stopped_events

CONTENDERS = tuple(map(Contender.parse, ("he_normal", "zeros")))


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ({}, []),
        ({"steps": 1}, ["Each trial ends after 1 step, within epoch 1."]),
    ],
)
def test_a_budget_is_told_where_it_ends_the_trials(budget, said):
    experiment = Experiment(CONTENDERS, epochs=4, **budget)
    assert [*budget_words(Scoreboard.of(experiment, run_events(experiment)))] == said


def test_who_was_stopped_is_there_by_name():
    experiment = Experiment(CONTENDERS, seeds=3, epochs=4, stop_losing=True)
    assert [*stopped_json(Scoreboard.of(experiment, stopped_events(experiment)))] == [
        {"contender": "zeros", "epoch": 2, "epochs": 4, "behind": "he_normal", "difference": 0.1, "at_least": 0.081}
    ]
