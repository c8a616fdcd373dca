"""What goes wrong on the way to the engine, or in it."""

from __future__ import annotations


class EngineLost(Exception):
    """The engine process ended while it was needed; ``str()`` is a sentence."""


class EngineBroken(Exception):
    """The engine met a bug; ``str()`` is a sentence that names it."""
