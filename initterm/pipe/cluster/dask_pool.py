"""A pool of Dask's workers: those that are started on this machine, or a cluster's."""

from __future__ import annotations

import contextlib
import logging
import os
import pkgutil
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

import dask
import msgspec
from distributed import Client, Future, LocalCluster
from distributed.security import Security

from initterm.experiments.sweep.events import WorkerSeen
from initterm.experiments.sweep.workplace import Workplace, refuse_open
from initterm.pipe.cluster import task
from initterm.pipe.cluster.child import GPUS
from initterm.pipe.cluster.hosts import HostWorkers, Keys, address_towards, wait_for_one
from initterm.pipe.cluster.pool import PoolLost, TaskOutcome
from initterm.pipe.cluster.security import security_of, security_of_this_machine
from initterm.pipe.cluster.spawned import Spawned
from initterm.pipe.native_output import new_log
from initterm.theory.refusal import Refusal

CONFIG: Mapping[str, Any] = {
    "distributed.scheduler.allowed-failures": 10,
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.scheduler.no-workers-timeout": None,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.admin.tick.limit": "1h",
    "distributed.admin.low-level-log-length": 1000,
    "distributed.comm.timeouts.connect": "30s",
}
"""What is set of Dask: a worker that is stopped is given up soon, its memory is that of its engine, which it can't see,
and that the driver is busy with other things is no matter. That there are no workers is for the driver to say."""

LOGGERS = ("distributed", "tornado", "asyncio")
"""Whose words are Dask's."""

VERSION = "initterm:__version__"
CONNECT_SECONDS = 20.0
FETCH_SECONDS = 5.0
CLOSE_SECONDS = 10.0

TaskFunction = Callable[[bytes], bytes]


class DaskPool:
    """A pool of Dask's.

    Args:
        client: of its scheduler.
        place: where that is, in a few words.
        task: what workers call, a function that they can import.
        cluster: what ends with the pool.
        hosts: workers of other machines that end with it, or those of this one that are left after that.
    """

    def __init__(
        self,
        client: Client,
        place: str,
        task: TaskFunction,
        cluster: LocalCluster | None = None,
        hosts: Sequence[HostWorkers | Spawned] = (),
    ) -> None:
        self.place, self._hosts = place, hosts
        self._client, self._cluster, self._task = client, cluster, task
        self._prefix = f"trials-{secrets.token_hex(4)}"
        self._futures: dict[int, Future] = {}
        self._versions: dict[str, str] = {}
        self._seen: tuple[WorkerSeen, ...] = ()
        self._over: SimpleQueue[int] = SimpleQueue()
        self._heard: SimpleQueue[bytes] = SimpleQueue()

    def submit(self, number: int, asked: bytes) -> None:
        """Have a task done."""
        future = self._client.submit(self._task, asked, key=f"{self._prefix}-{number}", pure=False, retries=0)
        self._futures[number] = future
        future.add_done_callback(lambda _: self._over.put(number))

    def outcomes(self, seconds: float) -> list[TaskOutcome]:
        """What came of tasks."""
        numbers = self._numbers(seconds)
        if self._client.status != "running":
            raise PoolLost(f"The scheduler at {self.place} can't be reached any more.")
        outcomes = (self._outcome(number) for number in numbers if number in self._futures)
        return [one for one in outcomes if one]

    def _numbers(self, seconds: float) -> list[int]:
        numbers = []
        with contextlib.suppress(Empty):
            numbers.append(self._over.get(timeout=seconds))
            while True:
                numbers.append(self._over.get_nowait())
        return numbers

    def listen(self) -> str:
        """Listen to what workers tell of trials while they go on; the topic that they tell it under."""
        self._client.subscribe_topic(self._prefix, lambda event: self._heard.put(event[1]))
        return self._prefix

    def heard(self) -> list[bytes]:
        """What was told under it since the last time."""
        return [self._heard.get_nowait() for _ in range(self._heard.qsize())]

    def _outcome(self, number: int) -> TaskOutcome | None:
        """What came of a task; None where its worker ended before it was asked, so that it is done again."""
        future = self._futures[number]
        if future.status == "pending":
            future.add_done_callback(lambda _: self._over.put(number))
            return None
        try:
            return TaskOutcome(number, future.result(FETCH_SECONDS))
        except TimeoutError:
            self._over.put(number)
            return None
        except Exception as error:  # whatever a worker raises, or Dask of its workers
            return TaskOutcome(number, None, error)

    def release(self, number: int) -> None:
        """Forget a task."""
        if future := self._futures.pop(number, None):
            future.release()

    def workers(self) -> tuple[WorkerSeen, ...]:
        """Those that there are now; those of the last time where the scheduler doesn't answer soon."""
        with contextlib.suppress(OSError, TimeoutError, RuntimeError):
            known = self._known()
            self._ask_versions([address for address in known if address not in self._versions])
            doing = self._client.processing()
            self._seen = tuple(
                WorkerSeen(str(one["name"]), str(one["host"]), len(doing.get(address, ())), self._versions[address])
                for address, one in known.items()
            )
        return self._seen

    def _known(self) -> dict[str, Any]:
        """What the scheduler knows of its workers, by their addresses.

        ``Client.scheduler_info`` may give the totals in their place that the client itself looks at each two seconds.
        """
        told = self._client.sync(self._client.scheduler.identity, n_workers=-1)
        return dict(told["workers"])

    def _ask_versions(self, addresses: list[str]) -> None:
        """Ask workers which initterm they have, by a function of the standard library, as they may have none."""
        if addresses:
            told = self._client.run(pkgutil.resolve_name, VERSION, workers=addresses, on_error="return")
            found = {address: told.get(address) for address in addresses}
            self._versions |= {address: one if isinstance(one, str) else "" for address, one in found.items()}

    def retire(self, worker: str) -> None:
        """Give a worker no more to do."""
        with contextlib.suppress(OSError, TimeoutError, RuntimeError):
            known = self._known()
            found = [address for address, one in known.items() if worker in (str(one["name"]), address)]
            self._client.retire_workers(found, close_workers=True)

    def close(self) -> None:
        """Let go of all tasks, and end what is the pool's own; whatever fails then, it is over."""
        for number in [*self._futures]:
            self.release(number)
        for one in (self._client, self._cluster):
            if one is not None:
                with contextlib.suppress(Exception):
                    one.close(timeout=CLOSE_SECONDS)
        for host in self._hosts:
            host.close()


