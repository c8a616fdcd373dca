"""Dask's workers do what a pool's do though they are killed; a scheduler with keys speaks with who has them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import psutil
import pytest

from benchmarks import simulated_trials
from initterm.experiments.sweep.events import TrialFailed, TrialMeasured, WorkerRefused, WorkersChanged
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.pipe.cluster.driver import Driver
from initterm.pipe.cluster.group_task import decode_asked
from initterm.pipe.cluster.ledger import Ledger
from initterm.pipe.kept_sweep import kept_sweep
from initterm.store.runs import Runs
from initterm.theory.refusal import Refusal
from tests.pipe.cluster.simulated import HERE, SimulatedPool

pytest.importorskip("distributed")

from initterm.pipe.cluster.dask_pool import CONFIG, address_in, pool_of
from initterm.pipe.cluster.security import security_of
from initterm.pipe.cluster.worker import host_for

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

PATIENCE = 300
"""Seconds in which Dask's processes, which are many, are there on a busy machine."""

SWEEP = Sweep.parse("he_normal zeros --over learning_rate=0.001:0.1:10 --seeds 3 --epochs 1")
KEYS = Counter(trial.key for trial in SWEEP.trials)


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv(simulated_trials.SECONDS, "0.02")


def ends(told):
    return Counter(event.key for event in told if isinstance(event, TrialMeasured | TrialFailed))


def workers_of(process):
    """Those processes that run Dask's workers: all that were spawned, but for Python's own tracker of resources."""
    spawned = (one for one in process.children(recursive=True) if "spawn_main" in " ".join(one.cmdline()))
    return [one for one in spawned if "resource_tracker" not in " ".join(one.cmdline())]


def test_every_trial_is_told_once_though_workers_are_killed():
    with contextlib.closing(pool_of(Workplace(workers=2), simulated_trials.done)) as pool:
        told = []
        for event in Driver(Ledger(SWEEP), pool).events():
            told.append(event)
            if isinstance(event, TrialMeasured) and len(ends(told)) in (5, 25):
                workers_of(psutil.Process())[0].kill()
    assert ends(told) == KEYS
    assert not [event for event in told if isinstance(event, TrialFailed)]
    hosts = {worker.name for event in told if isinstance(event, WorkersChanged) for worker in event.workers}
    assert {"0", "1"} <= hosts
    assert not workers_of(psutil.Process())


def test_every_trial_is_told_once_though_a_worker_is_stopped(monkeypatch):
    monkeypatch.setitem(CONFIG, "distributed.scheduler.worker-ttl", "1s")
    stopped = []
    with contextlib.closing(pool_of(Workplace(workers=2), simulated_trials.done)) as pool:
        told = []
        for event in Driver(Ledger(SWEEP), pool).events():
            told.append(event)
            if isinstance(event, TrialMeasured) and len(ends(told)) == 5 and not stopped:
                stopped.append(workers_of(psutil.Process())[0])
                stopped[0].suspend()
    assert stopped
    assert ends(told) == KEYS
    assert not [event for event in told if isinstance(event, TrialFailed)]
    assert not workers_of(psutil.Process())


DRIVES = """
from benchmarks import simulated_trials
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.pipe.cluster.dask_pool import pool_of
from initterm.pipe.kept_sweep import kept_sweep

if __name__ == "__main__":
    pool = lambda place: pool_of(place, simulated_trials.done)
    for _ in kept_sweep(Sweep.parse(SWEEP), Workplace(workers=2), pool_of=pool):
        continue
"""


def test_a_driver_that_is_killed_leaves_no_worker_and_what_is_over_is_done_no_more(tmp_path):
    drives = tmp_path / "drives.py"
    drives.write_text(DRIVES.replace("SWEEP", repr(str(SWEEP))))
    process = subprocess.Popen([sys.executable, str(drives)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: sum(told_so_far().values()) >= 10)
        workers = workers_of(psutil.Process(process.pid))
        assert len(workers) == 2
    finally:
        process.kill()
        process.wait()
    until(lambda: not any(worker.is_running() for worker in workers))
    run = Runs().find("last")
    assert run.state == "interrupted"
    before, pool = ends(run.told()[0]), SimulatedPool()
    told = [*kept_sweep(SWEEP, HERE, run.id, pool)]
    assert ends(told) == KEYS
    again = {(one.cell, trial) for asked in pool.submitted for one in decode_asked(asked).cells for trial in one.trials}
    assert again == {tuple(key) for key in KEYS - before}


def told_so_far():
    """What the newest run tells is over; nothing before it is there."""
    with contextlib.suppress(Refusal):
        return ends(Runs().find("last").told()[0])
    return Counter()


@pytest.fixture
def keys(tmp_path):
    """A folder of keys, made as the help of ``initterm worker`` says."""
    folder = tmp_path / "keys"
    folder.mkdir()
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=initterm -keyout key.pem -out cert.pem"
    subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)
    (folder / "ca.pem").write_bytes((folder / "cert.pem").read_bytes())
    return folder


@contextlib.contextmanager
def started(*words, **environment):
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def scheduler(folder, *words):
    """Dask's own, in a process of its own; the file in which it tells its address."""
    file = folder / "scheduler.json"
    command = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
    with started(*command, "--scheduler-file", str(file), *words) as process:
        until(file.exists)
        until(lambda: file.stat().st_size)
        yield str(file), process


