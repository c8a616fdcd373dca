"""The examples that a person's own model is trained with: found, brought into its shapes, and split."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from initterm.engine.data import datasets
from initterm.engine.data.datasets import Dataset
from initterm.engine.data.example_files import COLOURS, read_folder, read_npz
from initterm.engine.data.example_set import ExampleSet, Tree, arrays_in, fingerprint_of, refuse_not_finite
from initterm.engine.data.given import sets_in
from initterm.engine.data.images import PixelScale, brought_to, by
from initterm.engine.data.own_data import TEST_SHARE, GivenSets, OwnData, split_by_seed
from initterm.engine.memory import ran_out
from initterm.engine.models.fitted import classes_of, fitted, loss_name
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.printing import printing_to_stderr
from initterm.engine.models.source import returned
from initterm.engine.runtime import keras
from initterm.experiments.message import DataReceived
from initterm.experiments.training.events import DataLoaded
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.samples import training_count
from initterm.theory.arrays import Array
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal, shown

WANTED = "name an .npz file of x and y, a folder of images by classes, or package.module:function that returns examples"

OPTION = "--train-data"
OTHERS = f"Examples that suit your model are named with {OPTION}."

WHITE = 255.0
"""What Keras reads white as from a file."""

ONE_HOT = ("categorical_crossentropy", "categorical_focal_crossentropy", "categorical_hinge")

MOST_NAMES = 120


def first_inputs(experiment: Experiment, read: dict[str, GivenSets]) -> Tree | None:
    """What inputs of a model look like that can only be built by them; None of images, which are made for a model.

    Args:
        experiment: names the examples.
        read: gets those that were read, by their name, so that nothing is read twice.

    Raises:
        Refusal: they can't be had.
    """
    name = experiment.own.train_data
    if not name or _is("is_dir", Path(name)):
        return None
    keras.utils.set_random_seed(experiment.seed)
    read[name] = _sets_read(name, most_read(experiment), inputs=0)
    return read[name].train.at(slice(1)).x


def own_data_of(
    experiment: Experiment, opened: OpenedModel, read: Mapping[str, GivenSets] | None = None
) -> Generator[DataReceived, None, OwnData]:
    """The examples of an experiment's own model; yields the progress of a download.

    What a person's function draws without a seed of its own depends on the experiment's first seed.

    Args:
        experiment: names them, in ``own`` and ``data``.
        opened: the model.
        read: examples that were read already, by their names.

    Raises:
        Refusal: they can't be had or are too few, or the model can't be trained with them.
    """
    keras.utils.set_random_seed(experiment.seed)
    sources = ExampleSources(experiment, opened, read or {})
    own, name = experiment.own, experiment.own.train_data
    if name:
        given = sources.given(name)
    else:
        dataset = yield from datasets.load(experiment.data)
        name, given = dataset.name, sources.images_of(dataset)
    if own.validation_data:
        given = replace(given, validation=sources.given(own.validation_data).train)
    if own.test_data:
        given = replace(given, test=sources.given(own.test_data).train)
    with _said_of(name):
        classes = classes_of(given.train, opened, sources.loss)
    how = experiment.seed, experiment.samples, experiment.validation_split, experiment.batch_size
    with _within_memory(name):
        parts = split_by_seed(given, name, *how)
    fingerprint = fingerprint_of(given.all)
    return OwnData(name, *parts, " ".join(sources.notes), fingerprint, classes)


def own_data_loaded(data: OwnData) -> DataLoaded:
    """The event that tells what a run of an own model works with."""
    counts = len(data.train), len(data.validation), len(data.test)
    return DataLoaded(data.name, *counts, data.note, data.train_classes, data.test_classes, data.fingerprint)


class ExampleSources:
    """Finds examples for a model; ``notes`` are what a person should know of those that it has found.

    Args:
        experiment: how many examples are taken, and how images go in.
        opened: the model.
        read: examples that were read already, by their names.
    """

    def __init__(self, experiment: Experiment, opened: OpenedModel, read: Mapping[str, GivenSets]) -> None:
        self.notes: list[str] = []
        self.loss: Any = experiment.own.loss or getattr(opened.model, "loss", None)
        self._experiment, self._opened, self._read = experiment, opened, read
        self._most = most_read(experiment)

    def given(self, target: str) -> GivenSets:
        """What a file, a folder or a function gives, in the model's shapes.

        Raises:
            Refusal: it gives nothing that the model can be trained with.
        """
        if target not in self._read and _is("is_dir", path := Path(target)):
            with _within_memory(target), _said_of(target):
                return self._in_folder(path)
        given = self._read.get(target) or _sets_read(target, self._most, len(self._opened.inputs))
        if given.read_once:
            count = len(given.train)
            which = f"the first {grouped(count)} examples" if count == self._most else f"{grouped(count)} examples"
            self.notes.append(
                f"{shown(target)} gives a dataset; {which} of it were read, once: each epoch has the same ones, in an "
                "order of the seed's."
            )
        with _within_memory(target), _said_of(target), printing_to_stderr():
            return given.changed(self._fitted)

    def images_of(self, dataset: Dataset) -> GivenSets:
        """The images of a dataset in the model's shapes, split as those of the built-in network are.

        Raises:
            Refusal: the model takes no images, or tells fewer classes apart.
        """
        count = min(self._experiment.samples, len(dataset.y_train))
        if dataset.note:
            self.notes.append(dataset.note)
        with _within_memory(dataset.name), _said_of(dataset.name, OTHERS):
            sizes = self._image_sizes()
            scale = self._scale(dataset.x_train, dataset.white)
            train, test = (
                self._fitted(ExampleSet(brought_to(scale(x), sizes), self._targets(y)))
                for x, y in ((dataset.x_train[:count], dataset.y_train[:count]), (dataset.x_test, dataset.y_test))
            )
        if (there := dataset.shape) != sizes:
            self.notes.append(f"Images of {by(there)} are brought to the model's {by(sizes)}.")
        training = training_count(count, self._experiment.validation_split)
        return GivenSets(train.at(slice(training)), train.at(slice(training, count)), test)

    def _in_folder(self, folder: Path) -> GivenSets:
        sizes = self._image_sizes()
        if len(sizes) < 2:
            raise Refusal(f"the model takes {sizes[0]} numbers in a row, and a folder of images has height and width.")
        height, width, channels = (*sizes, 1)[:3]
        given, classes = read_folder(folder, (height, width, channels), self._most, self._experiment.seed)
        names = shown(", ".join(classes), MOST_NAMES)
        self.notes.append(f"Images of {len(classes)} classes, {names}, are brought to the model's {by(sizes)}.")
        scale = self._scale(arrays_in(given.train.x)[0], WHITE)

        def ready(examples: ExampleSet) -> ExampleSet:
            (x,), (y,) = arrays_in(examples.x), arrays_in(examples.y)
            return self._fitted(ExampleSet(scale(x).reshape(len(x), *sizes), self._targets(y)))

        return given.changed(ready)

    def _fitted(self, examples: ExampleSet) -> ExampleSet:
        refuse_not_finite(examples)
        return fitted(examples, self._opened, self.loss)

    def _scale(self, images: Array, white: float) -> PixelScale:
        """How images go in: from 0 to 255 where the model scales them itself, else as the experiment has it."""
        if any(isinstance(layer, keras.layers.Rescaling | keras.layers.Normalization) for layer in self._opened.layers):
            return PixelScale(white / WHITE)
        source = self._experiment.source
        return PixelScale.standardizing(images, white) if source == "standardized" else PixelScale(white)

    def _targets(self, labels: Array) -> Array:
        """Labels as the loss takes them: one-hot rows where it asks for these."""
        outputs = self._opened.outputs
        if loss_name(self.loss) not in ONE_HOT or len(outputs) != 1 or not outputs[0].shape[-1]:
            return labels.astype(np.int32)
        classes = max(outputs[0].shape[-1], int(labels.max()) + 1)
        return np.eye(classes, dtype=np.float32)[labels]

    def _image_sizes(self) -> tuple[int, ...]:
        """The sizes of an image that the model takes.

        Raises:
            Refusal: it takes something else.
        """
        slots = self._opened.inputs
        sizes = slots[0].sizes if len(slots) == 1 and slots[0].rows is None else ()
        if not 1 <= len(sizes) <= 3 or (len(sizes) == 3 and sizes[2] not in COLOURS):
            raise Refusal(f"the model takes no images; {WANTED} with {OPTION}.")
        return sizes


def most_read(experiment: Experiment) -> int:
    """How many examples are taken of a dataset, which may have no end: also those of the test, where it isn't apart."""
    return ceil(experiment.samples / (1.0 if experiment.own.test_data else 1 - TEST_SHARE))


