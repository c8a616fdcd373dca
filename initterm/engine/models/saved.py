"""A model in a file, of which nothing is run: it is looked through before Keras reads it, in safe mode."""

from __future__ import annotations

import io
import json
import math
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from initterm.engine import memory
from initterm.engine.models.config_check import refuse_unsafe
from initterm.engine.models.h5_check import WEIGHTS, numbers_in
from initterm.engine.runtime import keras
from initterm.theory.numbers import grouped
from initterm.theory.numbers import size as memory_size
from initterm.theory.refusal import Refusal, sentence_of, shown

LARGEST_CONFIG = 2**23
"""Bytes of a configuration, unpacked; that of a network of thousands of layers has less."""

CONFIG = "config.json"
METADATA = "metadata.json"
MEMBERS = (CONFIG, METADATA, WEIGHTS)
ASSETS = "assets/"
"""What Keras puts into a ``.keras`` archive."""

OPTIMIZERS = ("optimizer", "optimizer_weights")
"""The groups of an optimizer's state, in ``.keras`` files and in ``.h5`` files."""

EXPANSION, SMALL = 100, 2**28
"""How many times its own bytes an archive may hold, which Keras writes as they are; and bytes that any may hold."""

UNSAVED = 2**20
"""Numbers that a model may make beside those that its file holds."""

Read = TypeVar("Read")


def loaded(path: Path) -> object:
    """What Keras makes of a file, whose configuration is looked through before.

    Raises:
        Refusal: there is no model in it that can be loaded without running what it brings along.
    """
    numbers = numbers_checked(path)
    config = _guarded(path, _config_of_keras if _is_archive(path) else _config_of_h5)
    memory.refuse_if_too_large(8 * numbers, f"Loading {path}")
    try:
        refuse_unsafe(config, path)
        with _no_more_than(numbers, path):
            return _guarded(path, _read_by_keras)
    except Refusal as refusal:
        if version := _older_keras(path):
            raise Refusal(f"{refusal} {FROM_KERAS_2.format(version=version, path=path)}") from None
        raise


def numbers_checked(path: Path) -> int:
    """How many numbers a file of Keras's holds, which can be read to its end.

    Raises:
        Refusal: there is no such file, or it can't be.
    """
    if not _is_file(path):
        raise Refusal(f"There is no file {path}; {WANTED}.")
    if _is_archive(path):
        _guarded(path, _refuse_archive, "is damaged, its zip archive can't be read")
    return numbers_in(path)


def steps_in(path: Path) -> int:
    """The count of steps that a file keeps with its optimizer's state; 0 where it keeps none.

    Raises:
        Refusal: the file has changed since it was loaded, and can't be read any more.
    """
    return _guarded(path, _largest_count)


@contextmanager
def _weights_of(path: Path) -> Iterator[Any]:
    """The HDF5 file that holds a model's weights, be it the file itself or a member of it."""
    import h5py

    if not _is_archive(path):
        with h5py.File(path, "r") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive, h5py.File(io.BytesIO(archive.read(WEIGHTS)), "r") as file:
        yield file


def _largest_count(path: Path) -> int:
    """The largest of an optimizer's single whole numbers, which is the count of its steps."""
    counts = [0]

    def look(_: str, item: Any) -> None:
        if getattr(item, "shape", None) == () and item.dtype.kind in "iu":
            counts.append(int(item[()]))

    with _weights_of(path) as file:
        for name in OPTIMIZERS:
            if hasattr(group := file.get(name), "visititems"):
                group.visititems(look)
    return max(counts)


def _read_by_keras(path: Path) -> object:
    """The model as Keras makes it, which tells of optimizers whose state it leaves out: an audit doesn't need one."""
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        loaded: object = keras.models.load_model(str(path), compile=False, safe_mode=True)
    return loaded


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".keras"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        return False


def _guarded(path: Path, read: Callable[[Path], Read], fault: str = "is not a model that Keras can load") -> Read:
    """What reading the file gives. Whatever fails there is the file's fault: Keras raises a dozen kinds of errors."""
    try:
        return read(path)
    except Refusal:
        raise
    except Exception as error:
        memory.raise_if_ran_out(error)
        raise Refusal(f"{path} {fault}: {sentence_of(error)}") from None


