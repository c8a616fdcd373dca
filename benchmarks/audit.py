"""What an audit bears: mutated files, known architectures, models that are sound or have a planted fault, public bugs.

``python -m benchmarks.audit [mutations|architectures|alarms|bugs [COUNT]]``; all four without a word.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks import architectures, false_alarms, mutations
from benchmarks.bugs import scores

MUTATIONS = 1000


def mutate(count: int = MUTATIONS) -> None:
    """Audit so many mutations of a good file in each format."""
    with tempfile.TemporaryDirectory() as folder:
        mutations.run(Path(folder), count)


PARTS = {"mutations": mutate, "architectures": architectures.main, "alarms": false_alarms.main, "bugs": scores.main}


def main() -> None:
    """Run the part that is named, or all."""
    name, *count = sys.argv[1:] or ("",)
    for part in [PARTS[name]] if name else PARTS.values():
        part(*map(int, count))


if __name__ == "__main__":
    main()
