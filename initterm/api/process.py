"""What is done in a person's own process: only with the backend that is measured with, and leaving chance as it was."""

from __future__ import annotations

import inspect
import os
import random
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from initterm.report.progress import SomeBoard, followed
from initterm.theory.refusal import Refusal, shown

BACKEND = "tensorflow"


def refuse_other_backends() -> None:
    """Refuse to measure where Keras computes by something else than TensorFlow.

    Raises:
        Refusal: it does, or would as soon as it is imported.
    """
    keras = sys.modules.get("keras")
    backend = keras.backend.backend() if keras else os.environ.get("KERAS_BACKEND") or BACKEND
    if backend != BACKEND:
        raise Refusal(
            f"initterm measures with TensorFlow, and Keras computes by {shown(backend)} in this process; "
            "set KERAS_BACKEND=tensorflow before keras is imported."
        )


@contextmanager
def chance_kept() -> Iterator[None]:
    """Python's and numpy's global generators go on afterwards as if nothing had been drawn meanwhile."""
    import numpy as np

    kept = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(kept[0])
        np.random.set_state(kept[1])


def board_at_the_end(board: SomeBoard, events: Iterator[Any]) -> SomeBoard:
    """The board after the last of a run's events, with chance as it was before them.

    Wherever it is interrupted, what makes the events puts back at once what it has changed: a notebook keeps the frames
    of an error, and with them a generator that nobody closes.
    """
    with chance_kept():
        try:
            return followed(board, events)
        finally:
            if isinstance(events, Generator):
                events.close()


def calling_place() -> tuple[str, int]:
    """The file and line from which this project was called; empty and 1 where that is no file, as in a notebook."""
    frame = inspect.currentframe()
    while frame and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "initterm":
        frame = frame.f_back
    if frame is None or not Path(frame.f_code.co_filename).is_file():
        return "", 1
    return frame.f_code.co_filename, frame.f_lineno
