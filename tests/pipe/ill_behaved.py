"""Functions that give a model, or don't, and do harm: a row each, and what an audit has to say of it.

``audit_each`` audits them in the client's engine as the app does, and yields for each what went wrong, empty where
nothing did. Rows are functions of no arguments, whose body is run in a module of its own, after ``PRELUDE``.
"""

from __future__ import annotations

import os
import textwrap
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.audit.events import AuditFinished
from initterm.pipe.audit_run import AuditRun
from initterm.pipe.client import Engine
from initterm.pipe.state import EngineBroken
from initterm.pipe.transport import MARK
from initterm.theory.refusal import Refusal

OWNER, OURS = "INITTERM_TESTED_BY", str(os.getpid())
os.environ[OWNER] = OURS  # whatever this process starts inherits it, and keeps it when it leaves its parent

GIB = 2**30
ENDLESS, ENDLESS_SECONDS = "longer than", 5.0

PRELUDE = """\
import atexit, ctypes, gc, os, signal, socket, subprocess, sys, threading, time, warnings
import keras, numpy as np, tensorflow as tf
from keras import layers

def sound():
    return keras.Sequential([keras.Input((8,)), layers.Dense(8, activation="relu"), layers.Dense(3)])

def of(layer, shape=(8,)):
    return keras.Sequential([keras.Input(shape), layer])

class Own(layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 4), initializer="he_normal", name="w")

def child(seconds=1000):
    if (pid := os.fork()) == 0:
        time.sleep(seconds)
        os._exit(0)
    return pid
"""


@dataclass(frozen=True)
class IllBehaved:
    """A function's body, and what the audit of it ends with: words of the refusal; empty where it is audited.

    None says that either will do.
    """

    name: str
    body: str
    says: str | None = ""


