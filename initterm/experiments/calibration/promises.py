"""All promises, a row each. A new one is a row here; a new kind of simulation a function of ``engine.calibration``."""

from __future__ import annotations

from collections.abc import Iterator

from initterm.experiments.calibration.promise import Promise
from initterm.experiments.calibration.simulations import (
    NewImages,
    SeedsNeeded,
    Simulation,
    SoundModels,
    Trainings,
    TrueKernels,
)
from initterm.experiments.weights.events import DOUBTFUL
from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec
from initterm.theory.shapes import Shape

FITS, INTERVALS, BEATS, TRAINS, EQUIVALENT, MORE, AUDIT = (
    "The fit of a kernel to its law",
    "95% intervals",
    "Said wrongly: one beats the other",
    "Said wrongly: one trains where the other doesn't",
    "Said wrongly: both are equivalent",
    "How many seeds are needed",
    "The audit's checks of values",
)
"""What promises are about, in their order."""

ALARMS = 1e-6
"""How often an audit may raise an alarm at a sound model; the audit's own number."""

SMALL = tuple(map(Shape, ((3, 3, 1, 8), (10, 10), (3, 3, 16, 32))))
LARGE = Shape((784, 256))

KINDS = {
    "cut normals": ("he_normal", "glorot_normal", "lecun_normal", "truncated_normal"),
    "uniforms": ("he_uniform", "glorot_uniform", "lecun_uniform", "random_uniform"),
    "normals": ("random_normal", "variance_scaling(distribution='untruncated_normal')"),
    "orthogonal": ("orthogonal",),
}
RANDOM = tuple(InitializerSpec(family.name) for family in CATALOGUE if family.random)
"""All of the catalogue that chance draws."""

AS_PLUS_ADDS = tuple(range(5, 45, 5))
"""Looks as ``+`` makes them: after every five seeds."""


def _fits() -> Iterator[Promise]:
    kernels = {
        f"{kind}, small": TrueKernels(tuple(map(InitializerSpec.parse, rows)), SMALL) for kind, rows in KINDS.items()
    }
    kernels |= {f"all, {shape}": TrueKernels(RANDOM, (shape,)) for shape in (*SMALL, LARGE)}
    for name, simulation in kernels.items():
        yield Promise(FITS, f"{name}: p < 0.01", "at most", DOUBTFUL, simulation, "p < 0.01")
        yield Promise(FITS, f"{name}: p < 0.05", "at most", 0.05, simulation, "p < 0.05")
        text = f"{name}: p of the distribution < 0.05"
        yield Promise(FITS, text, "at most", 0.05, simulation, "p < 0.05 of the distribution")


EQUAL, APART = (0.0, 0.0), (0.0, 0.005)
FIVE_EQUAL = (0.0,) * 5
FIVE = (0.02, 0.01, 0.01, 0.0, -0.03)
ONE_OF_FIVE = (0.005, 0.0, 0.0, 0.0, 0.0)

OF_SEEDS = {
    "5 seeds": Trainings(EQUAL, (5,), fixed=True),
    "30 seeds": Trainings(EQUAL, (30,), fixed=True),
    "5 seeds that guess, 360 images": Trainings(EQUAL, (5,), fixed=True, mean=0.1, of_seed=0, of_trial=0, images=360),
}
OF_NEW_IMAGES = {f"{seeds} seeds": NewImages((1.0, 0.0, 0.0), seeds) for seeds in (2, 5, 30)}


def _intervals() -> Iterator[Promise]:
    for of, trainings in OF_SEEDS.items():
        yield Promise(INTERVALS, f"a mean accuracy within, {of}", "at least", 0.95, trainings, "mean within")
    for of, trainings in OF_SEEDS.items():
        yield Promise(INTERVALS, f"one difference within, {of}", "about", 0.95, trainings, "within its own interval")
    for of, images in OF_NEW_IMAGES.items():
        yield Promise(INTERVALS, f"a mean on new images within, {of}", "at least", 0.95, images, "mean within")
    outside: dict[str, Simulation] = {
        "any of 10 differences outside, 5 seeds": Trainings(FIVE, (5,), fixed=True),
        "one difference outside at any of 8 looks": Trainings(EQUAL, AS_PLUS_ADDS),
        **{f"any of 3 on new images outside, {of}": images for of, images in OF_NEW_IMAGES.items()},
    }
    for text, simulation in outside.items():
        yield Promise(INTERVALS, text, "at most", 0.05, simulation, "a difference outside its interval")


EQUAL_ONES = {
    "2 equal contenders, 5 seeds": Trainings(EQUAL, (5,), fixed=True),
    "5 equal contenders, 5 seeds": Trainings(FIVE_EQUAL, (5,), fixed=True),
    "2 equal contenders, 5, 10, ... 40 seeds": Trainings(EQUAL, AS_PLUS_ADDS),
    "2 equal contenders, 2, 3, ... 12 seeds": Trainings(EQUAL, tuple(range(2, 13))),
    "5 equal contenders, 5, 10, 15, 20 seeds": Trainings(FIVE_EQUAL, AS_PLUS_ADDS[:4]),
    "2 that diverge in 40%, 12 seeds": Trainings(EQUAL, (12,), fixed=True, diverging=0.4),
    "5 equal contenders, losing ones stop, 4 seeds": Trainings(FIVE_EQUAL, (4,), fixed=True, stopping=True),
}
ALIKE_ONES = {
    "2 that diverge in 40%, 12 seeds": Trainings(EQUAL, (12,), fixed=True, diverging=0.4),
    "2 that diverge in 40%, 5, 10, ... 40 seeds": Trainings(EQUAL, AS_PLUS_ADDS, diverging=0.4),
    "5 that diverge in 40%, 12 seeds": Trainings(FIVE_EQUAL, (12,), fixed=True, diverging=0.4),
}
APART_ONES = {
    "2 apart by the margin, 5 seeds": Trainings(APART, (5,), fixed=True),
    "2 apart by the margin, 20 seeds": Trainings(APART, (20,), fixed=True),
    "2 apart by the margin, 5, 10, ... 40 seeds": Trainings(APART, AS_PLUS_ADDS),
    "5, one apart by the margin, 20 seeds": Trainings(ONE_OF_FIVE, (20,), fixed=True),
}


def _verdicts() -> Iterator[Promise]:
    for text, trainings in EQUAL_ONES.items():
        yield Promise(BEATS, text, "at most", 0.05, trainings, "beats wrongly")
    for text, trainings in ALIKE_ONES.items():
        yield Promise(TRAINS, text, "at most", 0.05, trainings, "trains wrongly")
    for text, trainings in APART_ONES.items():
        yield Promise(EQUIVALENT, text, "at most", 0.05, trainings, "equivalent wrongly")
    for seeds in (5, 12):
        needed = SeedsNeeded(0.5, seeds)
        text = f"their number within, told from {seeds}"
        yield Promise(MORE, text, "at least", 0.8, needed, "number within")
    yield Promise(MORE, "with so many the difference is shown", "at least", 0.8, SeedsNeeded(0.5, 12), "shown")


def _audit() -> Iterator[Promise]:
    models = SoundModels(("float32", "float16", "bfloat16"))
    yield Promise(AUDIT, "an alarm at a sound model", "at most", ALARMS, models, "alarm")
    text = "p of all its tensors together < 0.01"
    yield Promise(AUDIT, text, "at most", DOUBTFUL, models, "p < 0.01")


PROMISES: tuple[Promise, ...] = (*_fits(), *_intervals(), *_verdicts(), *_audit())