def pool_of(workplace: Workplace, does: TaskFunction = task.done) -> DaskPool:
    """The pool of a workplace: workers that are started here, or those of a cluster.

    Args:
        workplace: which.
        does: what workers call, a function that they can import.

    Raises:
        Refusal: there is none that can be reached or started.
    """
    dask.config.set(CONFIG)
    log_into_a_file()
    try:
        if workplace.is_cluster:
            return _of_cluster(workplace, does)
        return _of_hosts(workplace, does) if workplace.hosts else _of_this_machine(workplace, does)
    except Refusal:
        raise
    except (OSError, TimeoutError, ValueError, RuntimeError) as error:
        where = f"The scheduler at {workplace.place} can't be reached" if workplace.is_cluster else "No workers start"
        raise Refusal(f"{where} ({str(error).splitlines()[0] if str(error) else type(error).__name__}).") from None


def _of_cluster(workplace: Workplace, does: TaskFunction) -> DaskPool:
    security = security_of(workplace.tls)
    address = workplace.scheduler or address_in(workplace.scheduler_file)
    refuse_open(address, workplace.tls)
    client = Client(address, security=security, timeout=CONNECT_SECONDS, set_as_default=False)
    return DaskPool(client, client.scheduler.address, does)


def _of_this_machine(workplace: Workplace, does: TaskFunction) -> DaskPool:
    count = workplace.workers or workers_here()
    security, spawned = security_of_this_machine(), Spawned()
    cluster = _scheduler(count, "127.0.0.1", security)
    client = Client(cluster, security=security, timeout=CONNECT_SECONDS, set_as_default=False)
    return DaskPool(client, f"{socket.gethostname()}, {count} worker{'s' * (count > 1)}", does, cluster, [spawned])


def _of_hosts(workplace: Workplace, does: TaskFunction) -> DaskPool:
    """A scheduler here that only these hosts have the keys of.

    Raises:
        Refusal: no host starts a worker, or nothing here makes keys.
    """
    security = security_of_this_machine()
    if security is None:
        raise Refusal("--hosts needs keys, which cryptography makes: pip install 'initterm[cluster]'.")
    cluster = _scheduler(0, address_towards(workplace.hosts[0]), security)
    client = Client(cluster, security=security, timeout=CONNECT_SECONDS, set_as_default=False)
    address, keys = cluster.scheduler_address, Keys.of(security)
    hosts = [HostWorkers(host, address, keys, workplace.workers) for host in workplace.hosts]
    pool = DaskPool(client, workplace.place, does, cluster, hosts)
    try:
        wait_for_one(hosts, iter(pool.workers, None))
    except BaseException:
        pool.close()
        raise
    return pool


ANY_PORT_HERE = "127.0.0.1:0"
"""Where a scheduler serves its health by HTTP, which can't be left out, and no dashboard: of others nobody gets in its
way."""


def _scheduler(workers: int, host: str, security: Security | None) -> LocalCluster:
    """A scheduler of this process, which listens there, and so many workers beside it."""
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=None,
        host=host,
        dashboard_address=ANY_PORT_HERE,
        scheduler_kwargs={"dashboard": False},
        security=security,
        silence_logs=logging.CRITICAL,
    )


def address_in(scheduler_file: str) -> str:
    """The address that a scheduler tells in its file.

    Raises:
        Refusal: there is no such file, or no address in it.
    """
    try:
        told = msgspec.json.decode(Path(scheduler_file).expanduser().read_bytes())
        return str(told["address"])
    except (OSError, msgspec.MsgspecError, LookupError, TypeError):
        raise Refusal(f"{scheduler_file} isn't a file in which a Dask scheduler tells its address.") from None


def workers_here() -> int:
    """How many workers this machine has unless asked: one a GPU, or one a core that this process may use."""
    with contextlib.suppress(OSError):
        if count := len([*GPUS.iterdir()]):
            return count
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def log_into_a_file() -> None:
    """Have Dask's own words in a log file, and not on the person's terminal."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers[:] = [_handler()]
        logger.propagate = False


_handlers: list[logging.Handler] = []


def _handler() -> logging.Handler:
    if not _handlers:
        _handlers.append(logging.FileHandler(new_log("sweep"), delay=True))
    return _handlers[0]