def _sets_read(target: str, most: int, inputs: int) -> GivenSets:
    """What a file or a function gives, as it gives it, to a model with so many inputs, 0 where that isn't known.

    Raises:
        Refusal: it gives nothing that a model can be trained with.
    """
    if target.lower().endswith(".npz"):
        path = Path(target)
        with _within_memory(target), _said_of(target):
            if not _is("is_file", path):
                raise Refusal(f"there is no such file; {WANTED}.")
            return read_npz(path)
    if ":" not in target:
        raise Refusal(f"'{shown(target)}' is no examples; {WANTED}.")
    with _within_memory(target):
        value = returned(target, WANTED)
    return sets_given(value, target, most, inputs)


def sets_given(value: object, name: str, most: int, inputs: int) -> GivenSets:
    """The examples in what somebody gave under a name; see ``given.sets_in``.

    Raises:
        Refusal: it holds none, or more than fit into the memory.
    """
    with _within_memory(name), _said_of(name), printing_to_stderr():
        return sets_in(value, most, inputs)


@contextmanager
def _said_of(name: str, advice: str = "") -> Iterator[None]:
    """Put the name of what is wrong before the sentence that says what is wrong with it, and what helps behind it.

    Raises:
        Refusal: what is wrong.
    """
    try:
        yield
    except Refusal as refusal:
        helps = advice if OPTION not in str(refusal) else ""
        raise Refusal(f"{shown(name)}: {refusal} {helps}".rstrip()) from refusal


@contextmanager
def _within_memory(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if ran_out(error):
            raise Refusal(f"{shown(name)}: its examples don't fit into the memory; give fewer.") from error
        raise


def _is(question: str, path: Path) -> bool:
    try:
        return bool(getattr(path, question)())
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        return False
