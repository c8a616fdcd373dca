"""An experiment with a person's own model as an iterator of events: opened, its data found, compiled once, compared."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterator, Mapping
from functools import partial

import numpy as np

from initterm.engine.data.batches import batches
from initterm.engine.data.own_data import GivenSets, OwnData
from initterm.engine.keras_types import Model
from initterm.engine.memory import ran_out, refuse_if_too_large
from initterm.engine.models.opened import MOST_LAG, OpenedModel
from initterm.engine.models.printing import printing_to_stderr
from initterm.engine.models.source import import_modules, open_model
from initterm.engine.runtime import keras
from initterm.engine.training.comparisons import compared
from initterm.engine.training.event_files import EventFiles
from initterm.engine.training.going_on import FROM_THE_START, GoingOn
from initterm.engine.training.losers import losers_of
from initterm.engine.training.mending import MENDED
from initterm.engine.training.on_device import ExamplesOnDevice
from initterm.engine.training.own_compiling import Compiled, compiled
from initterm.engine.training.own_examples import first_inputs, own_data_loaded, own_data_of
from initterm.engine.training.own_model import ON_CPU, OwnModel, StartDraws, takes_xla
from initterm.engine.training.own_tensors import OwnTensors
from initterm.engine.training.split import Split
from initterm.engine.training.trial_run import TrialRun
from initterm.engine.training.turns import NOBODY, Stopwatch, side_by_side
from initterm.experiments.training import events
from initterm.experiments.training.experiment import Experiment
from initterm.theory.arrays import Indices
from initterm.theory.numbers import grouped, percent
from initterm.theory.refusal import Refusal, sentence_of, shown

COPIES = 3
"""Gradients, and the starting state of the next trial while it is copied."""


def train_own(
    experiment: Experiment,
    cancelled: Container[int],
    recorder: EventFiles | None,
    going_on: GoingOn,
) -> Iterator[events.TrainingEvent]:
    """Run an experiment with a person's own model, after its start was told; see ``training.train``.

    Raises:
        Refusal: the model, its data or its tensors can't be used, or the data are others than those it was begun with.
    """
    own = experiment.own
    import_modules(filter(None, (name.strip() for name in own.modules.split(","))))
    keras.utils.set_random_seed(experiment.seed)  # a person's function may draw numbers that the model keeps
    read: dict[str, GivenSets] = {}
    opened = open_model(own.model, partial(first_inputs, experiment, read))
    yield from train_opened(experiment, opened, read, cancelled, recorder, going_on)


def train_opened(
    experiment: Experiment,
    opened: OpenedModel,
    read: Mapping[str, GivenSets],
    cancelled: Container[int] = NOBODY,
    recorder: EventFiles | None = None,
    going_on: GoingOn = FROM_THE_START,
) -> Iterator[events.TrainingEvent]:
    """The same with a model that is open; it is compiled once, for all contenders and seeds.

    Args:
        experiment: what to run.
        opened: the model, which is compiled, and of which all variables are assigned.
        read: examples that are there, by the names that the experiment has for them.
        cancelled: as in ``training.train``.
        recorder: as there.
        going_on: as there.

    Raises:
        Refusal: as ``train_own``.
    """
    own = experiment.own
    if own.train_data:
        yield events.PreparationBegun(f"reading {own.train_data}")
    data = yield from own_data_of(experiment, opened, read)
    loaded = own_data_loaded(data)
    going_on.refuse_other_data(loaded)
    yield loaded
    if MENDED in experiment.contenders:
        yield events.PreparationBegun(f"auditing {opened.name}")
    tensors = OwnTensors(opened, own, experiment.contenders, data.train_labels)
    split = split_of_own(data)
    how = compiled(opened, experiment, split.images, classes=bool(data.classes))
    lag = lag_note(opened, experiment.course(split.train).steps)
    if recorder:
        recorder.metric = how.judge.metric
    yield prepared(opened, tensors, how, (*tensors.notes, lag) if lag else tensors.notes)
    records = going_on.left(experiment, split.train)
    refuse_too_large(opened.model, len(records))
    orders = batches(experiment.seed, 1, split.train, experiment.batch_size) if records else ()
    network = yield from own_model(opened, how, tensors, split.images, orders)
    trial_runs = [TrialRun(record, experiment, split, network, recorder, going_on.states) for record in records]
    stopwatch = Stopwatch(experiment.minutes, going_on.told)
    epochs = experiment.course(split.train).epochs
    losers = losers_of(experiment, epochs, going_on.told, how.judge.metric)
    told = side_by_side(trial_runs, epochs, cancelled, stopwatch, losers)
    yield from compared(experiment, told, split.test, going_on.told, how.judge.metric)


def split_of_own(data: OwnData) -> Split[ExamplesOnDevice]:
    """All examples on the device: those that train, those that validate, those of the test."""
    parts = data.train, data.validation, data.test
    examples = ExamplesOnDevice.of_parts([(part.x, part.y, part.weights) for part in parts])
    return Split(examples, *map(len, parts))


def prepared(opened: OpenedModel, tensors: OwnTensors, how: Compiled, notes: tuple[str, ...]) -> events.ModelPrepared:
    """The event that tells which tensors take part, how the model is trained, and what judges."""
    parameters = sum(int(np.prod(variable.shape)) for variable in opened.model.trainable_variables)
    return events.ModelPrepared(
        opened.name,
        parameters,
        tensors.rows,
        tensors.others,
        how.optimizer,
        how.optimizer_from,
        how.loss,
        how.loss_from,
        how.judge.metric,
        notes,
        "model" if how.judge.of_model else "inferred",
    )


JUDGED_BY_LAG = "validation and test judge by them too; more epochs, or a smaller momentum, help"


def lag_note(opened: OpenedModel, steps: int, so: str = JUDGED_BY_LAG) -> str:
    """What is said of moving statistics that so many steps leave near where they began; empty where they don't.

    ``so`` are words for what follows from that.
    """
    if (lag := opened.lag_after(steps)) < MOST_LAG:
        return ""
    return (
        f"Batch normalization's moving statistics are still {percent(lag)} what they began with after "
        f"{grouped(steps)} steps, so {so}."
    )


def refuse_too_large(model: Model, trials: int) -> None:
    """Say no before so many trials of a compiled model are begun.

    Raises:
        Refusal: their states don't fit into the memory.
    """
    inside: object = getattr(model, "optimizer")  # noqa: B009 - Keras tells no types of what it compiled
    variables = [*model.variables, *getattr(inside, "variables", ())]
    state = sum(int(np.prod(one.shape)) * np.dtype(one.value.dtype.as_numpy_dtype).itemsize for one in variables)
    side_by_side = f", in {grouped(trials)} trials side by side," if trials > 1 else ""
    refuse_if_too_large((COPIES + trials) * state, f"The model with its optimizer{side_by_side}")


MOST_PRODUCTS = 8_000_000
"""Of a batch's convolutions, up to which XLA is the faster one on a CPU; with more, TensorFlow's own kernels are."""


def own_model(
    opened: OpenedModel, how: Compiled, draws: StartDraws, examples: ExamplesOnDevice, orders: tuple[Indices, ...]
) -> Generator[events.CompileStarted | events.FellBack, None, OwnModel]:
    """The model compiled for batches of these shapes: by XLA where that takes it, else as TensorFlow's graph.

    The graph is taken too where it is the faster one, which isn't told.

    Raises:
        Refusal: neither can run it.
    """
    yield events.CompileStarted(opened.name)
    batch = max((order.shape[1] for order in orders), default=0)
    if ON_CPU and how.products * batch > MOST_PRODUCTS:
        return _compiled(opened, how, draws, examples, orders, jit=False)
    why = "" if takes_xla(opened.model) else "one of its layers can't be compiled by it."
    if not why:
        try:
            return _compiled(opened, how, draws, examples, orders, jit=True)
        except Refusal as refusal:  # whatever XLA says of a person's model, the graph may take it
            why = sentence_of(refusal.__cause__ or refusal)
    network = _compiled(opened, how, draws, examples, orders, jit=False)
    yield events.FellBack(f"XLA doesn't compile {shown(opened.name)}, so TensorFlow's graph trains it: {why}")
    return network


def _compiled(
    opened: OpenedModel,
    how: Compiled,
    draws: StartDraws,
    examples: ExamplesOnDevice,
    orders: tuple[Indices, ...],
    *,
    jit: bool,
) -> OwnModel:
    network = OwnModel(opened.model, how.judge, draws, examples, jit=jit)
    try:
        with printing_to_stderr():
            network.compile(*orders)
    except Exception as error:
        if ran_out(error):
            raise
        raise Refusal(f"{shown(opened.name)} can't be trained: {sentence_of(error)}") from error
    return network
