"""Where a sweep is computed: what is set of it beside the sweep itself, whose results don't depend on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from initterm.experiments.settings import refuse_unless
from initterm.theory.refusal import Refusal, shown
from initterm.theory.settings import Kind, Setting, check, settings_of, whole

MOST_WORKERS = 4096
MOST_THREADS = 1024

ADDRESS = re.compile(r"(?:(?P<protocol>tcp|tls)://)?(?P<host>\[[0-9a-fA-F:]+\]|[\w.-]+):(?P<port>\d{1,5})")
LOOPBACK = re.compile(r"127\.\d+\.\d+\.\d+|localhost|\[::1\]")


HOST = re.compile(r"(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9_][\w.-]*", re.ASCII)


def parse_hosts(text: str) -> tuple[str, ...]:
    """Read names of machines as ssh knows them, ``box1,user@box2``; none where nothing is written.

    Raises:
        Refusal: one is none, such as what ssh would take for an option.
    """
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in names:
        if not HOST.fullmatch(name):
            raise Refusal(f"Hosts are names as ssh knows them, such as box1,user@box2, not {shown(name)}.")
    return names


def parse_address(text: str) -> str:
    """Read the address of a scheduler, ``tcp://host:8786`` or ``tls://host:8786``; nothing where none is written.

    Raises:
        Refusal: it is none.
    """
    bare = text.strip()
    if bare and not ADDRESS.fullmatch(bare):
        raise Refusal(f"A scheduler's address is tcp://host:8786 or tls://host:8786, not {shown(bare)}.")
    return bare if not bare or "://" in bare else f"tcp://{bare}"


TEXT = Kind(str.strip, metavar="FILE")


@dataclass(frozen=True)
class Workplace:
    """Workers of this machine, of hosts that ssh reaches, or of a Dask cluster that is reached by its scheduler.

    ``workers`` are those that are started here or on each host, 0 for one a core, or one a GPU where there are GPUs.
    ``tls`` is a folder with ``ca.pem``, ``cert.pem`` and ``key.pem``, by which both ends know each other.

    Raises:
        Refusal: what doesn't go together.
    """

    workers: Annotated[
        int,
        Setting(
            "Workers",
            whole("workers", 0, MOST_WORKERS, 4),
            "Workers on this machine, or on each host; 0 for one a core, or one a GPU.",
        ),
    ] = 0
    threads: Annotated[
        int,
        Setting(
            "Threads",
            whole("threads", 1, MOST_THREADS, 1),
            "Threads of a trial; the last digits depend on it.",
        ),
    ] = 1
    scheduler: Annotated[
        str,
        Setting(
            "Scheduler",
            Kind(parse_address, metavar="ADDRESS"),
            "A Dask cluster's scheduler, such as tls://host:8786.",
        ),
    ] = ""
    scheduler_file: Annotated[
        str,
        Setting("Sch. file", TEXT, "The file in which a Dask scheduler tells its address."),
    ] = ""
    hosts: Annotated[
        tuple[str, ...],
        Setting(
            "Hosts",
            Kind(parse_hosts, ",".join, metavar="HOSTS"),
            "Machines on which ssh starts workers, such as box1,box2.",
        ),
    ] = ()
    tls: Annotated[
        str,
        Setting(
            "TLS",
            Kind(str.strip, metavar="FOLDER"),
            "A folder with ca.pem, cert.pem and key.pem for a cluster.",
        ),
    ] = ""

    def __post_init__(self) -> None:
        check(self)
        one = not (self.scheduler and self.scheduler_file)
        refuse_unless(one, "--scheduler and --scheduler-file both say where the cluster is; give one of them")
        alone = not (self.hosts and self.is_cluster)
        refuse_unless(alone, "--hosts have a scheduler of their own; leave --scheduler and --scheduler-file out")
        here = not self.workers or not self.is_cluster
        refuse_unless(here, "--workers are those of this machine; a cluster has its own, so leave it out")
        refuse_unless(not self.tls or self.is_cluster, "--tls is for a cluster, which --scheduler names")
        if self.scheduler:
            refuse_open(self.scheduler, self.tls)

    @property
    def is_cluster(self) -> bool:
        """Whether the workers are somebody else's, who started a scheduler for them."""
        return bool(self.scheduler or self.scheduler_file)

    @property
    def place(self) -> str:
        """Where that is, in a few words, as far as it is known before it begins."""
        return self.scheduler or self.scheduler_file or ", ".join(self.hosts) or "this machine"


def refuse_open(address: str, tls: str) -> None:
    """Refuse an address of another machine where nothing says who may speak with it: a scheduler obeys everybody.

    Raises:
        Refusal: it is one.
    """
    found = ADDRESS.fullmatch(address)
    outside = found is not None and not LOOPBACK.fullmatch(found["host"])
    refuse_unless(
        tls or not outside,
        f"{address} isn't this machine's own, and a scheduler obeys whoever reaches it; give --tls with the cluster's "
        "keys (initterm worker --help tells how they are made)",
    )
    refuse_unless(not tls or address.startswith("tls://"), f"with --tls the address begins with tls://, not {address}")


WORKPLACE_SETTINGS = settings_of(Workplace)
