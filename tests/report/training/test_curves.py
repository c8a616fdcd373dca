"""Curves are means over seeds with Student's band, as far as all seeds have come; on paper they are a PNG file."""

import struct

import numpy as np
import pytest
from scipy import stats

from initterm.engine.comparison.intervals import interval_of_accuracy, t_quantiles
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import (
    DataLoaded,
    EpochFinished,
    RunStarted,
    StepsFinished,
    TrialFinished,
    TrialStarted,
)
from initterm.experiments.training.experiment import Experiment
from initterm.report.training.curves import ACCURACY, LOSS, mean_curve, training_png

HE = Contender.parse("he_normal")
LOSSES = ([1.0, 0.5], [1.2, 0.6], [1.1, 0.7])


def board(losses=LOSSES):
    experiment = Experiment((HE,), epochs=3, seeds=len(losses))
    events = [RunStarted("CPU", {}, t_quantiles(len(losses))), DataLoaded("MNIST", 4000, 1000, 10_000, "")]
    for trial, values in enumerate(losses):
        events.append(TrialStarted(trial, 10))
        events += [EpochFinished(trial, epoch, loss, 0.5, loss, 0.5, 0.1) for epoch, loss in enumerate(values, start=1)]
    return Scoreboard.of(experiment, events)


def test_a_curve_is_the_mean_over_seeds_with_students_band():
    curve = mean_curve(board(), HE, LOSS.training)
    assert curve.epochs.tolist() == [1.0, 2.0]
    assert curve.mean == pytest.approx(np.mean(LOSSES, axis=0))
    for band, values in zip(np.transpose(curve.band), np.transpose(LOSSES), strict=True):
        assert band == pytest.approx(stats.t.interval(0.95, 2, np.mean(values), stats.sem(values)))


def test_the_band_of_an_accuracy_stays_within_0_and_1():
    shares = board(([0.99, 1.0], [0.8, 1.0], [0.9, 1.0]))
    low, high = mean_curve(shares, HE, LOSS.training, is_share=True).band
    assert (low[0], high[0]) == pytest.approx(interval_of_accuracy([0.99, 0.8, 0.9]))
    assert (low[1], high[1]) == (1, 1)


def epochs_of(board):
    return mean_curve(board, HE, LOSS.training).epochs.tolist()


def test_a_curve_goes_as_far_as_all_seeds_have_come_but_begins_with_the_first():
    uneven = board(([1.0, 0.5], [1.2], [1.1, 0.7]))
    assert epochs_of(uneven) == epochs_of(uneven.cancelled()) == [1.0]
    assert epochs_of(board(([], [1.2], [1.1]))) == [1.0]
    assert epochs_of(board(([], [], []))) == []


def test_seeds_that_ended_early_leave_the_others_their_curve():
    diverged = board(([1.0, None], [1.2, 0.6], [1.1, 0.7])).after(TrialFinished(0, "diverged", step=12))
    curve = mean_curve(diverged, HE, LOSS.validation)
    assert curve.mean == pytest.approx([1.1, 0.65])
    everyone = mean_curve(board(([None], [None], [None])), HE, LOSS.validation)
    assert np.isnan([everyone.mean, *everyone.band]).all()


def test_one_seed_has_no_band():
    assert np.isnan(mean_curve(board(LOSSES[:1]), HE, LOSS.training).band).all()


def test_an_epoch_under_way_is_known_by_its_part():
    now = board(LOSSES[:1]).after(StepsFinished(0, 3, 4, 0.4, 0.9))
    assert now.records[0].partial.share == pytest.approx(0.4)
    assert (LOSS.partial(now.records[0]), ACCURACY.partial(now.records[0])) == (0.4, 0.9)


@pytest.mark.parametrize("losses", [LOSSES, LOSSES[:1], ([None],), ([],)], ids=["seeds", "one", "diverged", "none"])
def test_the_figure_is_a_png_of_150_dpi(losses):
    content = training_png(board(losses))
    assert content.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", content[16:24])
    assert (width, height) == (1800, 720)
    dots_a_metre = struct.unpack(">I", content[content.index(b"pHYs") + 4 :][:4])[0]
    assert dots_a_metre == pytest.approx(150 / 0.0254, abs=1)