ROWS = (
    # Keras's own state
    IllBehaved("floatx", "keras.config.set_floatx('float16')\nreturn sound()"),
    IllBehaved("double", "keras.config.set_floatx('float64')\nreturn sound()"),
    IllBehaved("dtype policy", "keras.config.set_dtype_policy('mixed_float16')\nreturn sound()"),
    IllBehaved("data format", "keras.config.set_image_data_format('channels_first')\nreturn sound()"),
    IllBehaved("epsilon", "keras.config.set_epsilon(0.5)\nreturn sound()"),
    IllBehaved(
        "patched initializer",
        "keras.initializers.HeNormal.__call__ = lambda s, shape, dtype=None: tf.ones(shape)\n"
        "keras.initializers.GlorotUniform.__call__ = lambda s, shape, dtype=None: tf.ones(shape)\nreturn sound()",
    ),
    IllBehaved("removed initializers", "del keras.initializers.HeNormal\nreturn sound()", None),
    IllBehaved("patched layer", "layers.Dense.call = lambda self, x: x * 0\nreturn sound()", None),
    IllBehaved("patched add_weight", "keras.Layer.add_weight = None\nreturn sound()", None),
    IllBehaved("seeds", "keras.utils.set_random_seed(0)\nnp.random.seed(0)\nreturn sound()"),
    IllBehaved("no devices", "tf.config.set_visible_devices([], 'CPU')\nreturn sound()", None),
    IllBehaved("functions run eagerly", "tf.config.run_functions_eagerly(True)\nreturn sound()"),
    IllBehaved("determinism", "tf.config.experimental.enable_op_determinism()\nreturn sound()"),
    IllBehaved("cleared session", "model = sound()\nkeras.backend.clear_session()\nreturn model"),
    # Python's own state
    IllBehaved("recursion limit", "sys.setrecursionlimit(10**9)\nreturn sound()"),
    IllBehaved("low recursion limit", "sys.setrecursionlimit(150)\nreturn sound()", None),
    IllBehaved("warnings are errors", "warnings.simplefilter('error')\nreturn sound()", None),
    IllBehaved("numpy raises", "np.seterr(all='raise')\nreturn sound()", None),
    IllBehaved("no collector", "gc.disable()\nreturn sound()"),
    IllBehaved("environment", "os.environ.clear()\nreturn sound()"),
    IllBehaved("another folder", "os.chdir('/')\nreturn sound()"),
    IllBehaved("no builtins", "import builtins\ndel builtins.isinstance\nreturn sound()", None),
    IllBehaved(
        "modules gone",
        "for name in [*sys.modules]:\n    if 'initterm' in name: del sys.modules[name]\nreturn sound()",
        None,
    ),
    IllBehaved("path gone", "sys.path.clear()\nreturn sound()", None),
    IllBehaved("traced", "sys.settrace(lambda *_: 1 / 0)\nreturn sound()", None),
    # Raised
    IllBehaved("KeyboardInterrupt", "raise KeyboardInterrupt", "raised KeyboardInterrupt"),
    IllBehaved("GeneratorExit", "raise GeneratorExit", "raised GeneratorExit"),
    IllBehaved("StopIteration", "raise StopIteration", "raised StopIteration"),
    IllBehaved("an exception of its own", "class Mine(BaseException): pass\nraise Mine('gone')", "raised Mine: gone."),
    IllBehaved(
        "an exception without words",
        "class Mute(Exception):\n    def __str__(self): raise self\nraise Mute",
        "raised Mute",
    ),
    IllBehaved("long words", "raise ValueError('x' * 10**7 + chr(27) + '[2J')", "raised ValueError"),
    IllBehaved(
        "raises in a layer", "class L(Own):\n    def call(self, x): raise KeyboardInterrupt\nreturn of(L())", None
    ),
    IllBehaved(
        "raises later",
        "class L(Own):\n    def call(self, x): return x @ self.w\n    def __getattribute__(self, n):\n"
        "        if n == 'get_config': raise SystemExit(0)\n        return super().__getattribute__(n)\nreturn of(L())",
        None,
    ),
    # Ends
    IllBehaved("sys.exit", "sys.exit(0)", "raised SystemExit"),
    IllBehaved("os._exit", "os._exit(0)", "ended the process"),
    IllBehaved("abort", "os.abort()", "signal SIGABRT"),
    IllBehaved("segfault", "ctypes.string_at(0)", "signal SIGSEGV"),
    IllBehaved("kills itself", "os.kill(os.getpid(), signal.SIGKILL)", "signal SIGKILL"),
    IllBehaved("kills its group", "os.killpg(0, signal.SIGTERM)", "signal SIGTERM"),
    IllBehaved("alarm", "signal.alarm(1)\ntime.sleep(5)\nreturn sound()", "signal SIGALRM"),
    IllBehaved("infinite recursion", "def f(): return f()\nreturn f()", "raised RecursionError"),
    IllBehaved(
        "recursion without a limit",
        "sys.setrecursionlimit(10**9)\nclass A:\n    def __repr__(self): return repr([self])\nrepr(A())",
        None,
    ),
    # Standard streams and descriptors
    IllBehaved("reads standard input", "return sys.stdin.read() and None or sound()"),
    IllBehaved("asks", "input('model? ')", "raised EOFError"),
    IllBehaved("reads descriptor 0", "assert os.read(0, 99) == b''\nreturn sound()"),
    IllBehaved("prints", "print('{}' * 1000)\nos.write(1, b'[1]\\n')\nos.system('echo {}')\nreturn sound()"),
    IllBehaved(
        "prints nonsense to every descriptor",
        "for n in range(3, 260):\n    try: os.write(n, b'no JSON\\n')\n    except OSError: pass\nreturn sound()",
        "ended the process",
    ),
    IllBehaved("closes every descriptor", "os.closerange(0, 300)\nreturn sound()", "ended the process"),
    IllBehaved("closes the streams", "sys.stdout.close(); sys.stderr.close(); sys.stdin.close()\nreturn sound()"),
    IllBehaved("replaces the streams", "sys.stdout = sys.stderr = None\nreturn sound()"),
    IllBehaved("keeps files open", "globals()['kept'] = [open(os.devnull) for _ in range(500)]\nreturn sound()"),
    # What outlives
    IllBehaved("forks", "child()\nreturn sound()"),
    IllBehaved("forks and dies", "child()\nos._exit(3)", "exit status 3"),
    IllBehaved(
        "a daemon", "if os.fork() == 0:\n    os.setsid()\n    child()\n    os._exit(0)\ntime.sleep(0.3)\nreturn sound()"
    ),
    IllBehaved(
        "much at once",
        "keras.config.set_dtype_policy('mixed_float16')\nkeras.config.set_image_data_format('channels_first')\n"
        "keras.initializers.HeNormal.__call__ = lambda s, shape, dtype=None: tf.ones(shape)\n"
        "sys.setrecursionlimit(10**9)\n[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]\n"
        "if os.fork() == 0:\n    os.setsid()\n    child()\n    os._exit(0)\ntime.sleep(0.1)\n"
        "print('x' * 10**6)\nreturn sound()",
    ),
    IllBehaved("a program", "subprocess.Popen(['sleep', '1000'], start_new_session=True)\nreturn sound()"),
    IllBehaved(
        "a child that heeds no signal",
        "if os.fork() == 0:\n    for n in range(1, 32):\n        try: signal.signal(n, signal.SIG_IGN)\n"
        "        except (OSError, ValueError): pass\n    time.sleep(1000)\nreturn sound()",
    ),
    IllBehaved(
        "a thread without end",
        "threading.Thread(target=lambda: [time.sleep(1) for _ in iter(int, 1)]).start()\nreturn sound()",
    ),
    IllBehaved(
        "a busy thread",
        "threading.Thread(target=lambda: [0 for _ in iter(int, 1)], daemon=True).start()\nreturn sound()",
        None,
    ),
    IllBehaved("at exit", "atexit.register(time.sleep, 1000)\nreturn sound()"),
    IllBehaved("stops itself", "os.kill(os.getpid(), signal.SIGSTOP)\nreturn sound()", ENDLESS),
    IllBehaved("heeds no signal", "[signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]\ntime.sleep(1000)", ENDLESS),
    # Without end, or bound
    IllBehaved("sleeps", "time.sleep(1000)", ENDLESS),
    IllBehaved("holds the interpreter", "ctypes.PyDLL(None).sleep(1000)", ENDLESS),
    IllBehaved("computes", "while True: pass", ENDLESS),
    IllBehaved(
        "a layer without end",
        "class L(Own):\n    def call(self, x):\n        while True: pass\nreturn of(L())",
        ENDLESS,
    ),
    IllBehaved("prints without end", "while True: print('x' * 10**5)", "prints without end"),
    IllBehaved("allocates", "kept = []\nwhile True: kept.append(np.ones(2**22))", "of memory"),
    IllBehaved("allocates at once", "return np.ones(2**34)", "of memory"),
    IllBehaved("allocates in TensorFlow", "return tf.ones((2**17, 2**16))", "of memory"),
    IllBehaved(
        "a child allocates",
        "if os.fork() == 0:\n    kept = []\n    while True:\n        kept.append(np.ones(2**21)); time.sleep(0.02)\n"
        "time.sleep(1000)",
        "of memory",
    ),
    IllBehaved("a large weight", "return of(layers.Dense(2**27), (64,))", "of memory"),
    # Small models that are large
    IllBehaved("a wide input", "return of(layers.GlobalAveragePooling1D(), (None, int(4e8)))", None),
    IllBehaved("many tokens", "return of(layers.CategoryEncoding(num_tokens=int(1e9)), (2,))", None),
    IllBehaved("many bins", "return of(layers.Hashing(num_bins=int(1e9), output_mode='one_hot'), (2,))", None),
    IllBehaved("a large pool", "return of(layers.AveragePooling1D(int(1e9), padding='same'), (10, 1))", None),
    # What is no model
    IllBehaved("nothing", "return None", "which is not a keras.Model"),
    IllBehaved("looks like one", "class M:\n    __class__ = keras.Model\nreturn M()", None),
    IllBehaved("a name that is no text", "model = sound()\nmodel.layers[0]._name = chr(0xd800)\nreturn model", None),
)