def until(holds):
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_cluster_with_keys_is_joined_by_whoever_has_them(tmp_path, keys):
    files = (("ca-file", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem"))
    tls = [f"--tls-{name}={keys / file}" for name, file in files]
    with scheduler(tmp_path, *tls) as (file, _):
        address = address_in(file)
        assert address.startswith("tls://127.0.0.1:")
        with pytest.raises(Refusal, match=r"The scheduler at .* can't be reached"):
            pool_of(Workplace(scheduler=address.replace("tls", "tcp")), simulated_trials.done)
        home = tmp_path / "elsewhere"
        home.mkdir()
        worker = ("initterm", "worker", "--scheduler", address, "--tls", str(keys), "--workers", "2")
        with started(*worker, HOME=str(home)):
            workplace = Workplace(scheduler=address, tls=str(keys))
            with contextlib.closing(pool_of(workplace, simulated_trials.done)) as pool:
                until(pool.workers)
                told = list(Driver(Ledger(SWEEP), pool).events())
    assert ends(told) == KEYS


def test_a_scheduler_that_is_killed_ends_the_sweep_in_a_sentence(tmp_path):
    def drive(pool, process):
        until(pool.workers)
        for event in Driver(Ledger(SWEEP), pool).events():
            if isinstance(event, TrialMeasured) and process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    with (
        scheduler(tmp_path) as (file, process),
        started("initterm", "worker", "--scheduler-file", file, "--workers", "1"),
        contextlib.closing(pool_of(Workplace(scheduler_file=file), simulated_trials.done)) as pool,
        pytest.raises(Refusal, match="can't be reached any more"),
    ):
        drive(pool, process)


BARE = """
import sys
sys.modules["initterm"] = None
from distributed.cli.dask_worker import main
main()
"""
"""A worker of Dask's in whose Python there is no initterm."""


def test_a_worker_without_initterm_is_refused_and_others_do_it(tmp_path):
    bare = tmp_path / "bare.py"
    bare.write_text(BARE)
    with scheduler(tmp_path) as (file, _):
        words = ("--scheduler-file", file, "--no-nanny", "--nthreads", "1", "--name", "bare", "--no-dashboard")
        command = [sys.executable, str(bare), *words]
        other = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with contextlib.closing(pool_of(Workplace(scheduler_file=file), simulated_trials.done)) as pool:
                until(pool.workers)
                with started("initterm", "worker", "--scheduler-file", file, "--workers", "1"):
                    until(lambda: len(pool.workers()) == 2)
                    told = list(Driver(Ledger(SWEEP), pool).events())
        finally:
            other.kill()
            other.wait()
    (refused,) = (event for event in told if isinstance(event, WorkerRefused))
    assert refused.worker == "bare"
    assert refused.sentence.startswith("It has no initterm")
    assert ends(told) == KEYS


SSH = """#!/bin/sh
if [ "$1" = -G ]; then echo "hostname 127.0.0.1"; exit; fi
while [ "$1" = -o ]; do shift 2; done
echo "$@" >> TOLD
[ "$1" = away ] && echo "ssh: away: no such host" >&2 && exit 255
shift
mkdir -p HOME; HOME=HOME exec PYTHON -m "$@"
"""
"""Stands for ssh: runs the command in a home of its own, and keeps what it was told."""


@pytest.fixture
def ssh(tmp_path, monkeypatch):
    """What ssh was told, by its file."""
    told = tmp_path / "told"
    script = tmp_path / "bin" / "ssh"
    script.parent.mkdir()
    words = {"TOLD": str(told), "HOME": str(tmp_path / "box"), "PYTHON": sys.executable}
    text = SSH.replace("HOME=HOME", f"HOME={words['HOME']}").replace("-p HOME", f"-p {words['HOME']}")
    script.write_text(text.replace("TOLD", words["TOLD"]).replace("PYTHON", words["PYTHON"]))
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}:{os.environ['PATH']}")
    return told


def test_hosts_have_workers_by_ssh_and_keys_are_on_no_command_line(ssh):
    with contextlib.closing(pool_of(Workplace(hosts=("here", "away"), workers=1), simulated_trials.done)) as pool:
        told = list(Driver(Ledger(SWEEP), pool).events())
    assert ends(told) == KEYS
    lines = ssh.read_text().splitlines()
    assert sorted(line.split()[0] for line in lines) == ["away", "here"]
    assert not any("BEGIN" in line or "PRIVATE" in line for line in lines)
    assert all("--scheduler tls://127.0.0.1:" in line for line in lines)


def test_hosts_that_start_nothing_are_refused_with_what_ssh_said(ssh):
    with pytest.raises(Refusal, match=r"No host has started a worker. away: ssh: away: no such host."):
        pool_of(Workplace(hosts=("away",)), simulated_trials.done)


def test_workers_listen_where_their_scheduler_does():
    assert host_for("tcp://127.0.0.1:8786") == host_for("tls://localhost:1") == "127.0.0.1"
    assert host_for("tls://box0:8786") is None


def test_keys_that_are_not_there_are_named(tmp_path):
    with pytest.raises(Refusal, match=r"ca.pem isn't there; a folder of keys has ca.pem, cert.pem, key.pem"):
        security_of(str(tmp_path))
    assert security_of("") is None


def test_a_file_without_an_address_is_refused(tmp_path):
    for content in (b"", b"[]", b"{}"):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(Refusal, match="isn't a file in which a Dask scheduler tells its address"):
            address_in(str(tmp_path / "file"))