def _refuse_archive(path: Path) -> None:
    """Refuse an archive of other files than Keras writes, of more than could be in it, or with a wrong checksum."""
    if not zipfile.is_zipfile(path):
        raise Refusal(f"{path} is not a .keras file, which is a zip archive, or it is cut off; save the model again.")
    with zipfile.ZipFile(path) as archive:
        _refuse_members(archive.namelist(), path)
        for member in archive.infolist():
            if member.filename in (CONFIG, METADATA):
                _refuse_long(member.file_size, path)
        unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > max(SMALL, EXPANSION * path.stat().st_size):
            raise Refusal(f"{path} would unpack to {memory_size(unpacked)}; save the model again.")
        if damaged := archive.testzip():
            raise Refusal(f"{path} is damaged, the checksum of {shown(damaged)} is wrong; save the model again.")


def _refuse_members(names: Sequence[str], path: Path) -> None:
    twice = {name for name, count in Counter(names).items() if count > 1}
    for name in names:
        within = name.startswith(ASSETS) and ".." not in Path(name).parts
        if not (name in MEMBERS or within) or name in twice:
            raise Refusal(f"{path} holds '{shown(name)}', which Keras doesn't put there; save the model again.")
    for name in (CONFIG, WEIGHTS):
        if name not in names:
            raise Refusal(f"{path} holds no {name}; save the model again.")


def _config_of_keras(path: Path) -> object:
    with zipfile.ZipFile(path) as archive, archive.open(CONFIG) as member:
        text = member.read(LARGEST_CONFIG + 1)
    _refuse_long(len(text), path)
    return json.loads(text)


def _config_of_h5(path: Path) -> object:
    import h5py

    with h5py.File(path, "r") as file:
        text = file.attrs.get("model_config")
        if text is None:
            raise Refusal(
                f"{path} holds weights without a model; save the model itself, with model.save, or audit the function "
                f"that builds it: package.module:function --weights {path}."
            )
        _refuse_long(len(text), path)
        return json.loads(text)


def _older_keras(path: Path) -> str:
    """The version of Keras that saved a file, where that was one before 3; else empty."""
    version = ""
    with suppress(Exception):
        version = str(_version_in_keras(path) if _is_archive(path) else _version_in_h5(path))
    return shown(version) if version[:2] in ("1.", "2.") else ""


def _version_in_keras(path: Path) -> object:
    with zipfile.ZipFile(path) as archive, archive.open(METADATA) as member:
        return json.loads(member.read(LARGEST_CONFIG))["keras_version"]


def _version_in_h5(path: Path) -> object:
    import h5py

    with h5py.File(path, "r") as file:
        version = file.attrs["keras_version"]
    return version.decode() if isinstance(version, bytes) else version


def _refuse_long(size: int, path: Path) -> None:
    if size > LARGEST_CONFIG:
        raise Refusal(f"{path} has a configuration of more than {memory_size(LARGEST_CONFIG)}; save the model again.")


@contextmanager
def _no_more_than(numbers: int, path: Path) -> Iterator[None]:
    """Let layers make no more weights than their file holds numbers: the rest would be made up, and take memory.

    Raises:
        Refusal: they make more.
    """
    add_weight, made = keras.Layer.add_weight, 0

    def counted(layer: Any, *args: Any, shape: Any = None, **more: Any) -> Any:
        nonlocal made
        sizes = args[0] if args else shape
        made += math.prod(size for size in sizes if isinstance(size, int)) if isinstance(sizes, Sequence) else 1
        if made > numbers + UNSAVED:
            raise ValueError("There are more weights than the file holds.")
        return add_weight(layer, *args, shape=shape, **more)

    keras.Layer.add_weight = counted
    try:
        yield
    except Refusal:
        if made <= numbers + UNSAVED:
            raise
    finally:
        keras.Layer.add_weight = add_weight
    if made > numbers + UNSAVED:
        raise Refusal(
            f"{path} declares {grouped(made)} weights or more and holds {grouped(numbers)} numbers; "
            "save the model again."
        )


FROM_KERAS_2 = (
    "It was saved by Keras {version}, of which Keras 3 reads what hasn't changed since; build the model in a function "
    "for Keras 3, and audit package.module:function --weights {path}."
)

SAVED_MODEL = (
    "is a SavedModel, which holds a program instead of layers. Save the model where it was made, with "
    "model.save('model.keras'), or its weights with model.save_weights('model.weights.h5'), and audit the function "
    "that builds it: package.module:function --weights model.weights.h5."
)


def is_saved_model(path: Path) -> bool:
    """Whether it is a folder of TensorFlow's SavedModel."""
    return any(_is_file(path / name) for name in ("saved_model.pb", "saved_model.pbtxt"))


WANTED = "name a .keras or .h5 file, or package.module:function that returns a model"
