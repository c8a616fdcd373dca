"""What is promised is kept, as far as a few simulations tell, and what is spoilt is found broken."""

import numpy as np
import pytest

from initterm.engine.audit.value_checks import FALSE_ALARMS
from initterm.engine.calibration import models, trainings
from initterm.engine.calibration.calibrating import SIMULATED, calibrate, judged
from initterm.engine.calibration.kernels import kernel_outcomes
from initterm.engine.calibration.models import model_outcomes
from initterm.engine.comparison import comparing
from initterm.engine.weights import fits
from initterm.experiments.calibration.promise import WRONGLY, CalibrationBoard
from initterm.experiments.calibration.promises import ALARMS, BEATS, EQUAL, EQUIVALENT, FITS, PROMISES, TRAINS
from initterm.experiments.calibration.simulations import NewImages, SeedsNeeded, SoundModels, Trainings, TrueKernels
from initterm.theory.initializers import InitializerSpec
from initterm.theory.shapes import Shape

FRESH = 20261130
SLOW = (TrueKernels, SoundModels)
QUICK = tuple(one for one in PROMISES if not isinstance(one.simulation, SLOW))


def board_of(promises, experiments, seed=FRESH):
    board = CalibrationBoard(promises)
    for event in calibrate(promises, experiments, seed):
        board = board.after(event)
    return board


@pytest.mark.parametrize(
    ("promises", "experiments"),
    [
        pytest.param(QUICK, 30, id="accuracies"),
        pytest.param(PROMISES, 120, id="all", marks=pytest.mark.slow),
    ],
)
def test_every_promise_is_kept(promises, experiments):
    board = board_of(promises, experiments)
    assert [promise.text for promise, _ in board.broken] == []
    assert board.kept
    assert {one.experiments for one in board.judged} == {experiments}


@pytest.mark.slow
def test_looking_at_5_percent_each_time_is_found(monkeypatch):
    monkeypatch.setattr(comparing, "level_of_look", lambda looked, seeds: 0.05)
    board = board_of([one for one in QUICK if "... 12 seeds" in one.text], 250)
    assert len(board.broken) == 1


@pytest.mark.slow
def test_pairs_that_are_not_corrected_for_are_found(monkeypatch):
    monkeypatch.setattr(comparing, "_corrected", lambda p_value, tests: p_value)
    board = board_of(
        [one for one in QUICK if one.about == BEATS and one.text.startswith("5 equal contenders, 5 seeds")], 250
    )
    assert len(board.broken) == 1


def test_an_equivalence_that_is_claimed_too_easily_is_found(monkeypatch):
    monkeypatch.setattr(comparing, "p_value_of_equivalence", lambda differences, margin: 0.0)
    board = board_of([one for one in QUICK if one.about == EQUIVALENT], 20)
    assert len(board.broken) == len(board.promises)


def test_contenders_told_apart_by_any_that_diverge_are_found(monkeypatch):
    monkeypatch.setattr(comparing.TrainingTests, "p_value", lambda tests, a, b: 0.0)
    board = board_of([one for one in QUICK if one.about == TRAINS], 20)
    assert len(board.broken) == len(board.promises)


def test_a_fit_that_does_not_correct_for_its_checks_is_found(monkeypatch):
    monkeypatch.setattr(fits._Evidence, "chances", 1)
    board = board_of([one for one in PROMISES if one.about == FITS and one.text == "all, 10x10: p < 0.05"], 150)
    assert len(board.broken) == 1


def test_the_same_seed_finds_the_same_whatever_else_is_simulated():
    promise = QUICK[0]
    alone, among = board_of([promise], 30), board_of(QUICK[:2], 30)
    assert alone.judged[0].count == among.judged[0].count
    assert board_of([promise], 30).judged[0].count == alone.judged[0].count
    assert len({board_of([promise], 30, seed).judged[0].count for seed in range(5)}) > 1


def test_intervals_are_as_wide_as_all_promises_need():
    promise = QUICK[0]
    alone, among = (judged(0, promise, 90, 100, promises).interval for promises in (1, 50))
    assert among[0] < alone[0] < 0.9 < alone[1] < among[1]
    assert judged(0, promise, 80, 100, 1).kept is False
    assert WRONGLY == 0.01


def test_the_alarm_that_is_promised_is_the_audits():
    assert ALARMS == FALSE_ALARMS


def test_every_kind_of_simulation_says_what_its_promises_count():
    for promise in PROMISES:
        assert type(promise.simulation) in SIMULATED
    said = {}
    for simulation in {type(one.simulation): one.simulation for one in PROMISES}.values():
        (said[type(simulation)],) = SIMULATED[type(simulation)](simulation, np.random.default_rng(0), 1)
    assert all(promise.said in said[type(promise.simulation)] for promise in PROMISES)


def test_a_kernel_is_tested_against_its_own_law():
    kernels = TrueKernels((InitializerSpec("he_normal"), InitializerSpec("orthogonal")), (Shape((20, 20)),))
    outcomes = list(kernel_outcomes(kernels, np.random.default_rng(0), 6))
    assert len(outcomes) == 6
    assert not any(one["p < 0.01"] for one in outcomes)
    with pytest.raises(ValueError, match="left to chance"):
        list(kernel_outcomes(TrueKernels((InitializerSpec("zeros"),), (Shape((4, 4)),)), np.random.default_rng(0), 1))


def test_a_tensor_that_is_spoilt_raises_an_alarm(monkeypatch):
    monkeypatch.setattr(models, "_draw_anew", lambda tensor, seed: tensor.variable.assign(tensor.values * 2))
    (outcome,) = model_outcomes(SoundModels(("float32",)), np.random.default_rng(0), 1)
    assert outcome["alarm"]
    assert outcome["p < 0.01"]


def test_what_is_said_of_contenders_that_differ_is_right():
    """A lead of ten points is neither wrongly told nor equivalent."""
    for outcome in trainings.training_outcomes(
        Trainings((0.04, -0.06), (5,), fixed=True), np.random.default_rng(0), 20
    ):
        assert not outcome["beats wrongly"]
        assert not outcome["equivalent wrongly"]


def test_equal_contenders_are_as_good_as_their_accuracies_say():
    rng = np.random.default_rng(1)
    accuracies, diverged = trainings._accuracies(Trainings(EQUAL, (4000,), diverging=0.4), rng)
    assert accuracies.shape == diverged.shape == (2, 4000)
    assert accuracies.mean() == pytest.approx(0.94, abs=0.0005)
    assert np.corrcoef(accuracies)[0, 1] > 0.3  # the luck of a seed is shared
    assert diverged.mean() == pytest.approx(0.4, abs=0.03)


def test_the_accuracy_on_all_images_is_what_many_come_to():
    images = NewImages((0.5,), 40, images=20_000)
    hits = trainings._hits(images, np.random.default_rng(2))
    assert trainings._expected_accuracy(images, 0.5) == pytest.approx(hits.mean(), abs=0.006)


def test_seeds_that_are_needed_show_the_difference_in_80_of_100_cases():
    outcomes = list(trainings.needed_outcomes(SeedsNeeded(0.8, 5), np.random.default_rng(3), 300))
    assert np.mean([one["shown"] for one in outcomes]) == pytest.approx(0.8, abs=0.07)
    with pytest.raises(ValueError, match="needs no number"):
        next(trainings.needed_outcomes(SeedsNeeded(0.0, 5), np.random.default_rng(3), 1))
