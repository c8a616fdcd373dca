"""A good model file, damaged or edited at random: each is audited or refused with a sentence, and nothing else happens.

``python -m benchmarks.mutations [COUNT]`` tries so many of each format. With ``FOLDER ENDING FIRST STOP`` it
tries those of some seeds and prints a line of JSON for each: a process of its own, since some may crash or hang.
"""

from __future__ import annotations

import copy
import io
import json
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from initterm.theory.refusal import Refusal

ENDINGS = (".keras", ".h5")
COUNT, BATCH = 500, 125
CPU_SECONDS = 60.0
"""Processor time after which an audit counts as one that doesn't end; that of a good file takes some seconds."""

NEVER = ("os.system", "os.exec", "pickle.find_class", "socket.connect", "urllib.Request", "webbrowser.open")
"""Events of Python's that no audit of a file has."""


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Bytes with one to four places flipped, cut out, put in, zeroed or exchanged, or with the end cut off."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        at, size = chance.randrange(len(changed)), chance.choice((1, 8, 64, 512))
        other = chance.randrange(len(changed))
        match chance.choice(("bit", "noise", "cut", "insertion", "zeros", "swap", "end")):
            case "bit":
                changed[at] ^= 1 << chance.randrange(8)
            case "noise":
                changed[at : at + size] = chance.randbytes(size)
            case "cut":
                del changed[at : at + size]
            case "insertion":
                changed[at:at] = chance.randbytes(size)
            case "zeros":
                changed[at : at + size] = bytes(size)
            case "swap":
                changed[at : at + size], changed[other : other + size] = (
                    changed[other : other + size],
                    changed[at : at + size],
                )
            case "end" if at > 0:
                del changed[at:]
    return bytes(changed)


def edited(config: Any, chance: random.Random) -> Any:
    """A configuration with one to three values deleted, exchanged, or made another number, name or type."""
    config = copy.deepcopy(config)
    for _ in range(chance.randint(1, 3)):
        places = list(_places(config))
        if not places:
            break
        holder, key = chance.choice(places)
        other, its = chance.choice(places)
        value = holder[key]
        match chance.choice(("number", "name", "deleted", "type", "swap")):
            case "deleted":
                del holder[key]
            case "type":
                holder[key] = chance.choice((None, True, -1, 2.5, "", "relu", [], [3], {}, {"class_name": "Dense"}))
            case "swap":
                holder[key] = copy.deepcopy(other[its])
            case "number" if isinstance(value, int | float):
                holder[key] = chance.choice((0, -value, value + 1, 10 * value, 1000 * value, 10**12, 0.5, 1e300))
            case "name" if isinstance(value, str) and value:
                at = chance.randrange(len(value))
                holder[key] = chance.choice((value[:at] + chr(chance.randrange(1, 300)) + value[at + 1 :], value[:at]))
    return config


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value in a configuration, as what holds it and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from _places(value[key])


def mutate(good: Path, path: Path, seed: int) -> None:
    """Write a mutation of a good file: every other seed damages its bytes, the rest edit its configuration."""
    chance = random.Random(seed)
    if seed % 2:
        path.write_bytes(damaged(good.read_bytes(), chance))
    elif good.suffix == ".h5":
        path.write_bytes(good.read_bytes())
        with h5py.File(path, "r+") as file:
            file.attrs["model_config"] = json.dumps(edited(json.loads(file.attrs["model_config"]), chance))
    else:
        with zipfile.ZipFile(good) as old, zipfile.ZipFile(path, "w") as new:
            for name in old.namelist():
                content = old.read(name)
                if name == "config.json":
                    content = json.dumps(edited(json.loads(content), chance)).encode()
                new.writestr(name, content)


def write_good(folder: Path) -> None:
    """Save a model with a convolution, a recurrent layer, attention and dense layers, in both formats."""
    from initterm.engine.runtime import keras

    layers = keras.layers
    inputs = keras.Input((8, 8, 3))
    signal = layers.Conv2D(8, 3, padding="same", activation="relu", kernel_initializer="he_normal")(inputs)
    signal = layers.LSTM(8, return_sequences=True)(layers.Reshape((64, 8))(layers.BatchNormalization()(signal)))
    signal = layers.Add()([signal, layers.MultiHeadAttention(2, 4)(signal, signal)])
    signal = layers.Dense(16, activation="tanh")(layers.GlobalAveragePooling1D()(layers.LayerNormalization()(signal)))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax")(signal))
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(np.zeros((4, 8, 8, 3)), np.zeros(4), verbose=0)
    for ending in ENDINGS:
        model.save(folder / f"good{ending}")


def try_batch(folder: Path, ending: str, first: int, stop: int) -> None:
    """Audit the mutations of some seeds; the outcome of each on a line of its own."""
    from initterm.engine.audit import audited
    from initterm.engine.audit_source import open_model
    from initterm.engine.runtime import keras

    forbidden: list[str] = []
    sys.addaudithook(lambda event, told: forbidden.append(event) if _is_forbidden(event, told) else None)
    for seed in range(first, stop):
        path = folder / f"mutation{ending}"
        mutate(folder / f"good{ending}", path, seed)
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
        began = time.perf_counter()
        forbidden.clear()
        outcome = _outcome(lambda path=path: audited(open_model(str(path))))
        signal.setitimer(signal.ITIMER_PROF, 0)
        taken, kib = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        told = {"seed": seed, "outcome": f"ran {forbidden[0]}" if forbidden else outcome, "seconds": taken, "kib": kib}
        print(json.dumps(told), flush=True)
        keras.utils.clear_session()


def _is_forbidden(event: str, told: tuple[Any, ...]) -> bool:
    return event in NEVER or (event == "subprocess.Popen" and "initterm.engine.h5_check" not in told[1])


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