FEW = ("much at once", "closes every descriptor")
"""Those that the tests run each time."""


def write_module(folder: Path, name: str = "ill_behaved_models") -> str:
    """The module of all rows, written into a folder; its name. The functions are ``f0``, ``f1``, ... by row."""
    functions = (f"def f{at}():\n{textwrap.indent(row.body, '    ')}\n" for at, row in enumerate(ROWS))
    (folder / f"{name}.py").write_text("\n".join((PRELUDE, *functions)), encoding="utf-8")
    return name


def audit_each(
    rows: tuple[IllBehaved, ...] = ROWS, engine: Engine | None = None, seconds: float = 120.0
) -> Iterator[tuple[IllBehaved, str]]:
    """Audit rows of the module that ``write_module`` wrote into the current folder, one after the other.

    Args:
        rows: which ones.
        engine: audits in a process that this has ready, as the app does; else each is started for its own.
        seconds: what each may take, but those that never end, which get few.

    Yields:
        A row, and what was wrong with its audit: another end, or what it left behind; empty where nothing was.
    """
    for row in rows:
        before = footprint()
        choice = ModelChoice(f"ill_behaved_models:f{ROWS.index(row)}")
        bounds = Bounds(2 * GIB, ENDLESS_SECONDS if row.says == ENDLESS else seconds)
        run = engine.audit(choice, bounds) if engine else AuditRun(choice, bounds)
        said = said_of(run)
        yield row, _wrong(row, said) or left_behind(before)


