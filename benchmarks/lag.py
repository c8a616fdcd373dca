"""How late the app's event loop is while TensorFlow loads, compiles and trains, in a real pty."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.tui.app import InittermApp
from initterm.tui.driver import TerminalDriver
from initterm.tui.training.pane import TrainPane
from tests.terminal import Terminal

TICK = 0.002
P99_GOAL, MAX_GOAL = 0.005, 0.050
PATIENCE = 300.0
"""Seconds for the whole run."""
CONTENDERS = tuple(map(Contender.parse, ("he_normal", "glorot_uniform", "lecun_normal", "random_normal")))
PHASES = ("loading", "compiling", "training")


class WatchedApp(InittermApp):
    """The app, with a clock that notices when the loop is late; it trains four contenders on 30 layers and ends."""

    CSS_PATH = str(Path(__file__).parents[1] / "initterm" / "tui" / "initterm.tcss")

    def __init__(self, report: Path) -> None:
        super().__init__()
        self._report = report
        self._lags: dict[str, list[float]] = {phase: [] for phase in PHASES}

    def on_ready(self) -> None:
        """Begin with the first frame."""
        self.run_worker(self._watch(), group="watch")
        self.run_worker(self._drive(), group="drive")

    async def _watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            self._lags[self._phase].append(time.perf_counter() - began - TICK)

    @property
    def _phase(self) -> str:
        if not self.engine_state.ready:
            return "loading"
        board = self.query_one(TrainPane).board
        return "training" if board and board.data and not board.compiling else "compiling"

    async def _drive(self) -> None:
        while not self.engine_state.ready:
            await asyncio.sleep(0.05)
        self.pane = "train"
        train = self.query_one(TrainPane)
        train.take(Experiment(CONTENDERS, NetworkSpec((64,) * 30), data=sys.argv[3]))
        await asyncio.sleep(0.2)
        train.action_run()
        while train.board is None or not train.board.over:
            await asyncio.sleep(0.05)
        modules = [name for name in ("tensorflow", "keras") if name in sys.modules]
        self._report.write_text(json.dumps({"lags": self._lags, "modules": modules}))
        self.exit()


def main() -> None:
    """Run the app in a pty, and print what its clock noticed."""
    data = sys.argv[1] if len(sys.argv) > 1 else "digits"
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "lag.json"
        os.environ |= {"XDG_CONFIG_HOME": folder, "INITTERM_RUNS": f"{folder}/runs"}  # nothing of the person's
        command = [sys.executable, "-m", "benchmarks.lag", "--inside", str(report), data]
        with Terminal(command, 120, 36) as terminal, contextlib.suppress(AssertionError):
            terminal.until("nothing stands for this, the program ends by itself", patience=PATIENCE)
        result = json.loads(report.read_text())
    for phase in PHASES:
        _print(phase, result["lags"][phase])
    _print("all", [lag for lags in result["lags"].values() for lag in lags])
    print(f"goals: p99 under {P99_GOAL * 1000:.0f} ms, max under {MAX_GOAL * 1000:.0f} ms")
    print(f"TensorFlow in the app's modules: {result['modules'] or 'none'}")


def _print(phase: str, lags: list[float]) -> None:
    p99 = statistics.quantiles(lags, n=100)[98]
    print(f"{phase:<10} p99 {p99 * 1000:6.1f} ms   max {max(lags) * 1000:6.1f} ms   ({len(lags):,} ticks)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        gc.disable()  # as the app's own start does; the app enables it again
        app = WatchedApp(Path(sys.argv[2]))
        app.driver_class = TerminalDriver
        app.run()
    else:
        main()
