"""Where an audited model comes from: a file that Keras loads in safe mode, or a function of the person's own."""

from __future__ import annotations

import importlib
import io
import json
import math
import sys
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from initterm.engine import memory
from initterm.engine.models.config_check import refuse_unsafe
from initterm.engine.models.h5_check import WEIGHTS, numbers_in
from initterm.engine.runtime import keras
from initterm.theory.numbers import size as memory_size
from initterm.theory.refusal import Refusal, shown

ENDINGS = (".keras", ".h5", ".hdf5")
WANTED = "name a .keras or .h5 file, or package.module:function that returns a model"

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

CLIPPED = 160


_own_modules: set[str] = set()
"""The modules that came from the current folder."""


def forget_own_modules() -> None:
    """Forget what was imported from the current folder, so that a file that has changed since is read anew."""
    for name in _own_modules:
        sys.modules.pop(name, None)
    _own_modules.clear()
    importlib.invalidate_caches()


def import_modules(names: Iterable[str]) -> None:
    """Import modules that register custom layers, looked for in the current folder too.

    Raises:
        Refusal: a module can't be imported.
    """
    for name in names:
        _imported(name)


def open_model(target: str) -> Any:
    """The model of a file or of ``package.module:function``, built.

    Raises:
        Refusal: it can't be had; the sentence says why.
    """
    if target.lower().endswith(ENDINGS):
        return _built(_loaded(Path(target)), target)
    if ":" in target:
        return _built(_returned(*target.rsplit(":", 1)), target)
    raise Refusal(f"'{shown(target)}' is no model; {WANTED}.")


def steps_taken(target: str, model: Any) -> int:
    """How many steps an optimizer has made with a model that ``open_model`` gave.

    Args:
        target: what ``open_model`` was given.
        model: what it gave.

    Returns:
        The count that a file keeps with the optimizer's state, or that a function's model has; 0 where the model
        wasn't compiled, and where its file keeps no state.

    Raises:
        Refusal: the file has changed since, and can't be read any more.
    """
    if not target.lower().endswith(ENDINGS):
        return int(getattr(getattr(model, "optimizer", None), "iterations", 0))
    return int(_guarded(Path(target), _largest_count))


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


def _loaded(path: Path) -> Any:
    """The model in a file, of which nothing is run: its configuration is looked through before Keras reads it."""
    if not _is_file(path):
        raise Refusal(f"There is no file {path}; {WANTED}.")
    archive = _is_archive(path)
    if archive:
        _guarded(path, _refuse_archive, "is damaged, its zip archive can't be read")
    numbers = numbers_in(path)
    refuse_unsafe(_guarded(path, _config_of_keras if archive else _config_of_h5), path)
    memory.refuse_if_too_large(8 * numbers, f"Loading {path}")
    with _no_more_than(numbers, path):
        return _guarded(path, _read_by_keras)


def _read_by_keras(path: Path) -> Any:
    """The model as Keras makes it, which tells of optimizers whose state it leaves out: an audit doesn't need one."""
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        return keras.models.load_model(str(path), compile=False, safe_mode=True)


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".keras"


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        return False


def _guarded(path: Path, read: Callable[[Path], Any], fault: str = "is no model that Keras can load") -> Any:
    """What reading the file gives. Whatever fails there is the file's fault: Keras raises a dozen kinds of errors."""
    try:
        return read(path)
    except Refusal:
        raise
    except Exception as error:
        _raise_if_ran_out(error)
        raise Refusal(f"{path} {fault}: {_sentence(error)}") from None


def _refuse_archive(path: Path) -> None:
    """Refuse an archive of other files than Keras writes, of more than could be in it, or with a wrong checksum."""
    if not zipfile.is_zipfile(path):
        raise Refusal(f"{path} is no .keras file, which is a zip archive, or it is cut off; save the model again.")
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
            raise Refusal(f"{path} holds weights without a model; save the model itself, with model.save.")
        _refuse_long(len(text), path)
        return json.loads(text)


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
        raise Refusal(f"{path} declares {made:,} weights or more and holds {numbers:,} numbers; save the model again.")


def _returned(module_name: str, function_name: str) -> Any:
    """What a function of the person's own returns; it is their code, and runs."""
    function = getattr(_imported(module_name), function_name, None)
    if not callable(function):
        raise Refusal(f"{module_name} has no function '{shown(function_name)}'; {WANTED}.")
    try:
        return function()
    except BaseException as error:  # also what ends a process where nobody expects it
        _raise_if_ran_out(error)
        raise Refusal(f"{module_name}:{function_name}() raised {type(error).__name__}: {_sentence(error)}") from error


def _imported(name: str) -> Any:
    here, known = str(Path.cwd()), set(sys.modules)
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except BaseException as error:
        _raise_if_ran_out(error)
        raise Refusal(
            f"'{shown(name)}' can't be imported, {type(error).__name__}: {_sentence(error)} "
            "Name a module that stands in this folder or is installed."
        ) from error
    finally:
        _own_modules.update(filter(_is_own, set(sys.modules) - known))


def _is_own(name: str) -> bool:
    """Whether a module's file is in the current folder, and not of Python's own."""
    file = getattr(sys.modules.get(name), "__file__", None)
    path = Path(file) if file else Path(sys.prefix)
    installed = any(path.is_relative_to(prefix) for prefix in (sys.prefix, sys.base_prefix))
    return path.is_relative_to(Path.cwd()) and not installed


def _built(model: Any, target: str) -> Any:
    """The model, built from the shape of input that it knows.

    Raises:
        Refusal: it isn't a Keras model, or doesn't know its input's shape.
    """
    if not isinstance(model, keras.Model):
        raise Refusal(f"{target} gave {type(model).__name__}, which is no keras.Model; return one.")
    shape: Sequence[int | None] | None = getattr(model, "input_shape", None)
    if not model.built and shape:
        model.build(shape)
    if not model.built or any(not layer.built for layer in model._flatten_layers()):
        raise Refusal(
            f"{target} gave a model that isn't built, so it has no weights yet; "
            "begin it with keras.Input, or call it on an input in the function."
        )
    return model


def _raise_if_ran_out(error: BaseException) -> None:
    """Want of memory is no fault of a sentence's: whoever set its bounds tells of it."""
    if memory.ran_out(error):
        raise error


def _sentence(error: BaseException) -> str:
    """The first line of an error as a sentence that ends."""
    try:
        text = (str(error).strip() or type(error).__name__).splitlines()[0]
    except Exception:  # its own words fail
        text = type(error).__name__
    if isinstance(error, KeyError):
        text = f"there is no {text}"
    return f"{shown(text, CLIPPED).rstrip('.:')}."
