"""What goes wrong is named by what was measured."""

import pytest

from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import Diagnosed, EpochFinished, TrialFinished, TrialStarted
from initterm.experiments.training.experiment import Experiment
from initterm.report.training.diagnoses import sign_of, words_of

HEALTHY = {
    "loss": 2.4, "gradient_first": 0.5, "gradient_last": 0.3, "dead": 0.02, "saturated": None, "update_ratio": 0.003,
    "unit_spread": 1.8, "answer_spread": 0.2,
}  # fmt: skip


def record(loss=0.3, first=None, last=None, end=None):
    events = [TrialStarted(0, 125), Diagnosed(0, 0, **{**HEALTHY, **(first or {})})]
    if loss is not None:
        events += [EpochFinished(0, 1, loss, 0.5, loss, 0.5, 0.1), Diagnosed(0, 1, **{**HEALTHY, **(last or {})})]
    return Scoreboard.of(Experiment(), [*events, *([end] if end else [])]).records[0]


def test_a_network_that_learns_has_no_sign():
    assert sign_of(record()) is None
    assert sign_of(Scoreboard.of(Experiment()).records[0]) is None


@pytest.mark.parametrize(
    ("settings", "name", "says"),
    [
        (
            {"loss": 2.301, "first": {"gradient_first": 6e-17}, "last": {"gradient_first": 0.0, "answer_spread": 1e-7}},
            "vanished",
            "stuck at ln 10 = 2.30: the gradient vanished before layer 1, 6e-17 at the start",
        ),
        ({"loss": 2.3, "last": {"answer_spread": 1e-4}}, "class prior", "every image gets the same answer"),
        ({"first": {"unit_spread": 0.0}}, "symmetric", "one distinct unit a layer"),
        ({"loss": None, "end": TrialFinished(0, "diverged", step=1234)}, "exploded", "at step 1,234"),
        ({"first": {"loss": 8.4e5}}, "large start", "loss 8.4e+05 at the first step, not 2.30"),
        ({"last": {"dead": 0.64}}, "dead units", "64% have slope 0 on every image"),
        ({"loss": 2.3, "last": {"dead": 1.0, "gradient_first": 0.0}}, "dead units", "100%"),
        ({"last": {"saturated": 0.83}}, "saturated", "83% of the outputs"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_sign(settings, name, says):
    sign = sign_of(record(**settings))
    assert sign.name == name
    assert says in sign.words


def test_what_recovers_loses_its_sign():
    assert sign_of(record(loss=0.4, first={"gradient_first": 1e-5})) is None


def test_a_contender_has_the_sign_of_most_of_its_seeds():
    healthy, dead = record(), record(last={"dead": 0.7})
    assert words_of([healthy, dead, dead]).startswith("in 2 of 3 seeds dead units: 70%")
    assert words_of([dead]).startswith("dead units")
    assert words_of([healthy]) == ""
