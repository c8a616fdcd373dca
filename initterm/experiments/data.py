"""What is told of data on its way."""

from __future__ import annotations

from initterm.experiments.message import Message
from initterm.theory.numbers import megabytes


class DataReceived(Message, frozen=True):
    """Bytes of the download so far; ``total`` is None where the server doesn't say."""

    received: int
    total: int | None

    @property
    def words(self) -> str:
        """What is happening, and how far it is."""
        return f"downloading MNIST, {megabytes(self.received, self.total)}"
