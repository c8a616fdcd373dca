"""What the fit of a kernel to its law promises: false alarms, power against 31 corruptions, and what it costs.

``python -m benchmarks.fits [alarms [SEEDS]|power [SEEDS]|speed]``; all three without a word. Kernels are Keras's draws.
"""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from initterm.engine.weights.corruptions import CORRUPTIONS
from initterm.engine.weights.drawing import keras_initializer
from initterm.engine.weights.fits import fit_of_kernel
from initterm.experiments.weights.events import DOUBTFUL
from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.shapes import Shape

NOTEBOOKS = Shape((784, 256))
SHAPES = (Shape((3, 3, 1, 8)), Shape((10, 10)), Shape((3, 3, 64, 64)), NOTEBOOKS)
LAWS = ("he_normal", "glorot_uniform", "random_normal")
"""A cut normal, a uniform, and a normal."""

ALARM_SEEDS, POWER_SEEDS, POWER_GOAL = 2000, 50, 0.9
REPEATS = 20


def kernels_of(spec: InitializerSpec, shape: Shape, seeds: int) -> Iterator[np.ndarray]:
    """Keras's draws by the first seeds."""
    return (np.asarray(keras_initializer(spec, seed)(shape.dims)) for seed in range(seeds))


def alarms(seeds: int = ALARM_SEEDS) -> None:
    """Print how often a true kernel of each random row is refused, beside the promise and what chance makes of it."""
    margin = 1.96 * math.sqrt(DOUBTFUL * (1 - DOUBTFUL) / seeds)
    print(f"p < {DOUBTFUL} of {seeds:,} true kernels each; promised {DOUBTFUL:.1%} ± {margin:.2%}")
    for shape in SHAPES:
        shares = []
        for spec in (InitializerSpec(family.name) for family in CATALOGUE):
            law = law_of(spec, shape) if spec.name != "identity" else None
            if law is None or law.atoms:
                continue
            refused = sum(fit_of_kernel(kernel, law).p_value < DOUBTFUL for kernel in kernels_of(spec, shape, seeds))
            shares.append(refused / seeds)
            print(f"  {shape!s:<12} {spec!s:<18} {shares[-1]:6.2%}", flush=True)
        print(f"  {shape!s:<12} {'all together':<18} {statistics.mean(shares):6.2%}", flush=True)


def power(seeds: int = POWER_SEEDS) -> None:
    """Print how often each corruption of the notebook's kernel is refused, and what is said of it most often."""
    laws = {name: law_of(InitializerSpec(name), NOTEBOOKS) for name in LAWS}
    kernels = {name: list(kernels_of(InitializerSpec(name), NOTEBOOKS, seeds)) for name in LAWS}
    print(
        f"share of {seeds} corrupted kernels of {NOTEBOOKS} with p < {DOUBTFUL}; goal {POWER_GOAL} from 1% touched on"
    )
    print(f"  {'corruption':<34}{'touched':>8}" + "".join(f"{name:>16}" for name in LAWS) + "  said")
    for corruption in CORRUPTIONS:
        found, said = [], Counter[str]()
        for name in LAWS:
            fits = [
                fit_of_kernel(corruption.of(kernel, np.random.default_rng(seed)), laws[name])
                for seed, kernel in enumerate(kernels[name])
            ]
            found.append(sum(fit.p_value < DOUBTFUL for fit in fits) / seeds)
            said.update(fit.misfits[0] for fit in fits if fit.misfits)
        words = said.most_common(1)[0][0] if said else "nothing"
        missed = "  MISSED" if min(found) < POWER_GOAL else ""
        shares = "".join(f"{share:16.2f}" for share in found)
        print(f"  {corruption.name:<34}{corruption.touched:8.2%}{shares}  {words}{missed}", flush=True)


def speed() -> None:
    """Print processor milliseconds of the fit of the notebook's kernel, and as a share of Keras's draw of it."""
    for name in (*LAWS, "orthogonal"):
        spec, law = InitializerSpec(name), law_of(InitializerSpec(name), NOTEBOOKS)
        (kernel,) = kernels_of(spec, NOTEBOOKS, 1)
        draw = _milliseconds(lambda spec=spec: keras_initializer(spec, 1)(NOTEBOOKS.dims))
        fit = _milliseconds(lambda kernel=kernel, law=law: fit_of_kernel(kernel, law))
        print(f"  {name:<18} Keras's draw {draw:6.1f} ms   fit {fit:6.1f} ms   {fit / draw:.2f}x")


def _milliseconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return 1000 * statistics.median(times)


PARTS: dict[str, Callable[..., None]] = {"alarms": alarms, "power": power, "speed": speed}


def main() -> None:
    """Run the part that is named, or all."""
    name, *count = sys.argv[1:] or ("",)
    for part in [PARTS[name]] if name else PARTS.values():
        part(*map(int, count))


if __name__ == "__main__":
    main()
