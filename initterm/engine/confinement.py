"""Limits that a process lays on itself before a person's own code runs in it."""

from __future__ import annotations

import contextlib
import os
import resource
from pathlib import Path

from initterm.experiments.limits import Limits

SPARE_SECONDS = 60
"""CPU time beyond what is allowed, so that whoever watches this process speaks first."""


def confine(bounds: Limits) -> None:
    """Limit this process's memory from now on and its CPU time, keep no core, be the first to go; thrown away with it.

    Whoever watches the process sees what it has in memory some times a second; these hold in between, inside native
    code, and where nobody watches any more. What the system doesn't offer is left out.
    """
    _limit(resource.RLIMIT_CORE, 0, for_good=True)
    _limit(resource.RLIMIT_DATA, _data() + bounds.memory, for_good=True)
    _limit(resource.RLIMIT_CPU, _cpu_seconds() + int(bounds.seconds * (os.cpu_count() or 1)) + SPARE_SECONDS)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def unbind_time() -> None:
    """Let the process compute as long as it is wanted."""
    _limit(resource.RLIMIT_CPU, resource.RLIM_INFINITY)


def _limit(kind: int, most: int, *, for_good: bool = False) -> None:
    with contextlib.suppress(OSError, ValueError):
        hard = resource.getrlimit(kind)[1]
        capped = most if hard == resource.RLIM_INFINITY else hard if most == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (capped, capped if for_good else hard))


def _data() -> int:
    """Bytes of writable memory that are reserved already, by libraries and the stacks of their threads."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmData:")).split()[1])
    return 0


def _cpu_seconds() -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return int(used.ru_utime + used.ru_stime)
