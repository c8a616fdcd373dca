"""A good model file, damaged or edited at random: each is audited or refused with a sentence, and nothing else happens.

``python -m benchmarks.mutations [COUNT]`` tries so many of each format. With ``FOLDER ENDING FIRST STOP`` it
tries those of some seeds and prints a line of JSON for each: a process of its own, since some may crash or hang.
"""

from __future__ import annotations

import io
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from initterm.theory.refusal import Refusal
from tests.monkeys.mutations import ENDINGS, changes, write, write_good

COUNT, BATCH = 500, 125
CPU_SECONDS = 60.0
"""Processor time after which an audit counts as one that doesn't end; that of a good file takes some seconds."""

NEVER = ("os.system", "os.exec", "pickle.find_class", "socket.connect", "urllib.Request", "webbrowser.open")
"""Events of Python's that no audit of a file has."""


KINDS = {"config": 1.0, "bytes": 1.0}
"""What is changed, equally often; what takes more than there is, is a matter of audits in a process of their own."""


def try_batch(folder: Path, ending: str, first: int, stop: int) -> None:
    """Audit the mutations of some seeds; the outcome of each on a line of its own."""
    from initterm.engine.audit.auditing import audited
    from initterm.engine.models.source import open_model
    from initterm.engine.runtime import keras

    forbidden: list[str] = []
    sys.addaudithook(lambda event, told: forbidden.append(event) if _is_forbidden(event, told) else None)
    for seed in range(first, stop):
        path = folder / f"mutation{ending}"
        write(folder, changes(random.Random(seed), ending, KINDS), path)
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        began = time.perf_counter()
        forbidden.clear()
        outcome = _outcome(lambda path=path: audited(open_model(str(path)).model))
        signal.setitimer(signal.ITIMER_PROF, 0)
        taken, kib = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        told = {"seed": seed, "outcome": f"ran {forbidden[0]}" if forbidden else outcome, "seconds": taken, "kib": kib}
        print(json.dumps(told), flush=True)
        keras.utils.clear_session()


def _is_forbidden(event: str, told: tuple[Any, ...]) -> bool:
    return event in NEVER or (event == "subprocess.Popen" and "initterm.engine.models.h5_check" not in told[1])


def _outcome(work: Callable[[], object]) -> str:
    try:
        work()
    except Refusal as refusal:
        text = str(refusal)
        return "refused" if text.isprintable() and text.endswith(".") else f"no sentence: {text[:200]!r}"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]!r}"
    return "audited"


def run(folder: Path, count: int) -> None:
    """Try so many mutations of both formats, and print what became of them."""
    write_good(folder)
    with ThreadPoolExecutor(len(ENDINGS)) as pool:
        tried = pool.map(lambda ending: list(_outcomes(folder, ending, count)), ENDINGS)
        for ending, told in zip(ENDINGS, tried, strict=True):
            _print_outcomes(ending, told)


def _print_outcomes(ending: str, told: list[dict[str, Any]]) -> None:
    kinds = Counter(one["outcome"] for one in told)
    worst = max(told, key=lambda one: one["seconds"])
    print(
        f"{ending:<7} {len(told):,} mutations: "
        f"{kinds['refused']:,} refused with a sentence, {kinds['audited']:,} audited; "
        f"worst {worst['seconds']:.1f} s (seed {worst['seed']}), {max(one['kib'] for one in told) / 2**20:.2f} GiB"
    )
    for one in told:
        if one["outcome"] not in ("refused", "audited"):
            print(f"        seed {one['seed']}: {one['outcome']}")


def _outcomes(folder: Path, ending: str, count: int) -> Iterator[dict[str, Any]]:
    """The outcome of each mutation; a process that ends before its batch does crashed on the one after its last."""
    first = 0
    while first < count:
        stop = min(first + BATCH, count)
        command = [sys.executable, "-m", "benchmarks.mutations", str(folder), ending, str(first), str(stop)]
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for line in io.StringIO(ended.stdout):
            first += 1
            yield json.loads(line)
        if first < stop:
            died = "doesn't end" if ended.returncode == -signal.SIGPROF else f"ended with status {ended.returncode}"
            yield {"seed": first, "outcome": died, "seconds": 0.0, "kib": 0}
            first += 1


def main(*arguments: str) -> None:
    """Try as many mutations as the arguments say, or a batch of them."""
    if len(arguments) > 1:
        folder, ending, first, stop = arguments
        try_batch(Path(folder), ending, int(first), int(stop))
        return
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), int(arguments[0]) if arguments else COUNT)


if __name__ == "__main__":
    main(*sys.argv[1:])
