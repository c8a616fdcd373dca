"""What every request and event that travels between app and engine is made of.

Numbers that are not finite travel as ``null``, so every measured number may be None.
"""

from __future__ import annotations

import math

import msgspec

from initterm.theory.numbers import megabytes

Number = float | None


def finite(value: float) -> Number:
    """The number, or None where it is not one or infinite."""
    return value if math.isfinite(value) else None


class Message(msgspec.Struct, frozen=True, tag=True):
    """Anything that travels; told apart on the wire by its class's name."""


class Histogram(msgspec.Struct, frozen=True):
    """Densities over bins: n + 1 ``edges`` and n ``density`` values, whose integral is 1."""

    edges: tuple[float, ...]
    density: tuple[float, ...]


class DataReceived(Message, frozen=True):
    """Bytes of the download so far; ``total`` is None where the server doesn't say."""

    received: int
    total: int | None

    @property
    def words(self) -> str:
        """What is happening, and how far it is."""
        return f"downloading MNIST, {megabytes(self.received, self.total)}"
