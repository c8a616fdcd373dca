"""A comparison with a person's own model, from its opening to what is concluded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from initterm.engine.runtime import tf
from initterm.engine.training import own_training
from initterm.engine.training.event_files import EventFiles
from initterm.engine.training.going_on import GoingOn
from initterm.engine.training.training import train
from initterm.engine.training.turns import Stopwatch
from initterm.experiments.training import events
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.theory.refusal import Refusal
from tests.engine.training.own_models import readings

HERE = "tests.engine.training.own_models"
CONTENDERS = tuple(map(Contender.parse, ("declared", "he_normal")))


def experiment(model: str, data: str, *, own_optimizer: bool = True, **settings: Any) -> Experiment:
    own = ModelSpec(f"{HERE}:{model}", train_data=f"{HERE}:{data}", own_optimizer=own_optimizer)
    return Experiment(CONTENDERS, own=own, **{"epochs": 2, "seeds": 2, "batch_size": 16, **settings})


def told(run: Iterator[events.TrainingEvent], kind: type[Any]) -> list[Any]:
    return [event for event in run if isinstance(event, kind)]


def without_seconds(run: Iterator[events.TrainingEvent]) -> list[events.TrainingEvent]:
    kept = [event for event in run if not isinstance(event, events.StepsFinished | events.RunStarted)]
    return [replaced_seconds(event) for event in kept]


def replaced_seconds(event: Any) -> Any:

    return msgspec.structs.replace(event, seconds=0.0) if isinstance(event, events.EpochFinished) else event


def test_a_comparison_tells_everything_in_order_and_compiles_once() -> None:
    run = [*train(experiment("classifier", "of_classes"))]
    kinds = [type(event).__name__ for event in run]
    assert kinds[:5] == ["RunStarted", "PreparationBegun", "DataLoaded", "ModelPrepared", "CompileStarted"]
    assert kinds.count("CompileStarted") == 1
    assert kinds.count("TrialFinished") == 4
    assert isinstance(run[-1], events.Compared)
    assert run[-1].settled
    (prepared,) = told(iter(run), events.ModelPrepared)
    assert (prepared.optimizer, prepared.optimizer_from) == ("SGD 0.05", "model")
    assert (prepared.loss, prepared.loss_from) == ("sparse categorical crossentropy", "model")
    assert prepared.metric.is_accuracy
    assert prepared.parameters == 4 * 8 + 8 + 2 * 8 + 8 * 3 + 3
    assert [tensor.shape for tensor in prepared.tensors] == [(4, 8)]
    assert "moving statistics" in " ".join(prepared.notes)
    ends = told(iter(run), events.TrialFinished)
    (loaded,) = told(iter(run), events.DataLoaded)
    assert all(len(end.hits) == -(-loaded.test // 8) for end in ends)
    diagnosed = told(iter(run), events.Diagnosed)
    assert all(one.gradient_first and one.update_ratio and one.answers for one in diagnosed)


def test_what_takes_long_before_a_training_is_told_as_it_begins() -> None:
    asked = replace(experiment("classifier", "of_classes"), contenders=(Contender.parse("mended"),))
    board, doing = Scoreboard.of(asked), list[str]()
    for event in train(asked):
        board = board.after(event)
        doing.append(board.doing)
        if isinstance(event, events.CompileStarted):
            break
    model, data = asked.own.model, asked.own.train_data
    assert doing == [
        f"opening {model}",
        f"reading {data}",
        "starting",
        f"auditing {model}",
        "starting",
        f"compiling {model}",
    ]


@pytest.mark.slow
def test_what_a_function_draws_for_its_model_is_the_same_when_it_goes_on() -> None:
    once, again = (told(train(experiment("masked", "of_classes", epochs=1)), events.EpochFinished) for _ in range(2))
    assert [end.loss for end in once] == [end.loss for end in again]


@pytest.mark.slow
@pytest.mark.parametrize("model", ["unbuilt", "unbuilt_chain"])
def test_a_model_that_isnt_built_is_built_by_its_examples_which_are_read_once(model: str) -> None:
    readings.clear()
    run = [*train(experiment(model, "read_once", epochs=1, seeds=1))]
    assert readings == ["read"]
    (prepared,) = told(iter(run), events.ModelPrepared)
    assert [tensor.shape for tensor in prepared.tensors] == [(4, 8)]
    assert isinstance(run[-1], events.Compared)
    with pytest.raises(Refusal, match="isn't built, and it can't be built by these examples"):
        [*train(experiment(model, "of_bare_numbers"))]


def test_settings_stand_above_what_a_model_is_compiled_with() -> None:
    asked = experiment("classifier", "of_classes", own_optimizer=False, optimizer="rmsprop", learning_rate=0.02)
    asked = replace(asked, own=replace(asked.own, loss="sparse_categorical_crossentropy"))
    (prepared,) = told(until_compiled(asked), events.ModelPrepared)
    assert (prepared.optimizer, prepared.optimizer_from) == ("RMSprop 0.02", "settings")
    assert prepared.loss_from == "settings"


def until_compiled(asked: Experiment) -> Iterator[events.TrainingEvent]:
    for event in train(asked):
        yield event
        if isinstance(event, events.ModelPrepared):
            return


@pytest.mark.slow
def test_a_model_of_two_outputs_is_judged_by_its_own_first_metric() -> None:
    run = [*train(experiment("of_two_outputs", "of_both", epochs=5, seeds=1))]
    (prepared,) = told(iter(run), events.ModelPrepared)
    assert prepared.metric.name == "size_mae"
    assert not prepared.metric.higher_is_better
    epochs = [event for event in told(iter(run), events.EpochFinished) if event.trial == 0]
    assert epochs[-1].val_accuracy < epochs[0].val_accuracy
    assert all(end.test_accuracy > 0 and not end.hits for end in told(iter(run), events.TrialFinished))


@pytest.mark.slow
def test_a_regression_is_judged_by_its_loss() -> None:
    run = [*train(experiment("regressor", "of_numbers", epochs=1, seeds=1))]
    (prepared,) = told(iter(run), events.ModelPrepared)
    assert (prepared.metric.name, prepared.loss, prepared.loss_from) == ("loss", "mean squared error", "inferred")
    assert all(end.test_accuracy == end.test_loss for end in told(iter(run), events.TrialFinished))


@pytest.mark.slow
def test_steps_end_a_trial_within_an_epoch() -> None:
    asked = experiment("regressor", "of_numbers", epochs=5, steps=8, seeds=1)
    run = [*train(asked)]
    (loaded,) = told(iter(run), events.DataLoaded)
    an_epoch = -(-loaded.train // 16)
    assert an_epoch < 8 < 2 * an_epoch
    assert max(event.epoch for event in told(iter(run), events.EpochFinished)) == 2
    assert {end.status for end in told(iter(run), events.TrialFinished)} == {"finished"}


def test_a_loss_that_is_not_finite_ends_the_trial_alone() -> None:
    ends = told(train(experiment("exploding", "of_numbers", seeds=1)), events.TrialFinished)
    assert {end.status for end in ends} == {"diverged"}
    assert all(end.step for end in ends)


class Kept:
    """Keeps the states of trials in memory."""

    def __init__(self) -> None:
        self.states: dict[int, Any] = {}

    def save(self, trial: int, epoch: int, state: Any) -> None:
        self.states[trial] = epoch, tuple(array.copy() for array in state)

    def load(self, trial: int) -> Any:
        return self.states.get(trial)

    def drop(self, trial: int) -> None:
        self.states.pop(trial, None)


@pytest.mark.slow
def test_an_interrupted_run_goes_on_to_the_same_end() -> None:
    asked = experiment("classifier", "of_classes", seeds=1)
    whole = without_seconds(train(asked))
    states, before = Kept(), []
    for event in train(asked, going_on=GoingOn((), states)):
        before.append(event)
        if isinstance(event, events.EpochFinished) and (event.trial, event.epoch) == (1, 1):
            break
    after = without_seconds(train(asked, going_on=GoingOn(before, states)))
    assert after[-1] == whole[-1]
    assert told(iter(after), events.TrialFinished) == told(iter(whole), events.TrialFinished)


def test_what_xla_refuses_runs_as_a_graph_and_that_is_told(monkeypatch: pytest.MonkeyPatch, xla: None) -> None:
    compile_model = own_training.OwnModel.compile

    def refuse(self: Any, *orders: Any) -> None:
        if self.jit:
            raise ValueError("XLA has no such kernel.")
        compile_model(self, *orders)

    monkeypatch.setattr(own_training.OwnModel, "compile", refuse)
    run = [*train(experiment("regressor", "of_numbers", epochs=1, seeds=1))]
    (fell_back,) = told(iter(run), events.FellBack)
    assert "XLA has no such kernel" in fell_back.sentence
    assert all(end.status == "finished" for end in told(iter(run), events.TrialFinished))


def test_targets_that_do_not_suit_are_refused_in_a_sentence() -> None:
    with pytest.raises(Refusal, match=r"of_numbers|shape|classes|labels"):
        list(train(experiment("classifier", "of_numbers")))


@pytest.mark.slow
def test_minutes_end_all_trials_after_the_same_epoch_and_a_run_that_goes_on_ends_there_too() -> None:
    asked = experiment("regressor", "of_numbers", epochs=50, seeds=1, minutes=1e-6)
    run = [*train(asked)]
    assert told(iter(run), events.BudgetSpent) == [events.BudgetSpent(1)]
    assert [event.epoch for event in told(iter(run), events.EpochFinished)] == [1, 1]
    board = Scoreboard.of(asked, run)
    assert board.over
    assert board.epochs == 1
    more = [*train(replace(asked, seeds=2), going_on=GoingOn(run))]
    assert {event.epoch for event in told(iter(more), events.EpochFinished)} == {1}
    assert {event.trial for event in told(iter(more), events.TrialFinished)} == {2, 3}


def test_time_left_is_judged_by_the_epoch_before() -> None:
    stopwatch = Stopwatch(minutes=1)
    finished = events.EpochFinished(0, 1, 1.0, 1.0, 1.0, 1.0, 25.0)
    stopwatch.take(finished)
    assert stopwatch.leaves(2, {0})
    stopwatch.take(msgspec.structs.replace(finished, epoch=2))
    assert not stopwatch.leaves(3, {0})


@pytest.mark.slow
def test_event_files_name_the_metric_and_the_tensors(tmp_path: Path) -> None:
    with EventFiles(tmp_path) as files:
        asked = experiment("of_two_outputs", "of_both", epochs=1, seeds=1)
        assert told(train(asked, recorder=files), events.TrialFinished)
    (folder,) = (folder for folder in tmp_path.iterdir() if folder.name.startswith("declared"))
    written = [
        value.tag
        for path in folder.iterdir()
        for event in tf.compat.v1.train.summary_iterator(str(path))
        for value in event.summary.value
    ]
    assert {"size_mae/validation", "size_mae/test", "weights/size/kernel"} <= set(written)
