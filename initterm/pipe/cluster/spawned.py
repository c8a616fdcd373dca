"""Dask's worker processes that this one has spawned, so that none is left when their pool is over."""

from __future__ import annotations

import contextlib
from multiprocessing import active_children

OF_DASK = "Dask Worker process"
"""How the names begin that Dask's nannies give to workers."""


class Spawned:
    """Those that are spawned from now on.

    A nanny that is just about to replace a worker, since that was stopped or killed, lets go of the new one when it is
    closed meanwhile.
    """

    def __init__(self) -> None:
        self._before = {child.pid for child in active_children()}

    def close(self) -> None:
        """Kill those that are left."""
        for child in active_children():
            if child.name.startswith(OF_DASK) and child.pid not in self._before:
                with contextlib.suppress(ValueError, OSError):
                    child.kill()
                    child.join()
