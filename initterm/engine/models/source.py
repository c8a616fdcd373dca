"""Where a person's model comes from: a file that Keras loads in safe mode, or a function of their own, which runs."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

from initterm.engine.keras_types import Model
from initterm.engine.memory import raise_if_ran_out
from initterm.engine.models.building import built
from initterm.engine.models.called import calls_noted
from initterm.engine.models.inputs import resized
from initterm.engine.models.modules import builders_in, is_module, module_named
from initterm.engine.models.opened import ENDINGS, OpenedModel
from initterm.engine.models.printing import printing_to_stderr
from initterm.engine.models.reasons import reason_of
from initterm.engine.models.recording import initializers_recorded
from initterm.engine.models.saved import SAVED_MODEL, WANTED, is_saved_model, loaded, steps_in
from initterm.experiments.audit.input_shape import InputShape
from initterm.theory.parameters import Call, call_of
from initterm.theory.refusal import Refusal, sentence_of, shown


def open_model(
    target: str,
    inputs: Callable[[], object] = lambda: None,
    shapes: Sequence[InputShape] = (),
    of_data: Sequence[InputShape] = (),
) -> OpenedModel:
    """The model of a file or of ``package.module:function``, which may have arguments in brackets, built.

    Args:
        target: the file or the function.
        inputs: some that it takes, arrays or structures of them, by which a model is built that doesn't know its
            input's shape, or None; called only for such a one.
        shapes: what it takes as far as the person says so, by which such a model is built before.
        of_data: what it takes as the person's data are, where they say nothing else.

    Raises:
        Refusal: it can't be had; the sentence says why.
    """
    if target.lower().endswith(ENDINGS):
        path = Path(target)
        with initializers_recorded() as recording:
            model, asked = built(loaded(path), target, inputs, shapes or of_data)
        # a file's numbers are always others than were drawn: as it was drawn means there, as it would be drawn anew
        recorded = replace(recording.of(model), changed=frozenset())
        return _opened(OpenedModel(model, target, steps_in(path), recorded, asked), shapes)
    if ":" in target:
        return open_returned(partial(returned, target), target, inputs, shapes, of_data)
    if is_saved_model(Path(target)):
        raise Refusal(f"{target} {SAVED_MODEL}")
    if is_module(target):
        found = ", ".join(builder.target for builder in builders_in(target)) or "none that looks like a model"
        raise Refusal(f"{target} is a module; name a function in it that returns a model: {found}.")
    raise Refusal(f"'{shown(target)}' is not a model; {WANTED}.")


def open_returned(
    build: Callable[[], object],
    name: str,
    inputs: Callable[[], object] = lambda: None,
    shapes: Sequence[InputShape] = (),
    of_data: Sequence[InputShape] = (),
) -> OpenedModel:
    """The model that a function returns, which is called; the rest is as in ``open_model``.

    Raises:
        Refusal: it is none, or can't be built.
    """
    with initializers_recorded() as recording:
        with calls_noted() as calls:
            value = build()
        model, asked = built(value, name, inputs, shapes or of_data, calls)
    return _opened(OpenedModel(model, name, steps_of(model), recording.of(model), asked), shapes)


def open_given(
    model: Model,
    name: str,
    shapes: Sequence[InputShape] = (),
    of_data: Sequence[InputShape] = (),
    inputs: Callable[[], object] = lambda: None,
) -> OpenedModel:
    """A model that is in this process, built where it isn't; the rest is as in ``open_model``.

    Of one that was built before nobody knows more than its layers tell.

    Raises:
        Refusal: it can't be built.
    """
    with initializers_recorded() as recording:
        found, asked = built(model, name, inputs, shapes or of_data)
    return _opened(OpenedModel(found, name, steps_of(found), recording.of(found), asked), shapes)


def _opened(opened: OpenedModel, shapes: Sequence[InputShape]) -> OpenedModel:
    """The model, which is called with inputs of these shapes where it is a graph that leaves sizes open."""
    if opened.graph is None:
        return opened
    return replace(opened, asked=resized(replace(opened, asked=None), shapes) if shapes else None)


def steps_of(model: Model) -> int:
    """How many steps a model's optimizer has made; 0 where it wasn't compiled."""
    return int(getattr(getattr(model, "optimizer", None), "iterations", 0))


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


def returned(target: str, wanted: str = WANTED) -> object:
    """What a function of a module, which is imported where it isn't yet, returns; what it prints goes to stderr.

    Args:
        target: ``package.module:function``, also with literal arguments, ``package.module:function(depth=20)``; a
            module may be named by its file, ``folder/module.py:function``.
        wanted: what a person should name instead where there is no such function.

    Raises:
        Refusal: there is no such function, its arguments can't be read, or it raises anything.
    """
    module_name, call = _call_in(target)
    function = getattr(_imported(module_name), call.name, None)
    if not callable(function):
        raise Refusal(f"{module_name} has no function '{shown(call.name)}'; {wanted}.")
    try:
        with printing_to_stderr():
            return function(*call.positional, **dict(call.named))
    except BaseException as error:  # also what ends a process where nobody expects it
        raise_if_ran_out(error)
        given = ", ".join([*map(repr, call.positional), *(f"{name}={value!r}" for name, value in call.named)])
        raise Refusal(
            f"{module_name}:{call.name}({shown(given)}) raised {type(error).__name__}: {reason_of(error)}"
        ) from error


def _call_in(target: str) -> tuple[str, Call]:
    """The module that a target names, and the call of its function."""
    module_name, _, written = target.partition(":")
    call = call_of(written)
    if call is None:
        raise Refusal(
            f"'{shown(target)}' can't be read; write package.module:function, or with values written out, "
            "package.module:function(depth=20, norm=False)."
        )
    return module_named(module_name), call


def _imported(name: str) -> ModuleType:
    here, known = str(Path.cwd()), set(sys.modules)
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        with printing_to_stderr():
            return importlib.import_module(name)
    except BaseException as error:
        raise_if_ran_out(error)
        raise Refusal(
            f"'{shown(name)}' can't be imported, {type(error).__name__}: {sentence_of(error)} "
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


def place_of(target: str) -> tuple[str, int]:
    """The file and line that define an imported ``package.module:function``; empty and 1 where there is none."""
    named, _, written = target.partition(":")
    module_name = module_named(named)
    module, call = sys.modules.get(module_name), call_of(written)
    function = getattr(module, call.name, None) if call else None
    if not callable(function):
        return "", 1
    return place_of_function(function) or (str(getattr(module, "__file__", None) or module_name), 1)


def place_of_function(function: Callable[..., object]) -> tuple[str, int] | None:
    """The file and line that define a function; None where that isn't known."""
    try:
        function = inspect.unwrap(function)
        return inspect.getfile(function), inspect.getsourcelines(function)[1]
    except (TypeError, OSError, ValueError):  # made in C, without its source, or wrapped in itself
        return None
