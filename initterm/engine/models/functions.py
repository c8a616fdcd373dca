"""A function of the person's own that returns a model; it is their code, and runs, as do the modules it stands in."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from initterm.engine.models.faults import WANTED, raise_if_ran_out, sentence_of
from initterm.theory.refusal import Refusal, shown

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


def returned(module_name: str, function_name: str) -> object:
    """What a function of a module, which is imported where it isn't yet, returns.

    Raises:
        Refusal: there is no such function, or it raises anything.
    """
    function = getattr(_imported(module_name), function_name, None)
    if not callable(function):
        raise Refusal(f"{module_name} has no function '{shown(function_name)}'; {WANTED}.")
    try:
        return function()
    except BaseException as error:  # also what ends a process where nobody expects it
        raise_if_ran_out(error)
        raise Refusal(f"{module_name}:{function_name}() raised {type(error).__name__}: {sentence_of(error)}") from error


def _imported(name: str) -> ModuleType:
    here, known = str(Path.cwd()), set(sys.modules)
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
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
