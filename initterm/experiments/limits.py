"""The most that a process may take in which a person's own code runs, so that no model takes the machine."""

from __future__ import annotations

from typing import Protocol

SHARE = 0.75
"""The most that one takes unless asked, of the machine's memory or of what of it is free."""


class Limits(Protocol):
    """Bytes of memory and seconds, and what is said where they are exceeded."""

    @property
    def memory(self) -> int:
        """Bytes that the process and those it starts have in memory together, TensorFlow's among them."""

    @property
    def seconds(self) -> float:
        """Seconds until it needn't hurry any more; TensorFlow's loading doesn't count."""

    def too_much_memory(self, target: str) -> str:
        """What is said when it takes more memory."""

    def too_much_time(self, target: str) -> str:
        """What is said when it takes longer."""


def share_of_memory() -> int:
    """``SHARE`` of the machine's memory, in bytes."""
    import psutil

    return int(SHARE * psutil.virtual_memory().total)


def share_of_free_memory() -> int:
    """``SHARE`` of what of it is free now."""
    import psutil

    return int(SHARE * psutil.virtual_memory().available)
