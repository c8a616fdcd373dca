"""Sweeps on two workers of a thread each, against the same trials in one engine; and what scheduling costs.

``idle`` and ``busy`` train the notebook's comparison with fifty seeds, in turns with one engine of two threads; beside
``busy`` a process takes a core. ``same`` trains a few trials by one, two and four workers, and says whether their
numbers are the same. ``tiny`` hands out ten thousand trials of a millisecond, which do nothing. ``many`` has as many
workers as are named, in one process, whose trials wait: the share of their time that is trials is the
efficiency that scheduling leaves.
"""

from __future__ import annotations

import contextlib
import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import psutil

from benchmarks import simulated_trials
from initterm.experiments.sweep.events import TrialMeasured
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.cluster.dask_pool import DaskPool, pool_of
from initterm.pipe.cluster.driver import Driver
from initterm.pipe.cluster.ledger import Ledger
from initterm.pipe.cluster.pool import Pool
from initterm.pipe.kept_sweep import kept_sweep
from initterm.pipe.process import EngineProcess
from initterm.pipe.protocol import Advance, Exhausted, Train
from initterm.store.place import VARIABLE

WORKERS = 2
TURNS = 3
DATA = os.environ.get("INITTERM_MNIST", "digits")
TRIALS = f"he_normal glorot_uniform --over learning_rate=0.001 --seeds 50 --data {DATA}"
OTHERS = f"he_normal --over learning_rate=0.001 --seeds 8 --epochs 1 --samples 500 --hidden 8 --data {DATA}"
"""What workers do first, so that TensorFlow is loaded in all of them; of another network, which is compiled for it."""

GOALS = {"idle": 1.15, "busy": 1.8}
BUSY = "while True: pass"
SIDE, PRODUCTS = 2048, 4
MULTIPLY = f"""
import time, numpy as np
a = np.ones(({SIDE}, {SIDE}), np.float32)
a @ a
began = time.perf_counter()
for _ in range({PRODUCTS}): a @ a
print({PRODUCTS} * 2 * {SIDE} ** 3 / (time.perf_counter() - began))
"""


def main(mode: str = "idle", *arguments: str) -> None:
    """Measure one of them, and print it."""
    with tempfile.TemporaryDirectory(prefix="initterm-sweeps-") as folder:
        os.environ[VARIABLE] = str(Path(folder) / "runs")
        if mode in GOALS:
            against_one_engine(mode, *map(int, arguments))
        elif mode == "tiny":
            tiny(*map(int, arguments))
        elif mode == "same":
            same(tuple(map(int, arguments)) or (1, 2, 4))
        else:
            for count in map(int, arguments or ("16", "64", "256")):
                many(count)


# Against one engine


def against_one_engine(mode: str, turns: int = TURNS) -> None:
    """In turns: the trials in one engine, and on workers; medians, and what the trials' own epochs took of it."""
    sweep = Sweep.parse(TRIALS)
    with beside(mode), contextlib.closing(pool_of(Workplace(workers=WORKERS))) as pool, engine() as one:
        list(Driver(Ledger(Sweep.parse(OTHERS)), pool).events())
        products = multiplied()
        both = [(in_one(one, sweep.experiment), on_workers(pool, sweep)) for _ in range(turns)]
    alone = statistics.median(seconds for seconds, _ in both)
    pooled = statistics.median(taken for _, (taken, _) in both)
    trials = both[-1][1][1]
    epochs = sum(sum(trial.epoch_seconds) for trial in trials)
    ends = [trial.seconds for trial in trials]
    late, early = (statistics.median(part) for part in (ends[-20:], ends[10:30]))
    print(f"{sweep.trial_count} trials, {mode}: one engine {alone:.2f} s, {WORKERS} workers {pooled:.2f} s")
    print(f"  {alone / pooled:.2f} times as fast   (goal: {GOALS[mode]})")
    print(f"  {WORKERS * pooled / epochs:.2f} times the time of its epochs   (goal: at most 1.3)")
    print(f"  the last trials take {late / early:.2f} times what the first ones took   (goal: 1)")
    print(f"  {arithmetic(sweep) / pooled / products:.0%} of what both cores multiply   (goal: at least 50%)")


@contextlib.contextmanager
def beside(mode: str) -> Iterator[None]:
    """A process that takes a core, where it is busy."""
    other = subprocess.Popen([sys.executable, "-c", BUSY]) if mode == "busy" else None
    try:
        yield
    finally:
        if other:
            other.kill()
            other.wait()


@contextlib.contextmanager
def engine() -> Iterator[EngineProcess]:
    """An engine with two threads, once TensorFlow is loaded in it."""
    process = EngineProcess(environment={"INITTERM_THREADS": str(WORKERS)}, purpose="benchmark")
    try:
        while not process.ready:
            time.sleep(0.1)
        yield process
    finally:
        process.kill()


