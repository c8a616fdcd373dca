"""The one door to TensorFlow: importing this module imports it, quietly, and sets the devices up."""

from __future__ import annotations

import contextlib
import gc
import os
import platform
import sys
from functools import cache
from typing import Any

from initterm.experiments.message import Machine

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ["KERAS_BACKEND"] = "tensorflow"
# XLA takes half of what AVX-512 offers unless asked; where there is none, this changes nothing.
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_prefer_vector_width=512")

# Hundreds of thousands of objects are made by the import and live on: collecting them meanwhile, and again at every
# full collection, is time lost. Where a person's own process has them already, nothing of it is touched.
_loads = "tensorflow" not in sys.modules and gc.isenabled()
if _loads:
    gc.disable()
import keras as _keras  # noqa: E402
import tensorflow as _tensorflow  # noqa: E402

if _loads:
    gc.enable()
    gc.freeze()

keras: Any = _keras
tf: Any = _tensorflow

THREADS = "INITTERM_THREADS"
"""The environment variable that says among how many threads an operation is divided; without it TensorFlow decides."""


def set_threads() -> None:
    """Have as many threads as the environment says; only before anything is computed."""
    if threads := int(os.environ.get(THREADS) or 0):
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(threads)


def set_memory_growth() -> None:
    """Let each GPU's memory grow with need instead of taking the whole card."""
    with contextlib.suppress(RuntimeError):  # a process that has used them already keeps them as they are
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)


def device_name() -> str:
    """What computes: the first GPU's name, or ``CPU ×2`` with the cores this process may use."""
    gpus = tf.config.list_physical_devices("GPU")
    if not gpus:
        return f"CPU ×{_cores()}"
    details = tf.config.experimental.get_device_details(gpus[0])
    name = str(details.get("device_name", "GPU"))
    return name if len(gpus) == 1 else f"{name} (1 of {len(gpus)})"


@cache
def machine() -> Machine:
    """How many threads an operation has here, and with which instructions."""
    import numpy

    threads = tf.config.threading.get_intra_op_parallelism_threads() or _cores()
    found = numpy.show_config(mode="dicts").get("SIMD Extensions", {})
    widest = [*found.get("baseline", ()), *found.get("found", ())][-1:]
    return Machine(threads, " ".join((platform.machine(), *widest)))


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def versions() -> dict[str, str]:
    """The versions of Python and of the libraries a result depends on."""
    import numpy

    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": numpy.__version__,
    }


set_threads()
set_memory_growth()