def said_of(run: AuditRun) -> str:
    """What an audit ends with: the sentence of its refusal, or nothing."""
    finished = False
    try:
        for event in run:
            finished = finished or isinstance(event, AuditFinished)
    except (Refusal, EngineBroken) as problem:
        return str(problem)
    return "" if finished else "It ended early and said nothing."


def _wrong(row: IllBehaved, said: str) -> str:
    if "\n" in said or len(said) > 600 or (said and not said.endswith(".")):
        return f"It said what is no sentence: {said[:600]!r}"
    if row.says is None or (row.says in said if row.says else not said):
        return ""
    return f"It said {said!r}, wanted {row.says!r}"


def footprint() -> tuple[set[int], int, int]:
    """The engines of this process and what they started, wherever it went; how many descriptors and threads it has."""
    here = psutil.Process()
    marked = {one.pid for one in psutil.process_iter() if _is_ours(one)}
    return marked, here.num_fds(), threading.active_count()


def _is_ours(process: psutil.Process) -> bool:
    """Others may test on the same machine, in the same folder."""
    try:
        inherited = process.environ()
        return MARK in inherited and inherited.get(OWNER) == OURS and process.status() != psutil.STATUS_ZOMBIE
    except (psutil.Error, OSError):
        return False


def left_behind(before: tuple[set[int], int, int], patience: float = 5.0) -> str:
    """What there is more than before, as a sentence; threads that are about to end are waited for."""
    until = time.monotonic() + patience
    while True:
        processes, descriptors, threads = footprint()
        left = {
            "processes": processes - before[0],
            "descriptors": descriptors - before[1],
            "threads": threads - before[2],
        }
        more = {name: what for name, what in left.items() if (what if isinstance(what, set) else what > 0)}
        if not more or time.monotonic() > until:
            return f"It left {more}." if more else ""
        time.sleep(0.05)