def in_one(process: EngineProcess, experiment: Experiment) -> float:
    """Seconds of an experiment in one engine."""
    began = time.perf_counter()
    run, answer = process.call(Train(experiment))
    while not isinstance(answer.result(), Exhausted):
        _, answer = process.call(Advance(run))
    return time.perf_counter() - began


def on_workers(pool: Pool, sweep: Sweep) -> tuple[float, list[TrialMeasured]]:
    """Seconds of a sweep on workers that are there, and its trials in the order in which they were told."""
    began = time.perf_counter()
    told = [event for event in Driver(Ledger(sweep), pool).events() if isinstance(event, TrialMeasured)]
    return time.perf_counter() - began, told


def multiplied() -> float:
    """What a process a core multiplies and adds, in operations a second, all together."""
    environment = os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    command = [sys.executable, "-c", MULTIPLY]
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(WORKERS)]
    return sum(float(one.communicate()[0]) for one in running)


def arithmetic(sweep: Sweep) -> float:
    """Multiplications and additions of all trials: a step takes three times a prediction."""
    experiment = sweep.experiment
    widths = (784, *experiment.network.hidden, 10)
    weights = float(np.dot(widths[:-1], widths[1:]))
    training = experiment.samples * (1 - experiment.validation_split)
    images = experiment.epochs * (3 * training + experiment.samples - training)
    return sweep.trial_count * 2 * weights * images


# Whoever does it


def same(workers: tuple[int, ...]) -> None:
    """Whether all numbers of some trials are the same, whatever number of workers does them."""
    sweep = Sweep.parse(f"he_normal zeros --over learning_rate=0.001 --seeds 4 --epochs 2 --hidden 64 --data {DATA}")
    told = []
    for count in workers:
        with contextlib.closing(pool_of(Workplace(workers=count))) as pool:
            trials = on_workers(pool, sweep)[1]
        told.append({trial.key: without_time(trial) for trial in trials})
    alike = all(one == told[0] and len(one) == sweep.trial_count for one in told)
    counts = ", ".join(map(str, workers))
    print(
        f"{sweep.trial_count} trials by {counts} workers: {'the same' if alike else 'OTHER'} numbers   (goal: the same)"
    )


def without_time(trial: TrialMeasured) -> TrialMeasured:
    """All of it but what it took."""
    return msgspec.structs.replace(trial, epoch_seconds=(), seconds=0.0, compiling=0.0)


# What scheduling costs


def tiny(trials: int = 10_000, workers: int = WORKERS) -> None:
    """Trials of a millisecond, kept as any sweep is: what each costs beside it, and the driver's memory meanwhile."""
    os.environ[simulated_trials.SECONDS] = "0.001"
    sweep = Sweep.parse(f"he_normal --over learning_rate=0.001:0.1:{trials // 10} --seeds 10 --epochs 2")
    process, memory, done = psutil.Process(), [], 0
    began = cpu = 0.0
    pool = pool_of(Workplace(workers=workers), simulated_trials.done)
    for event in kept_sweep(sweep, Workplace(workers=workers), pool_of=lambda _: pool):
        if isinstance(event, TrialMeasured):
            done += 1
            if done == 1:
                began, cpu = time.perf_counter(), sum(process.cpu_times()[:2])
            if done % (trials // 10) == 0:
                memory.append(process.memory_info().rss / 2**20)
    taken = (time.perf_counter() - began) / trials - 0.001 / workers
    driven = (sum(process.cpu_times()[:2]) - cpu) / trials
    print(f"{done} trials of 1 ms on {workers} workers: {1000 * taken:.2f} ms each beside them   (goal: at most 10)")
    print(
        f"  {1000 * driven:.2f} ms of them the driver's CPU; its memory, MB: {' '.join(f'{one:.0f}' for one in memory)}"
    )


def many(workers: int, seconds: float = 0.5, each: int = 40) -> None:
    """So many workers in one process, whose trials wait half a second: the share of their time that is trials."""
    os.environ[simulated_trials.SECONDS] = str(seconds)
    sweep = Sweep.parse(
        f"he_normal --over learning_rate=0.001:0.1:{max(2, workers * each // 20)} --seeds 20 --epochs 1"
    )
    with contextlib.closing(in_one_process(workers)) as pool:
        list(Driver(Ledger(Sweep.parse(f"he_normal --over epochs=1 --seeds {workers}")), pool).events())
        taken, _ = on_workers(pool, sweep)
    share = sweep.trial_count * seconds / workers / taken
    print(f"{workers} workers, {sweep.trial_count} trials of {seconds} s: {share:.0%} of their time is trials")


def in_one_process(workers: int) -> DaskPool:
    """A pool of workers that are threads, reached as others are."""
    from distributed import Client, LocalCluster

    cluster = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=False,
        protocol="tcp://",
        host="127.0.0.1",
        dashboard_address=None,
        memory_limit=None,
        silence_logs=logging.CRITICAL,
    )
    client = Client(cluster, set_as_default=False)
    return DaskPool(client, "threads", simulated_trials.done, cluster)


if __name__ == "__main__":
    main(*sys.argv[1:])
