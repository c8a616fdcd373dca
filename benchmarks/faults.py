"""A sweep of sixty trials whose processes are killed or stopped at random, every few seconds; and the driver too.

Each fault meets a worker, a worker's TensorFlow or the command that drives, by SIGKILL, or by SIGSTOP where somebody
else notices. A command that ended is resumed. At the end every trial is told exactly once, or named as failed with why;
exits with status 1 where one isn't.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psutil

from initterm.experiments.sweep.events import TrialFailed, TrialMeasured
from initterm.experiments.sweep.sweep import Sweep
from initterm.store.place import VARIABLE
from initterm.store.runs import Runs
from initterm.theory.refusal import Refusal

SWEEP = Sweep.parse(
    "he_normal zeros --over learning_rate=0.001:0.1:10 --seeds 3 --epochs 40 --hidden 8 --samples 500 --data digits"
)
WORDS = str(SWEEP).split()[2:]
FAULTS = 12
SECONDS = 3.0, 12.0
"""Between two of them."""

CHANCE_OF_DRIVER = 0.15
PATIENCE = 1800.0
OF_WORKERS = ("spawn_main", "initterm.pipe")
"""What stands in the command lines of workers and of their engines."""


def main(faults: int = FAULTS, seed: int | None = None) -> int:
    """Do so much harm to a sweep, and tell what came of it."""
    seed = random.randrange(2**32) if seed is None else seed
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="initterm-faults-") as folder:
        os.environ[VARIABLE] = str(Path(folder) / "runs")
        print(f"{SWEEP.trial_count} trials, {faults} faults, seed {seed}", flush=True)
        began = time.monotonic()
        done = harmed(chance, faults)
        told = [event for event in Runs().find("last").told()[0] if isinstance(event, TrialMeasured | TrialFailed)]
    over, failed = Counter(event.key for event in told), [event for event in told if isinstance(event, TrialFailed)]
    once = over == Counter(trial.key for trial in SWEEP.trials)
    print(f"{len(done)} faults in {time.monotonic() - began:.0f} s")
    print(f"{sum(over.values())} ends of {SWEEP.trial_count} trials, {'each once' if once else 'NOT each once'}")
    for event in failed:
        print(f"failed: {event.key}: {event.sentence}")
    return 0 if once else 1


def harmed(chance: random.Random, faults: int) -> list[str]:
    """Run the sweep to its end while harm is done to it; what was done."""
    done: list[str] = []
    driver = begun("sweep", *WORDS)
    until = time.monotonic() + PATIENCE
    try:
        while driver.poll() != 0:
            if time.monotonic() > until:
                raise TimeoutError(f"the sweep hangs after {', '.join(done)}")
            if driver.poll() is not None:
                driver = begun("runs", "resume", "last") if has_begun() else begun("sweep", *WORDS)
            wait(driver, chance.uniform(*SECONDS))
            if len(done) < faults and has_begun() and driver.poll() is None and (fault := harm(driver, chance)):
                done.append(fault)
                print(f"  {fault}", flush=True)
    finally:
        end(driver)
    return done


def begun(*words: str) -> subprocess.Popen[bytes]:
    """A command that drives, whose words nobody needs."""
    command = [sys.executable, "-m", "initterm", *words, "--workers", "2"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def has_begun() -> bool:
    """Whether there is a run that can be resumed; before that nothing is harmed."""
    with suppress(Refusal):
        return bool(Runs().find("last"))
    return False


def wait(driver: subprocess.Popen[bytes], seconds: float) -> None:
    """Let it go on for so long, or to its end."""
    with suppress(subprocess.TimeoutExpired):
        driver.wait(seconds)


def harm(driver: subprocess.Popen[bytes], chance: random.Random) -> str:
    """Kill or stop one of its processes; what was done, empty where it has begun none."""
    if not (victims := of_workers(driver.pid)):
        return ""
    if chance.random() < CHANCE_OF_DRIVER:
        driver.kill()
        return "driver SIGKILL"
    victim = chance.choice(victims)
    number = chance.choice((signal.SIGKILL, signal.SIGKILL, signal.SIGSTOP))
    with suppress(psutil.Error):
        who = "TensorFlow" if "initterm.pipe" in victim.cmdline() else "worker"
        victim.send_signal(number)
        return f"{who} {number.name}"
    return ""


def of_workers(pid: int) -> list[psutil.Process]:
    """Workers and their engines."""
    found = []
    with suppress(psutil.Error):
        for process in psutil.Process(pid).children(recursive=True):
            with suppress(psutil.Error):
                if any(word in " ".join(process.cmdline()) for word in OF_WORKERS):
                    found.append(process)
    return found


def end(driver: subprocess.Popen[bytes]) -> None:
    """End it and all that it has started, stopped or not."""
    for process in of_workers(driver.pid):
        with suppress(psutil.Error):
            process.kill()
    driver.kill()
    driver.wait()


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
