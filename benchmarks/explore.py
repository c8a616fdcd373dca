"""A key press to the finished redraw in Explore, in a real pty, against the bare work of drawing the same kernels."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from textual import on
from textual.geometry import Size

from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.shapes import Shape
from initterm.tui.app import InittermApp
from initterm.tui.messages import Painted
from initterm.tui.weights.pane import ExplorePane
from initterm.tui.widgets.drawing import LAW_COLOUR, Bars, Curve, Drawing
from initterm.tui.widgets.plot import painted
from tests.terminal import Terminal

SHAPE, BINS = Shape((784, 256)), 50
SIZE, PICTURE = (120, 36), Size(93, 22)
MOVES, ROUNDS = 6, 6
"""From he_normal down to variance_scaling, the initializers that networks start from; each round with another seed."""

SECONDS_GOAL, RATIO_GOAL = 0.060, 1.5
MARKER = "<drawn {} {}>"
DOWN, HOME, NEXT_SEED = "\x1b[B", "\x1b[H", "r"


class WatchedApp(InittermApp):
    """The app, which writes a marker behind each picture of a sample that it has written to the terminal."""

    CSS_PATH = str(Path(__file__).parents[1] / "initterm" / "tui" / "initterm.tcss")

    @on(Painted)
    def _sample_painted(self) -> None:
        self.call_after_refresh(self._mark)

    def _mark(self) -> None:
        sample = self.query_one(ExplorePane).sample
        if sample and self._driver:
            self._driver.write(MARKER.format(sample.initializer, sample.seed))
            self._driver.flush()


def by_initterm() -> list[float]:
    """Seconds from each press of the arrow key to the end of its redraw; no kernel was drawn before."""
    seconds = []
    command = [sys.executable, "-m", "benchmarks.explore", "--inside"]
    with Terminal(command, *SIZE) as terminal:
        child = terminal.child
        child.delaybeforesend = None  # pexpect would wait before each key
        child.expect_exact(MARKER.format("he_normal", 42), timeout=60)
        for seed in range(43, 43 + ROUNDS):
            child.send(HOME)
            time.sleep(0.3)
            child.send(NEXT_SEED)
            child.expect_exact(MARKER.format("he_normal", seed), timeout=10)
            for family in CATALOGUE[1 : MOVES + 1]:
                time.sleep(0.2)
                began = time.perf_counter()
                child.send(DOWN)
                child.expect_exact(MARKER.format(family.name, seed), timeout=10)
                seconds.append(time.perf_counter() - began)
    return seconds


def by_hand() -> list[float]:
    """Seconds of the bare work for the same kernels: Keras's draw, numpy's histogram, plotext's picture."""
    from initterm.engine.weights.drawing import keras_initializer

    seconds = []
    for seed in range(42, 43 + ROUNDS):
        for family in CATALOGUE[1 : MOVES + 1]:
            spec = InitializerSpec(family.name)
            began = time.perf_counter()
            weights = np.asarray(keras_initializer(spec, seed)(SHAPE.dims)).ravel()
            density, edges = np.histogram(weights, bins=BINS, density=True)
            x, y = law_of(spec, SHAPE).curve()
            bars = Bars(edges.tolist(), density.tolist(), "#5aa9ff")
            painted(Drawing(curves=(Curve(x.tolist(), y.tolist(), LAW_COLOUR),), bars=bars, edged=True), PICTURE)
            seconds.append(time.perf_counter() - began)
    return seconds[MOVES:]  # the first round warms what is used for the first time


def main() -> None:
    """Measure both, and print medians and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"XDG_CONFIG_HOME": folder, "INITTERM_RUNS": f"{folder}/runs"}  # nothing of the person's
        ours, bare = statistics.median(by_initterm()), statistics.median(by_hand())
    print(f"bare work: Keras's draw, histogram, plotext   {bare * 1000:5.1f} ms")
    print(f"key press to finished redraw, {SIZE[0]}x{SIZE[1]}          {ours * 1000:5.1f} ms", end="")
    print(f"   {ours / bare:.2f}x   (goals: under {SECONDS_GOAL * 1000:.0f} ms, under {RATIO_GOAL}x)")


if __name__ == "__main__":
    if sys.argv[1:] == ["--inside"]:
        WatchedApp().run()
    else:
        main()
