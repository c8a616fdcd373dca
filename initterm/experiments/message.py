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


class Machine(msgspec.Struct, frozen=True):
    """What the last digits of a result depend on, besides its seed and versions.

    ``threads`` are those that an operation is divided among, 0 where that isn't known; ``instructions`` the processor
    and the widest of its instruction sets that are used, such as ``x86_64 AVX512_SKX``.
    """

    threads: int = 0
    instructions: str = ""


UNKNOWN = Machine()
