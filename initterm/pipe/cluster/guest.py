"""A sweep that a person's own process drives, a notebook's or a script's, in which Dask may be somebody else's too."""

from __future__ import annotations

import copy
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import dask

from initterm.pipe.cluster.dask_pool import LOGGERS

OF_MAIN = ("__file__", "__spec__")
"""By what processes that are spawned find the program that they are to run once more."""


@contextmanager
def as_a_guest() -> Iterator[None]:
    """Have Dask's settings and loggers as they were afterwards; workers don't run the person's script again meanwhile.

    What Python's multiprocessing spawns imports the program's main module, which in a script without a guard begins
    everything anew; workers need nothing of it.
    """
    config = copy.deepcopy(dask.config.config)
    loggers = [(one, [*one.handlers], one.propagate) for one in map(logging.getLogger, LOGGERS)]
    main = vars(sys.modules["__main__"])
    told = {name: main[name] for name in OF_MAIN if name in main}
    main.pop("__file__", None)
    main["__spec__"] = None
    try:
        yield
    finally:
        main.pop("__spec__", None)
        main.update(told)
        for logger, handlers, propagates in loggers:
            logger.handlers[:], logger.propagate = handlers, propagates
        dask.config.config.clear()
        dask.config.config.update(config)
