"""Workers of this machine for somebody else's scheduler: one thread each, kept alive by Dask's nannies."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any, BinaryIO

import dask
from distributed import Nanny

from initterm.experiments.sweep.workplace import LOOPBACK, refuse_open
from initterm.pipe.cluster.dask_pool import CONFIG, address_in, log_into_a_file, workers_here
from initterm.pipe.cluster.hosts import keys_in
from initterm.pipe.cluster.security import security_of
from initterm.theory.refusal import Refusal, first_line
from initterm.theory.wording import counted

DEATH_SECONDS = 60.0
"""How long a worker looks for its scheduler, and waits for one that was lost, before it ends."""

CLOSE_SECONDS = 10.0
STANDARD_INPUT = "-"
"""Stands for a folder of keys that come over a line."""


def work(
    scheduler: str,
    scheduler_file: str,
    tls: str,
    workers: int,
    say: Callable[[str], object],
    host: str = "",
    line: BinaryIO | None = None,
) -> None:
    """Work for a scheduler until it ends, or until this process is told to.

    Args:
        scheduler: its address; empty where a file tells it.
        scheduler_file: the file.
        tls: the folder of the keys; empty for none, which only this machine's own schedulers are met with.
        workers: how many; 0 for one a core, or one a GPU.
        say: is told what is happening.
        host: the address that these workers are reached at; empty for the one by which the scheduler is.
        line: brings the keys, in place of a folder, and ends the workers when it ends itself; None for none.

    Raises:
        Refusal: there is no scheduler there that they may join.
    """
    address = scheduler or address_in(scheduler_file)
    keys = keys_in(line.readline()) if line else None
    refuse_open(address, tls or (STANDARD_INPUT if keys else ""))
    dask.config.set(CONFIG)
    log_into_a_file()
    security = keys.security if keys else security_of(tls)
    options: dict[str, Any] = {
        "nthreads": 1,
        "memory_limit": None,
        "dashboard": False,
        "death_timeout": DEATH_SECONDS,
        "silence_logs": logging.CRITICAL,
        "security": security,
        "host": host or host_for(address),
    }
    asyncio.run(_work(address, workers or workers_here(), options, say, line))


def host_for(address: str) -> str | None:
    """Where workers listen: on this machine's own address where the scheduler does; None where Dask is to find out."""
    reached = address.partition("://")[2].rpartition(":")[0]
    return "127.0.0.1" if LOOPBACK.fullmatch(reached) else None


async def _work(
    address: str, count: int, options: dict[str, Any], say: Callable[[str], object], line: BinaryIO | None
) -> None:
    told_to_end = asyncio.Event()
    loop = asyncio.get_running_loop()
    if line:
        threading.Thread(target=_until_it_ends, args=(line, loop, told_to_end), daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told_to_end.set)
    nannies = [Nanny(address, name=f"{socket.gethostname()}-{index}", **options) for index in range(count)]
    try:
        await asyncio.gather(*nannies)
    except Exception as error:  # of TLS, of names, of what answers there: Dask wraps them all
        await _close(nannies)
        raise Refusal(f"No scheduler can be joined at {address} ({first_line(error)}).") from None
    say(f"{counted('worker', count)} for {address}, one thread each; ctrl+c ends them.")
    ends = [asyncio.ensure_future(nanny.finished()) for nanny in nannies]
    waits = asyncio.ensure_future(told_to_end.wait())
    all_over = asyncio.ensure_future(asyncio.gather(*ends))
    await asyncio.wait((waits, all_over), return_when=asyncio.FIRST_COMPLETED)
    say("ended." if told_to_end.is_set() else f"the scheduler at {address} is gone.")
    await _close(nannies)
    waits.cancel()
    all_over.cancel()


def _until_it_ends(line: BinaryIO, loop: asyncio.AbstractEventLoop, told_to_end: asyncio.Event) -> None:
    """Read what nobody sends any more; at its end, end the workers."""
    with contextlib.suppress(OSError, ValueError):
        while line.read(1):
            continue
    with contextlib.suppress(RuntimeError):  # the loop is closed already
        loop.call_soon_threadsafe(told_to_end.set)


async def _close(nannies: list[Nanny]) -> None:
    await asyncio.gather(*(nanny.close(timeout=CLOSE_SECONDS) for nanny in nannies), return_exceptions=True)
