"""An experiment as an iterator of events: all trials side by side, epoch after epoch, by ordinary Keras parts."""

from __future__ import annotations

from collections.abc import Container, Iterator

from initterm.engine import runtime
from initterm.engine.comparison import t_quantiles
from initterm.engine.data import datasets
from initterm.engine.data.datasets import Dataset
from initterm.engine.networks.network import refuse_too_large
from initterm.engine.training import compile_cache
from initterm.engine.training.comparisons import compared
from initterm.engine.training.compiled import CompiledNetwork
from initterm.engine.training.split import Split, batches, data_loaded, split_of
from initterm.engine.training.trial_run import Recorder, TrialRun
from initterm.experiments.training.events import RunStarted, TrainingEvent
from initterm.experiments.training.experiment import Experiment, StepSpec

NOBODY: frozenset[int] = frozenset()

Networks = dict[StepSpec, tuple[compile_cache.Key, CompiledNetwork]]


def train(
    experiment: Experiment, cancelled: Container[int] = NOBODY, recorder: Recorder | None = None
) -> Iterator[TrainingEvent]:
    """Run an experiment; stopping to iterate stops it.

    Args:
        experiment: what to run.
        cancelled: contenders, counted from 0, that shall go no further; looked at between any two events.
        recorder: is told each trial's events and weights.

    Yields:
        Events in the order of ``TrainingEvent``'s list; what is done between two of them is bounded in time, compiling
        excepted, which ``CompileStarted`` announces.

    Raises:
        Refusal: the data or the network can't be used.
    """
    yield RunStarted(runtime.device_name(), runtime.versions(), t_quantiles(experiment.seeds))
    for event in datasets.load(experiment.data):
        if isinstance(event, Dataset):
            yield from train_on(event, experiment, cancelled, recorder)
        else:
            yield event


def train_on(
    dataset: Dataset, experiment: Experiment, cancelled: Container[int] = NOBODY, recorder: Recorder | None = None
) -> Iterator[TrainingEvent]:
    """Run an experiment on a dataset that is there; see ``train``."""
    split = split_of(dataset, experiment)
    yield data_loaded(dataset, experiment, split)
    trials = list(experiment.trials)
    refuse_too_large(experiment.network, len(trials))
    networks: Networks = {}
    try:
        yield from _compile(experiment, split, networks)
        of_trial = (networks[experiment.step_of(trial.contender)][1] for trial in trials)
        trial_runs = [
            TrialRun(trial, experiment, split, network, recorder)
            for trial, network in zip(trials, of_trial, strict=True)
        ]
        yield from compared(experiment, _side_by_side(trial_runs, experiment.epochs, cancelled))
    finally:
        for key, network in networks.values():
            compile_cache.keep(key, network)


def _compile(experiment: Experiment, split: Split, networks: Networks) -> Iterator[TrainingEvent]:
    """Fill in a network for each step that contenders are trained by."""
    orders = batches(experiment.seed, 1, split.train, experiment.batch_size)
    evaluation_images = max(split.validation, split.test)
    for spec in dict.fromkeys(map(experiment.step_of, experiment.contenders)):
        networks[spec] = yield from compile_cache.compiled_network(spec, split.images, orders, evaluation_images)


def _side_by_side(trial_runs: list[TrialRun], epochs: int, cancelled: Container[int]) -> Iterator[TrainingEvent]:
    """An epoch of every trial, the next epoch of every trial, and so on; at last the test."""
    for epoch in range(1, epochs + 1):
        for trial_run in trial_runs:
            yield from trial_run.until_cancelled(trial_run.run_epoch(epoch), cancelled)
    for trial_run in trial_runs:
        yield from trial_run.until_cancelled(trial_run.finish(), cancelled)
