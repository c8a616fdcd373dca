"""The function that Dask's workers call: bytes in, bytes out, so that nothing of ours is pickled but its name."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator

from initterm import __version__
from initterm.experiments.sweep.events import GroupEvent
from initterm.pipe.cluster.child import ChildLost, child_of_this_process
from initterm.pipe.cluster.group_task import PASSING, GroupAnswer, GroupAsked, decode_asked, encode
from initterm.theory.refusal import Refusal

Doing = Callable[[GroupAsked], Iterator[GroupEvent]]
"""Does trials."""


def done(asked: bytes) -> bytes:
    """Do some trials in this worker's engine process."""
    worker = worker_name()
    child = child_of_this_process(worker)

    def doing(group: GroupAsked) -> Iterator[GroupEvent]:
        return child.events(group.cells, group.threads, group.beside)

    return answered(asked, doing, worker, lambda: child.memory)


def no_memory() -> int:
    """What an engine has that there isn't."""
    return 0


def answered(asked: bytes, doing: Doing, worker: str, memory: Callable[[], int] = no_memory) -> bytes:
    """What a worker answers: all that its trials told, however they ended, and the bytes that its engine has then."""
    group = decode_asked(asked)
    host = socket.gethostname()
    if group.initterm != __version__:
        sentence = f"It has initterm {__version__}, and this sweep needs {group.initterm}."
        return encode(GroupAnswer(worker, host, "unfit", sentence=sentence))
    told: list[GroupEvent] = []
    try:
        told.extend(event for event in doing(group) if not isinstance(event, PASSING))
    except ChildLost as lost:
        return encode(GroupAnswer(worker, host, "lost", tuple(told), str(lost)))
    except Refusal as refusal:
        return encode(GroupAnswer(worker, host, "refused", tuple(told), str(refusal)))
    return encode(GroupAnswer(worker, host, "done", tuple(told), memory=memory()))


def worker_name() -> str:
    """By what Dask knows this worker; its process where there is none."""
    from distributed import get_worker

    with contextlib.suppress(ValueError):
        return str(get_worker().name)
    return str(os.getpid())
