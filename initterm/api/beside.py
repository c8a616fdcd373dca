"""A run that is kept by a thread beside what a person's process does, which never waits for it."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Callable, Iterator

from initterm.experiments.message import Message
from initterm.pipe.keeping import kept_anew
from initterm.store.events import KeepingFailed, RunKept
from initterm.store.keeping import Interrupted
from initterm.store.kinds import RunAsked
from initterm.theory.refusal import Refusal, first_line

MOST_WAITING = 4096
"""Events that wait for the disk; what comes beyond them is lost."""

LOOK_SECONDS = 0.5
END_SECONDS = 5.0
"""What is waited for the last events to be written, at most."""


class RunBeside:
    """A run's events, written as they are told.

    ``id`` is the run's once it is there, ``cancelled`` says that somebody who looks on has ended it, ``problem`` why it
    isn't kept, ``seconds`` what the thread has computed so far.

    Args:
        asked: what the run is.
        goes_on: whether what tells the events is still there; asked now and then.
    """

    def __init__(self, asked: RunAsked, goes_on: Callable[[], bool]) -> None:
        self.id = self.problem = ""
        self.cancelled, self.seconds = False, 0.0
        self._goes_on, self._ended = goes_on, False
        self._waiting: queue.Queue[Message | Exception | None] = queue.Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._keep, args=(asked,), name="initterm-watch", daemon=True)
        self._thread.start()

    def tell(self, event: Message) -> None:
        """Let an event be written, unless the disk is far behind."""
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(event)

    def end(self, error: Exception | None = None) -> None:
        """No more events come; an error says why the run failed, or was ``Interrupted``.

        Waits for the disk a few seconds at most.
        """
        with contextlib.suppress(queue.Full):
            self._waiting.put(error, timeout=END_SECONDS)
        self._thread.join(END_SECONDS)

    def _keep(self, asked: RunAsked) -> None:
        try:
            for told in kept_anew(self._events(), asked):
                self.seconds = time.thread_time()
                if isinstance(told, RunKept):
                    self.id = told.id
                elif isinstance(told, KeepingFailed):
                    self.problem = told.sentence
        except (Refusal, Interrupted):
            return  # the run says so itself
        except Exception as error:  # whatever befalls the run, the person's process goes on
            self.problem = f"This run isn't kept any more: {first_line(error)}"
        self.cancelled = not self._ended and not self.problem

    def _events(self) -> Iterator[Message]:
        while True:
            try:
                told = self._waiting.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                if not self._goes_on():
                    raise Interrupted from None
                continue
            if told is None:
                self._ended = True
                return
            if isinstance(told, Exception):
                raise told
            yield told
