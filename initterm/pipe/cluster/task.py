"""The function that Dask's workers call: bytes in, bytes out, so that nothing of ours is pickled but its name."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from typing import cast

from initterm import __version__
from initterm.experiments.sweep.events import GroupEvent
from initterm.pipe.cluster.child import ChildLost, child_of_this_process
from initterm.pipe.cluster.group_task import PASSING, GroupAnswer, GroupAsked, LiveEvent, decode_asked, encode
from initterm.theory.refusal import Refusal

Doing = Callable[[GroupAsked], Iterator[LiveEvent]]
"""Does trials."""

Telling = Callable[[str, bytes], None]
"""Tells what is told under a topic while trials go on."""


def done(asked: bytes) -> bytes:
    """Do some trials in this worker's engine process."""
    worker = worker_name()
    child = child_of_this_process(worker)

    def doing(group: GroupAsked) -> Iterator[LiveEvent]:
        return child.events(group.cells, group.threads, group.beside, epochs=bool(group.topic))

    return answered(asked, doing, worker, lambda: child.memory, tell)


def no_memory() -> int:
    """What an engine has that there isn't."""
    return 0


def tell(topic: str, told: bytes) -> None:
    """Tell whoever listens to a topic, by this worker's scheduler."""
    from distributed import get_worker

    get_worker().log_event(topic, told)


def answered(
    asked: bytes, doing: Doing, worker: str, memory: Callable[[], int] = no_memory, tell: Telling = lambda *_: None
) -> bytes:
    """What a worker answers: all that its trials told, however they ended, and the bytes that its engine has then."""
    group = decode_asked(asked)
    host = socket.gethostname()
    if group.initterm != __version__:
        sentence = f"It has initterm {__version__}, and this sweep needs {group.initterm}."
        return encode(GroupAnswer(worker, host, "unfit", sentence=sentence))
    told: list[GroupEvent] = []
    try:
        for event in doing(group):
            if group.topic:
                tell(group.topic, encode(event))
            if not isinstance(event, PASSING):
                told.append(cast(GroupEvent, event))
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
