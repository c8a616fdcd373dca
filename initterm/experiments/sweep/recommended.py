"""Which cells are nearest to what theory recommends: the guide's gain along a scale, a learning rate that carries over.

The gain: weights of variance σ_w²/fan_in keep the signal where σ_w² = 1/E[φ²] (He et al. 2015, eq. 10). The rate: under
μP the best one is the same at any width; under the standard parametrization Adam's rate for hidden weights has to fall
as 1/width to do the same (Yang et al. 2022, arXiv:2203.03466, table 3).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from initterm.experiments.message import Number
from initterm.experiments.sweep.axis import Axis
from initterm.experiments.sweep.contenders import placeholders_in
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.theory import is_plain
from initterm.theory.guide import advice_for
from initterm.theory.refusal import Refusal
from initterm.theory.typed import elementwise

OF_WIDTH = ("width", "hidden")
"""The axes by which the width changes."""

RATE = "learning_rate"
ADAMS = ("adam", "adamw", "nadam", "adamax")
"""Optimizers whose steps don't depend on how large gradients are."""


def lines_along(sweep: Sweep, axis: int) -> Iterator[range]:
    """The cells along an axis, counted from 0, for each with each of the values of all others."""
    step = math.prod(len(other.values) for other in sweep.axes[axis + 1 :])
    count = len(sweep.axes[axis].values)
    for first in range(sweep.cell_count):
        if first // step % count == 0:
            yield range(first, first + step * count, step)


def gain_cells(sweep: Sweep, contender: int) -> frozenset[int]:
    """Along an axis of a contender's scale the cells whose scale is nearest, by ratio, to the guide's gain squared.

    None of where that is outside of the axis, nor of batch normalization, ways around, or widths that differ where the
    mode isn't fan_in. Every cell of it is made.
    """
    open_numbers = placeholders_in((sweep.contenders[contender],))
    axis = next((index for index, one in enumerate(sweep.axes) if one.name in open_numbers), None)
    if axis is None:
        return frozenset()
    return frozenset(
        nearest
        for line in lines_along(sweep, axis)
        if (nearest := _nearest({cell: _off_the_gain(sweep, cell, contender) for cell in line})) is not None
    )


def _off_the_gain(sweep: Sweep, cell: int, contender: int) -> float | None:
    """log(σ_w² E[φ²]); None where theory says nothing of it."""
    experiment = sweep.cell(cell).experiment
    one = experiment.contenders[contender]
    network, scaling = experiment.network_of(one), one.initializer.scaling if one.initializer else None
    equal = scaling is not None and (scaling[1] == "fan_in" or len(set(network.hidden)) == 1)
    if scaling is None or not equal or scaling[0] <= 0 or not is_plain(experiment, one):
        return None
    try:
        advice = advice_for(elementwise(network.activation))
    except Refusal:
        return None
    return math.log(advice.kept(scaling[0])) if advice else None


def _nearest(off: Mapping[int, float | None]) -> int | None:
    """The cell nearest to 0, where 0 lies among them."""
    known = {cell: value for cell, value in off.items() if value is not None}
    inside = len(known) == len(off) and min(known.values()) <= 0 <= max(known.values())
    return min(known, key=lambda cell: abs(known[cell])) if inside else None


@dataclass(frozen=True)
class CarriedRate:
    """Cells of all rates at each width: where the best rate of the narrowest network is carried to the wider ones.

    Attributes:
        rates: the learning rates.
        carries: the best rate is the same at any width.
        rows: of each width by how much the best rate is multiplied, and the cells of the rates; the narrowest first.
    """

    rates: tuple[float, ...]
    carries: bool
    rows: tuple[tuple[float, tuple[int, ...]], ...]

    def cells(self, mean: Callable[[int], Number]) -> Iterator[int]:
        """The cells that the prediction goes through, by the means of cells; none before the narrowest has all."""
        (_, base), *wider = self.rows
        means = [mean(cell) for cell in base]
        known = [value for value in means if value is not None]
        if len(known) < len(means):
            return
        best = means.index(max(known))
        yield base[best]
        for factor, cells in wider:
            off = [math.log(rate / (self.rates[best] * factor)) for rate in self.rates]
            if (nearest := _nearest(dict(zip(cells, off, strict=True)))) is not None:
                yield nearest


def carried_rates(sweep: Sweep) -> tuple[CarriedRate, ...]:
    """Where a rate is predicted from the narrowest network: one for each with each of the values of other axes.

    None without axes of rate and width, nor where theory says nothing: optimizers that go by how large gradients are,
    networks whose layers have several widths, or other depths too.
    """
    names = [axis.name for axis in sweep.axes]
    across = next((names.index(name) for name in OF_WIDTH if name in names), None)
    if across is None or RATE not in names or "optimizer" in names or sweep.experiment.optimizer not in ADAMS:
        return ()
    along = names.index(RATE)
    firsts = (line for line in lines_along(sweep, along) if _is_first(sweep, across, line[0]))
    made = (_carried(sweep, across, line) for line in firsts)
    return tuple(one for one in made if one is not None)


def _step(axes: Sequence[Axis], axis: int) -> int:
    return math.prod(len(other.values) for other in axes[axis + 1 :])


def _is_first(sweep: Sweep, axis: int, cell: int) -> bool:
    return cell // _step(sweep.axes, axis) % len(sweep.axes[axis].values) == 0


def _carried(sweep: Sweep, across: int, line: range) -> CarriedRate | None:
    """Of a line of rates at the first width, and those beside it at the others."""
    step = _step(sweep.axes, across)
    lines = [tuple(cell + place * step for cell in line) for place in range(len(sweep.axes[across].values))]
    networks = [sweep.cell(cells[0]).experiment.network for cells in lines]
    shapes = {(len(network.hidden), len(set(network.hidden))) for network in networks}
    if len(shapes) > 1 or next(iter(shapes))[1] != 1:
        return None
    carries = networks[0].parametrization == "mup"
    narrowest = min(network.hidden[0] for network in networks)
    rows = sorted(
        (network.hidden[0], 1.0 if carries else narrowest / network.hidden[0], cells)
        for network, cells in zip(networks, lines, strict=True)
    )
    rates = tuple(sweep.cell(cell).experiment.learning_rate for cell in line)
    return CarriedRate(rates, carries, tuple((factor, cells) for _, factor, cells in rows))
