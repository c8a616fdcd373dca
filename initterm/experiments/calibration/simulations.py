"""Experiments whose truth is known, as values: each is made many times, and what was said of it is counted."""

from __future__ import annotations

from dataclasses import dataclass

from initterm.theory.initializers import InitializerSpec
from initterm.theory.shapes import Shape


@dataclass(frozen=True)
class TrueKernels:
    """Kernels as Keras draws them, tested against their own law: each initializer in turn, in each shape.

    Said: ``p < 0.01`` and ``p < 0.05`` of the fit, and ``p < 0.05 of the distribution`` alone.
    """

    initializers: tuple[InitializerSpec, ...]
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Trainings:
    """Test accuracies of contenders, compared as Train compares them, at each look.

    An accuracy is the share told right of so many images, each with the same chance: ``mean``, the contender's lead,
    the luck of the seed, which all share, and the trial's own; lucks are normal. Said: ``beats wrongly``, of one that
    isn't better; ``trains wrongly``, of one where another doesn't, as all diverge alike; ``equivalent wrongly``, of two
    that are apart by the margin or more; ``a difference outside its interval``, of any pair at any look; ``within its
    own interval``, of the first pair's difference and 95% interval; ``mean within``, of the first contender's mean and
    95% interval. The last two are of the last look.

    Attributes:
        leads: by how much each contender is better than ``mean``.
        looks: at how many seeds it is judged.
        fixed: whether the number of seeds was fixed for good, so that all of the 5% is the only look's.
        diverging: the chance that a trial diverges.
        of_seed: the standard deviation of a seed's luck.
        of_trial: that of a trial's.
        stopping: whether whoever loses is stopped, by a validation that tells what its luck in the test will be.
    """

    leads: tuple[float, ...]
    looks: tuple[int, ...]
    fixed: bool = False
    diverging: float = 0.0
    mean: float = 0.94
    of_seed: float = 0.004
    of_trial: float = 0.003
    images: int = 10_000
    margin: float = 0.005
    stopping: bool = False


@dataclass(frozen=True)
class NewImages:
    """Which images are told right, where new images are drawn each time, compared as Train compares them.

    The logit of a chance is ``logit``, the contender's lead, how good the seed is and how easy the image, both normal.
    Said: ``mean within``, of the first contender's accuracy on all images of the kind; ``a difference outside its
    interval``, of any pair's.
    """

    leads: tuple[float, ...]
    seeds: int
    images: int = 400
    logit: float = 3.5
    of_seed: float = 0.1
    of_image: float = 2.0


@dataclass(frozen=True)
class SeedsNeeded:
    """Differences that are normal, their mean ``effect`` standard deviations.

    Said: ``number within``, of the seeds needed and their interval, from so many seeds; ``shown``, whether as many
    seeds as are needed show which is better.
    """

    effect: float
    seeds: int


@dataclass(frozen=True)
class SoundModels:
    """Models drawn as they are declared, their tensors in each type in turn, looked at by the audit's checks of values.

    Said: ``alarm``, whether any check finds something; ``p < 0.01``, of the least p-value times the number of tensors,
    which the alarms go by.
    """

    dtypes: tuple[str, ...]


Simulation = TrueKernels | Trainings | NewImages | SeedsNeeded | SoundModels
