"""How long an audit of a known architecture takes, how much memory, and what it finds; each in a process of its own.

``python -m benchmarks.architectures NAME`` audits one and prints a line of JSON.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections import Counter
from typing import Any

NAMES = ("MobileNetV2", "ResNet50", "EfficientNetB0", "DenseNet121", "transformer", "LSTM", "GRU", "U-Net")
OURS = {"transformer": "transformer", "LSTM": "lstm", "GRU": "gru", "U-Net": "unet"}
"""Those that the tests build, by their names there; the others are Keras's applications."""

SEED = 3


def model_named(name: str) -> Any:
    """An architecture with weights drawn anew."""
    from initterm.engine.runtime import keras
    from tests.engine.audit.test_auditing import ARCHITECTURES

    keras.utils.set_random_seed(SEED)
    return ARCHITECTURES[OURS[name]]() if name in OURS else getattr(keras.applications, name)(weights=None)


def audit_one(name: str) -> None:
    """Audit one, and print what it took as JSON."""
    from initterm.engine.audit.auditing import audited

    model = model_named(name)
    built = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    found = audited(model, name)
    taken = time.perf_counter() - began
    told = {
        "parameters": found.parameters,
        "tensors": len(found.tensors),
        "seconds": taken,
        "kib_built": built,
        "kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "severities": Counter(finding.severity for finding in found.findings),
        "checks": Counter(finding.check for finding in found.findings),
        "note": found.signal.note,
    }
    print(json.dumps(told))


def main() -> None:
    """Audit them all, one after another, and print a line for each."""
    for name in NAMES:
        command = [sys.executable, "-m", "benchmarks.architectures", name]
        ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        if ended.returncode:
            print(f"{name:<15} ended with status {ended.returncode}", flush=True)
            continue
        told = json.loads(ended.stdout.splitlines()[-1])
        print(
            f"{name:<15} {told['parameters']:>12,} parameters {told['tensors']:>4} tensors   "
            f"{told['seconds']:6.1f} s   "
            f"peak {told['kib'] / 2**20:.2f} GiB ({told['kib_built'] / 2**20:.2f} before)   "
            f"{_counted(told['severities'])} ({_counted(told['checks'])}){told['note'] and '   ' + told['note']}",
            flush=True,
        )


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "no findings"


if __name__ == "__main__":
    audit_one(sys.argv[1]) if len(sys.argv) > 1 else main()
