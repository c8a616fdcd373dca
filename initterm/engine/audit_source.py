"""Where an audited model comes from: a file that Keras loads in safe mode, or a function of the person's own."""

from __future__ import annotations

import importlib
import json
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from initterm.engine import memory
from initterm.engine.h5_check import refuse_unreadable
from initterm.engine.runtime import keras
from initterm.theory.refusal import Refusal

ENDINGS = (".keras", ".h5", ".hdf5")
WANTED = "name a .keras or .h5 file, or package.module:function that returns a model"

UNSAFE = ("__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")
"""Classes that would run code which a file carries or points to."""

KNOWN_MODULES = ("keras", "builtins", "tensorflow")
"""Where a class that needs no import of the person's comes from."""

Part = dict[str, Any]

WIDTHS = ("units", "filters", "input_dim", "output_dim", "num_heads", "key_dim")
"""What layers call the numbers of their units and rows."""

LARGEST_CONFIG = 2**26
"""Bytes of a configuration; that of a network of thousands of layers has a tenth of it."""

DEEPEST_CONFIG = 200
"""How deep lists and objects may lie in one another."""

CLIPPED = 160


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
    raise Refusal(f"{_clipped(target)!r} is no model; {WANTED}.")


def _loaded(path: Path) -> Any:
    """The model in a file, of which nothing is run: its configuration is looked through before Keras reads it."""
    if not _is_file(path):
        raise Refusal(f"There is no file {path}; {WANTED}.")
    config = _guarded(path, _config_of_keras if path.suffix.lower() == ".keras" else _config_of_h5)
    for part in _parts(config, path):
        _refuse_code(part, path)
        _refuse_unknown(part, path)
        _refuse_without_weights(part, path)
    memory.refuse_if_too_large(2 * path.stat().st_size, f"Loading {path}")
    return _guarded(path, lambda name: keras.models.load_model(str(name), compile=False, safe_mode=True))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        return False


def _guarded(path: Path, read: Callable[[Path], Any]) -> Any:
    """What reading the file gives. Whatever fails there is the file's fault: Keras raises a dozen kinds of errors."""
    try:
        return read(path)
    except Refusal:
        raise
    except Exception as error:
        raise Refusal(f"{path} is no model that Keras can load: {_sentence(error)}") from None


def _config_of_keras(path: Path) -> object:
    """The configuration in a ``.keras`` file, whose members all have the checksum that they should."""
    if not zipfile.is_zipfile(path):
        raise Refusal(f"{path} is no .keras file, which is a zip archive, or it is cut off; save the model again.")
    with zipfile.ZipFile(path) as archive:
        if archive.getinfo("config.json").file_size > LARGEST_CONFIG:
            raise Refusal(f"{path} has a configuration of more than {memory.size(LARGEST_CONFIG)}; save it again.")
        if damaged := archive.testzip():
            raise Refusal(f"{path} is damaged, the checksum of {_clipped(damaged)} is wrong; save the model again.")
        config = archive.read("config.json")
    refuse_unreadable(path)
    return json.loads(config)


def _config_of_h5(path: Path) -> object:
    import h5py

    refuse_unreadable(path)
    with h5py.File(path, "r") as file:
        text = file.attrs.get("model_config")
        if text is None:
            raise Refusal(f"{path} holds weights without a model; save the model itself, with model.save.")
        return json.loads(text)


def _refuse_code(part: Part, path: Path) -> None:
    name = str(part.get("class_name", "")).rsplit(">", 1)[-1]
    if name in UNSAFE or part.get("function_type") == "lambda":
        raise Refusal(
            f"{path} holds a {name.strip('_') or 'lambda'} that carries code, which audit never runs; "
            "build the model in a function and audit package.module:function."
        )


def _refuse_unknown(part: Part, path: Path) -> None:
    """A class of the person's own that no imported module has registered."""
    name, module = part.get("registered_name"), part.get("module")
    own = isinstance(name, str) and not str(module).startswith(KNOWN_MODULES)
    if own and keras.saving.get_registered_object(name) is None:
        raise Refusal(
            f"{path} uses {_clipped(str(name))}, which is none of Keras's; "
            "name the module that registers it with --import package.module."
        )


def _refuse_without_weights(part: Part, path: Path) -> None:
    """A layer of n units has at least n weights, which take at least n bytes: more than the file has are made up."""
    size = path.stat().st_size
    for name in WIDTHS:
        if isinstance(value := part.get(name), int) and value > size:
            raise Refusal(f"{path} declares {name}={value:,} and has {size:,} bytes of weights; save the model again.")


def _parts(config: object, path: Path, depth: int = 0) -> Iterator[Part]:
    """Every object in a configuration, wherever it stands."""
    if depth > DEEPEST_CONFIG:
        raise Refusal(f"{path} has a configuration nested deeper than {DEEPEST_CONFIG} levels; save the model again.")
    if isinstance(config, dict):
        yield config
    for value in config.values() if isinstance(config, dict) else config if isinstance(config, list) else ():
        yield from _parts(value, path, depth + 1)


def _returned(module_name: str, function_name: str) -> Any:
    """What a function of the person's own returns; it is their code, and runs."""
    function = getattr(_imported(module_name), function_name, None)
    if not callable(function):
        raise Refusal(f"{module_name} has no function {_clipped(function_name)!r}; {WANTED}.")
    try:
        return function()
    except Exception as error:
        raise Refusal(f"{module_name}:{function_name}() raised {type(error).__name__}: {_sentence(error)}") from error


def _imported(name: str) -> Any:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise Refusal(
            f"{_clipped(name)!r} can't be imported, {type(error).__name__}: {_sentence(error)} "
            "Name a module that stands in this folder or is installed."
        ) from error


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
    if not model.built:
        raise Refusal(
            f"{target} gave a model that isn't built, so it has no weights yet; "
            "begin it with keras.Input, or call model.build(shape) in the function."
        )
    return model


def _sentence(error: BaseException) -> str:
    """The first line of an error as a sentence that ends."""
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"{_clipped(text, CLIPPED).rstrip('.')}."


def _clipped(text: str, most: int = 60) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
