"""TensorBoard itself reads what is written: scalars of each trial, histograms of its weights at start and end."""

import numpy as np
import pytest
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.util.tensor_util import make_ndarray

from initterm.engine.data.datasets import embedded_digits
from initterm.engine.training.event_files import BINS, EventFiles
from initterm.engine.training.training import train_on
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import EpochFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from tests.own_models import LOSS, MAE, own_board, own_events

HE, LECUN = Contender.parse("he_normal"), Contender.parse("variance_scaling(mode='fan_avg')")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    experiment = Experiment((HE, LECUN), NetworkSpec((16,), batch_norm=True), epochs=3, samples=400)
    with EventFiles(folder / "runs") as files:
        board = Scoreboard.of(experiment, train_on(embedded_digits(""), experiment, recorder=files))
    reader = EventMultiplexer().AddRunsFromDirectory(str(folder / "runs"))
    reader.Reload()
    return board, reader


def series(reader, trial, tag):
    return [(event.step, make_ndarray(event.tensor_proto)) for event in reader.Tensors(str(trial), tag)]


@pytest.mark.slow
def test_each_trial_is_a_run_with_its_scalars(run):
    board, reader = run
    assert set(reader.Runs()) == {str(record.trial) for record in board.records}
    scalars = reader.PluginRunToTagToContent("scalars")
    for record in board.records:
        assert {"loss/training", "loss/validation", "accuracy/test", "gradient norm/first layer"} <= set(
            scalars[str(record.trial)]
        )
        told = series(reader, record.trial, "loss/validation")
        assert [step for step, _ in told] == [1, 2, 3]
        assert np.ravel([value for _, value in told]) == pytest.approx(record.val_loss)
        assert series(reader, record.trial, "accuracy/test")[0][1] == pytest.approx(record.test_accuracy)


def test_what_judges_stands_in_the_place_of_accuracies_by_its_name(tmp_path):
    for metric in (MAE, LOSS):
        board = own_board(metric=metric)
        trial = board.records[0].trial
        with EventFiles(tmp_path / metric.name, metric) as files:
            for event in own_events(board.experiment, metric):
                if isinstance(event, EpochFinished | TrialFinished) and event.trial == 0:
                    files.record(trial, event)
        reader = EventMultiplexer().AddRunsFromDirectory(str(tmp_path / metric.name))
        reader.Reload()
        losses = {"loss/training", "loss/validation", "loss/test", "seconds"}
        errors = {f"mean_absolute_error/{part}" for part in ("training", "validation", "test")}
        tags = set(reader.PluginRunToTagToContent("scalars")[str(trial)])
        assert tags == (losses if metric.is_loss else losses | errors)


@pytest.mark.slow
def test_weights_have_histograms_at_the_start_and_the_end(run):
    board, reader = run
    trial = board.records[0].trial
    tags = set(reader.PluginRunToTagToContent("histograms")[str(trial)])
    assert {"weights/hidden 1/kernel", "weights/hidden 1/gamma", "weights/output/bias"} <= tags
    start, end = reader.Tensors(str(trial), "weights/hidden 1/kernel")
    assert (start.step, end.step) == (0, 3)
    for event in (start, end):
        rows = make_ndarray(event.tensor_proto)
        assert rows.shape == (BINS, 3)
        assert rows[:, 2].sum() == 784 * 16
    assert start.tensor_proto.tensor_content != end.tensor_proto.tensor_content
