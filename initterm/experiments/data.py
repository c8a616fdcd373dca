"""What is told of data on its way."""

from __future__ import annotations

from initterm.experiments.message import Message


class DataReceived(Message, frozen=True):
    """Bytes of the download so far; ``total`` is None where the server doesn't say."""

    received: int
    total: int | None
