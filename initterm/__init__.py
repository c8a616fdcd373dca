"""initterm: weight initialization made visible and testable, in the terminal and in Python.

What it has for Python is imported when it is first asked for: ``initterm.audit(model)``.
"""

from importlib import import_module

__version__ = "0.1.0"

REPOSITORY = ""
"""Where its pages stand, as https://github.com/someone/initterm; empty as long as they stand nowhere."""

_HOMES = {
    "Audit": "api.audit",
    "FaultsFound": "api.audit",
    "Law": "theory.law",
    "Recommendation": "api.guide",
    "Refusal": "theory.refusal",
    "Reinitialized": "api.models",
    "Sample": "api.weights",
    "Signals": "api.signal",
    "Training": "api.training",
    "Watch": "api.watch",
    "audit": "api.audit",
    "compare": "api.training",
    "gain": "api.guide",
    "law": "api.weights",
    "lsuv": "api.models",
    "mend": "api.models",
    "papers": "api.papers",
    "prove": "api.audit",
    "recommend": "api.guide",
    "reinitialize": "api.models",
    "runs": "api.runs",
    "sample": "api.weights",
    "signal": "api.signal",
    "train": "api.training",
}
"""The module that each name is imported from when it is asked for; ``__init__.pyi`` tells their types."""

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    """What Python is given under this name (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
