"""What a saved model's configuration may name: Keras's own parts, and what an imported module has registered.

Keras reads a configuration by calling what it names, so that whoever writes one chooses what is called. Here the
choice is narrowed, before Keras reads it, to classes that make models and to functions of numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from initterm.engine.runtime import keras
from initterm.theory.refusal import Refusal, shown

Part = dict[str, Any]

CODE = {
    "__lambda__": "code",
    "__typespec__": "a type of TensorFlow's",
    "TypeSpec": "a type of TensorFlow's",
    "CompositeTensor": "a type of TensorFlow's",
    "TFSMLayer": "the path of a program",
    "TorchModuleWrapper": "a pickle",
    "JaxLayer": "code",
    "FlaxLayer": "code",
}
"""What carries a program, or points to one, and what it carries."""

PLAIN = (
    "__keras_tensor__",
    "__tensor__",
    "__numpy__",
    "__bytes__",
    "__slice__",
    "__ellipsis__",
    "__tuple__",
    "TensorShape",
)
"""How Keras writes values that JSON doesn't have."""

CLASSES_FROM = (
    "keras",
    "keras.layers",
    "keras.models",
    "keras.initializers",
    "keras.regularizers",
    "keras.constraints",
    "keras.dtype_policies",
    "keras.quantizers",
    "keras.random",
    "keras.optimizers",
    "keras.optimizers.schedules",
    "keras.losses",
    "keras.metrics",
    "keras.src.models.functional",
)
"""Where classes of Keras's are looked for; those of ``keras.src`` also where they are defined."""

KINDS = (
    keras.Operation,
    keras.InputSpec,
    keras.Initializer,
    keras.Regularizer,
    keras.constraints.Constraint,
    keras.DTypePolicy,
    keras.dtype_policies.DTypePolicyMap,
    keras.Quantizer,
    keras.quantizers.QuantizationConfig,
    keras.random.SeedGenerator,
    keras.Optimizer,
    keras.optimizers.schedules.LearningRateSchedule,
    keras.Loss,
    keras.Metric,
)
"""What a class in a model is one of. Layers and models are operations."""

NAMED_FUNCTIONS_FROM = ("keras.activations", "keras.losses", "keras.metrics")
FUNCTIONS_FROM = (
    *NAMED_FUNCTIONS_FROM,
    "keras.ops",
    "keras.ops.image",
    "keras.ops.linalg",
    "keras.ops.nn",
    "keras.ops.numpy",
)
"""Modules whose functions take numbers and give numbers."""

READERS = ("deserialize", "get", "serialize")
"""Functions there that take configurations."""

FILE_NAMES = ("vocabulary",)
"""What layers call a setting that, as a text, is the name of a file they read."""

DEEPEST = 200
"""How deep lists and objects may lie in one another."""


def refuse_unsafe(config: object, path: Path) -> None:
    """Refuse a configuration that names anything else than parts of models.

    The optimizer and the loss of the model itself aren't looked at: an audit doesn't compile it.

    Raises:
        Refusal: it carries code, or names what neither Keras nor an imported module knows as a part of models.
    """
    if isinstance(config, dict):
        config = {key: value for key, value in config.items() if key != "compile_config"}
    for part in _parts(config, path):
        _refuse_unprintable(part, path)
        if "class_name" in part:
            _refuse_code(part, path)
            if not _is_registered(part):
                _refuse_files(part, path)
                _refuse_unknown(part, path)


def _parts(config: object, path: Path, depth: int = 0) -> Iterator[Part]:
    """Every object in a configuration, wherever it stands."""
    if depth > DEEPEST:
        raise Refusal(f"{path} has a configuration nested deeper than {DEEPEST} levels; save the model again.")
    if isinstance(config, dict):
        yield config
    for value in config.values() if isinstance(config, dict) else config if isinstance(config, list) else ():
        yield from _parts(value, path, depth + 1)


def _refuse_unprintable(part: Part, path: Path) -> None:
    if not str(part.get("name", "")).isprintable():
        raise Refusal(f"{path} names a layer '{shown(part['name'])}', with signs that can't be shown; rename it.")


def _is_registered(part: Part) -> bool:
    """Whether Keras takes the part from what imported modules have registered.

    Newer files are read by the registered name and older ones by the class's, so that both have to mean the same.
    """
    kind, name = part["class_name"], part.get("registered_name") or part["class_name"]
    if kind == "function":
        name = part.get("config")
    found = keras.saving.get_registered_object(name) if isinstance(name, str) else None
    return found is not None and kind in (name, "function", getattr(found, "__name__", None))


def _refuse_code(part: Part, path: Path) -> None:
    name, config = part["class_name"], part.get("config")
    carried = CODE.get(name) if isinstance(name, str) else None
    if name == "Lambda" and isinstance(config, dict) and _is_code(config):
        carried = "code"
    if carried:
        raise Refusal(
            f"{path} holds a {name.strip('_')} that carries {carried}, which audit never runs; "
            "build the model in a function and audit package.module:function."
        )


def _is_code(config: Part) -> bool:
    """Whether a Lambda's function is anything else than the name of one."""
    function = config.get("function")
    named = isinstance(function, dict) and function.get("class_name") == "function"
    return not named or "lambda" in (config.get("function_type"), config.get("output_shape_type"))


def _refuse_files(part: Part, path: Path) -> None:
    config = part.get("config")
    for name in FILE_NAMES:
        if isinstance(config, dict) and isinstance(named := config.get(name), str):
            raise Refusal(
                f"{path} has a layer that would read the file '{shown(named)}' for its {name}, which audit never does; "
                f"save the model with the {name} itself."
            )


def _refuse_unknown(part: Part, path: Path) -> None:
    name = part["class_name"]
    known = _is_known_function(part) if name == "function" else name in PLAIN or _is_known_class(part)
    if "config" in part and not known:
        told = part.get("config") if name == "function" else part.get("registered_name") or name
        raise Refusal(
            f"{path} uses {shown(told)}, which is not a part of models that Keras knows; "
            "name the module that registers it with --import package.module."
        )


def _is_known_class(part: Part) -> bool:
    """Whether a class is one of Keras's, of the kinds that models consist of; older files name no module."""
    name, module = part["class_name"], part.get("module")
    if "module" not in part:
        modules: tuple[str, ...] = CLASSES_FROM
    elif isinstance(module, str) and (module in CLASSES_FROM or module.startswith("keras.src.")):
        modules = (module,)
    else:
        return False
    found = (_found(one, name) for one in modules)
    return any(isinstance(one, type) and issubclass(one, KINDS) and one.__name__ not in CODE for one in found)


def _is_known_function(part: Part) -> bool:
    name, module = part.get("config"), part.get("module")
    if part.get("registered_name") not in (name, "function", None) or not isinstance(module, str) or name in READERS:
        return False
    modules = NAMED_FUNCTIONS_FROM if module == "builtins" else (module,) if module in FUNCTIONS_FROM else ()
    found = (_found(one, name) for one in modules)
    return any(callable(one) and not isinstance(one, type) for one in found)


def _found(module: str, name: object) -> object:
    """What a module that is imported already calls so; importing one would run it."""
    return vars(sys.modules[module]).get(name) if module in sys.modules and isinstance(name, str) else None
