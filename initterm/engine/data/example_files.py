"""Examples in files: an ``.npz`` file of inputs and targets, or a folder of images by classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from initterm.engine.data.example_set import ExampleSet
from initterm.engine.data.given import VALIDATION_NAMES, collected, named_sets
from initterm.engine.data.own_data import GivenSets
from initterm.engine.memory import raise_if_ran_out
from initterm.engine.runtime import keras
from initterm.theory.refusal import Refusal, sentence_of

COLOURS = {1: "grayscale", 3: "rgb", 4: "rgba"}
"""Keras's name of an image's colours, by its channels."""

BATCH = 64


def read_npz(path: Path) -> GivenSets:
    """The examples of an ``.npz`` file.

    Raises:
        Refusal: it can't be read, or holds no examples.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except Exception as error:  # whatever a foreign file does to those who parse it, it can't be used
        raise_if_ran_out(error)
        if "pickle" in str(error).lower():
            raise Refusal("it holds pickled data, which could run code and is not read; save plain arrays.") from None
        raise Refusal("it can't be read, it is cut off or is no .npz file; save it with numpy.savez.") from None
    return named_sets(arrays)


def read_folder(folder: Path, sizes: tuple[int, ...], most: int, seed: int) -> tuple[GivenSets, tuple[str, ...]]:
    """The images of a folder and the names of their classes, which are its folders; (count, \\*sizes) from 0 to 255.

    A folder that holds ``train``, and perhaps ``validation`` and ``test``, has classes in each of these.

    Args:
        folder: where they are.
        sizes: of one image, (height, width, channels), to which each is brought.
        most: of more images so many are taken, by the seed.
        seed: decides which.

    Raises:
        Refusal: there are no images in it that can be read.
    """
    names = ("train",) if (folder / "train").is_dir() else ("",)
    train, classes = _images(folder / names[0], sizes, most, seed)
    if not names[0]:
        return GivenSets(train), classes
    others = [
        next((_images(folder / one, sizes, most, seed) for one in of_part if (folder / one).is_dir()), None)
        for of_part in (VALIDATION_NAMES, ("test",))
    ]
    for found in others:
        if found and found[1] != classes:
            raise Refusal(f"its parts have other classes: {', '.join(classes)}, and {', '.join(found[1])}.")
    validation, test = (found[0] if found else None for found in others)
    return GivenSets(train, validation, test), classes


def _images(folder: Path, sizes: tuple[int, ...], most: int, seed: int) -> tuple[ExampleSet, tuple[str, ...]]:
    height, width, channels = sizes
    try:
        dataset = keras.utils.image_dataset_from_directory(
            str(folder),
            image_size=(height, width),
            color_mode=COLOURS[channels],
            batch_size=BATCH,
            seed=seed,
            verbose=False,
        )
    except Exception as error:
        raise_if_ran_out(error)
        raise Refusal(f"there are no images by classes in {folder}: {sentence_of(error)}") from None
    return collected(iter(dataset), most), tuple(dataset.class_names)
