"""The phase diagram of what is measured: how it is computed, the depth profile beside it, and its words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from rich.text import Text

from initterm.experiments.signal.board import SignalBoard
from initterm.theory.fixed_points import critical_point
from initterm.theory.laws import law_of
from initterm.theory.numbers import ratio, short
from initterm.theory.phases import PhaseDiagram, phase_diagram
from initterm.theory.propagation import Arrival
from initterm.theory.shapes import Shape
from initterm.tui.signal.layer_drawing import LayerDrawing, LayerLine
from initterm.tui.signal.phase_map import PhaseMap
from initterm.tui.signal.scale import FULL_AT, SIGNS_EXPLAINED

VARIANCES, REACH, MIDDLE = 33, 16.0, 2.0
"""How many weight variances a phase diagram has, how far they go from its middle, and where that is by default."""

LEAST_DEPTHS, MOST_DEPTHS = 60, 200

PROFILES = {"signal": ("→", "#ffd166"), "gradient": ("←", "#4fd1a5")}
"""Mark and colour of each."""


def diagram_of(board: SignalBoard, arrival: Arrival) -> PhaseDiagram:
    """The phase diagram around the critical weight variance, of chains twice as deep."""
    chain = board.experiment.chain
    deep = replace(chain, hidden=chain.hidden[:1] * max(LEAST_DEPTHS, min(2 * chain.depth, MOST_DEPTHS)))
    critical = critical_point(chain.phi, chain.bias_std)
    middle = critical.weight_variance if critical else MIDDLE
    return phase_diagram(deep, arrival, np.geomspace(middle / REACH, middle * REACH, VARIANCES))


def weight_variance_of(board: SignalBoard, contender: int) -> float | None:
    """σ_w² of a contender's weights between hidden layers; None where it isn't more than 0."""
    width = board.experiment.chain.hidden[-1]
    return law_of(board.experiment.contenders[contender].drawn, Shape((width, width))).std ** 2 * width or None


def profile_of(phase_map: PhaseMap) -> LayerDrawing:
    """What is left by depth at the variance under the cursor, on the axis of the map's colours."""
    diagram, (depth, row) = phase_map.diagram, phase_map.cursor
    if diagram is None:
        return LayerDrawing()
    lines = []
    for name, (mark, colour) in PROFILES.items():
        left = getattr(diagram, name)[:, row].tolist()
        in_front = name == phase_map.quantity  # the other one is thinner, as it may be the same
        lines.append(LayerLine("", mark, colour, () if in_front else left, left if in_front else ()))
    title = " ".join(f"{mark}{name}" for name, (mark, _) in PROFILES.items())
    front, limits = [*PROFILES].index(phase_map.quantity), (-FULL_AT, FULL_AT)
    return LayerDrawing(title, tuple(lines), len(diagram.signal), limits, front=front, here=depth)


def phase_words(phase_map: PhaseMap, board: SignalBoard | None) -> Text:
    """What is under the cursor of the map, and how it is read."""
    place, diagram = phase_map.place, phase_map.diagram
    if place is None or diagram is None or board is None:
        return Text("")
    depth, variance, signal, gradient = place
    left = f"signal {ratio(signal)}, gradient {ratio(gradient) if gradient == gradient else 'unknown to theory'}"
    critical = f"┈ critical at σ_w² = {short(diagram.critical.weight_variance, 4)}" if diagram.critical else ""
    contour = "━ tenfold" if phase_map.coloured else SIGNS_EXPLAINED
    legend = "   ".join(filter(None, (contour, critical)))
    return Text.assemble(
        (f"◆ depth {depth}, σ_w² = {short(variance)}", "bold"),
        f": {left} left.\n",
        (legend, "dim"),
    )
