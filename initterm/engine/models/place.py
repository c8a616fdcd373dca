"""Where the function stands that builds an audited model."""

from __future__ import annotations

import inspect
import sys


def place_of(target: str) -> tuple[str, int]:
    """The file and line that define an imported ``package.module:function``; empty and 1 where there is none."""
    module_name, _, function_name = target.rpartition(":")
    module = sys.modules.get(module_name)
    function = getattr(module, function_name, None)
    if not callable(function):
        return "", 1
    try:
        function = inspect.unwrap(function)
        return inspect.getfile(function), inspect.getsourcelines(function)[1]
    except (TypeError, OSError, ValueError):  # made in C, without its source, or wrapped in itself
        return str(getattr(module, "__file__", None) or module_name), 1
