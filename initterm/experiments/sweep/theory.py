"""What theory says of a sweep's cells before anything is trained: how deep a chain may be that can be trained.

Over ξ_c layers the correlation of two inputs comes nearer to its fixed point by a factor of e. Where a network is much
deeper, nothing of what tells inputs apart arrives, and it doesn't train: Schoenholz et al. 2017 (arXiv:1611.01232),
whose figure 5 draws the bound at 6 ξ_c.
"""

from __future__ import annotations

import math
from functools import lru_cache

from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.fixed_points import fixed_point
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.theory.typed import elementwise

DEPTH_SCALES = 6.0
"""Of so many ξ_c the deepest networks that were trained are deep."""

OF_DEPTH = ("depth", "hidden")
"""The axes by which the depth changes."""


def is_plain(experiment: Experiment, contender: Contender) -> bool:
    """Whether it is a chain that the theory of plain wide chains is of."""
    return _is_plain(experiment.network_of(contender), bool(experiment.own.model), contender.initializer)


def _is_plain(network: NetworkSpec, own: bool, initializer: InitializerSpec | None) -> bool:
    around = network.batch_norm or network.residual or network.dropout or own
    return not around and initializer is not None and not initializer.family.fitted


def deepest(experiment: Experiment, contender: Contender) -> float | None:
    """How many layers the network may have to be trained with this initializer, infinitely many at the edge of chaos.

    None where the theory of plain wide chains says nothing: of batch normalization, ways around, layers of several
    widths, initializers without a scale, activations of whole layers, or where correlations don't settle.
    """
    return _bound(experiment.network_of(contender), bool(experiment.own.model), contender.initializer)


def is_too_deep(experiment: Experiment, contender: Contender) -> bool:
    """Whether the network is deeper than theory lets it be trained with this initializer."""
    bound = deepest(experiment, contender)
    return bound is not None and len(experiment.network.hidden) > bound


@lru_cache(maxsize=4096)
def _bound(network: NetworkSpec, own: bool, initializer: InitializerSpec | None) -> float | None:
    """The same of all cells that have this network, whatever else they have."""
    if initializer is None or not _is_plain(network, own, initializer):
        return None
    scaling, widths = initializer.scaling, set(network.hidden)
    if scaling is None or len(widths) > 1:
        return None  # with equal widths fan_in, fan_out and their mean are the same
    return _deepest(network.activation, scaling[0], network.bias_std)


@lru_cache(maxsize=4096)
def _deepest(activation: str, weight_variance: float, bias_std: float) -> float | None:
    try:
        scale = fixed_point(elementwise(activation), weight_variance, bias_std).correlation_scale
    except Refusal:
        return None
    return None if scale is None or math.isnan(scale) else DEPTH_SCALES * scale


def depth_axis(sweep: Sweep) -> int | None:
    """Which of the axes the depth goes along, counted from 0; None where there is none."""
    return next((index for index, axis in enumerate(sweep.axes) if axis.name in OF_DEPTH), None)


def depths_along(sweep: Sweep, axis: int) -> tuple[int, ...]:
    """How many layers there are at each value of the axis of depths."""
    step = math.prod(len(other.values) for other in sweep.axes[axis + 1 :])
    count = len(sweep.axes[axis].values)
    return tuple(len(sweep.cell(place * step).experiment.network.hidden) for place in range(count))
