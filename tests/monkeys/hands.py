"""Hands at an app that runs in memory: keys, mouse, pastes, sizes, and what other panes and the engine send."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.geometry import Size

from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.pipe.protocol import Exhausted
from initterm.pipe.state import EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.tui.app import InittermApp
from initterm.tui.messages import (
    ActivityChanged,
    EngineChanged,
    ModelProposal,
    Proposal,
    Sent,
)
from initterm.tui.run_pane import RunAdvanced, RunEnded
from tests.monkeys.lying_engine import LyingEngine

Step = tuple[str | int | float, ...]
"""What is done, and with what, such as ``("key", "enter")``; it can be written down as JSON."""


OWN = ModelSpec("[b]nets:cnn(depth=[1, 2])[/]", train_data="data:load", where="*[/]kernel", own_optimizer=True)
AS_DECLARED = (Contender(None, treatment="declared"),)


class Hands:
    """Does steps to an app that runs in memory."""

    def __init__(self, app: InittermApp) -> None:
        self.app = app

    @property
    def engine(self) -> LyingEngine:
        engine = self.app.engine
        assert isinstance(engine, LyingEngine)
        return engine

    def do(self, step: Step) -> None:
        """Do a step; the app looks at it when the loop gets to it."""
        name, *what = step
        getattr(self, f"_{name}")(*what)

    def _key(self, key: str) -> None:
        self.app.post_message(events.Key(_key_name(key), key if len(key) == 1 else None))

    def _text(self, text: str) -> None:
        for letter in text[:40]:
            self._key(letter)

    def _row(self, down: int, text: str) -> None:
        """Type something into one of Train's rows, counted from the first, and run it."""
        for key in ("escape", "2", "s", *["down"] * down, "ctrl+u", *text[:40], "enter", "escape", "r"):
            self._key(key)

    def _paste(self, text: str) -> None:
        self.app.post_message(events.Paste(text))

    def _paste_much(self, text: str) -> None:
        self._paste(text * (1_000_000 // len(text)))

    def _resize(self, width: int, height: int) -> None:
        size = Size(width, height)
        driver = self.app._driver
        assert driver is not None
        driver._size = (width, height)  # type: ignore[attr-defined]
        self.app.post_message(events.Resize(size, size))

    def _mouse(self, kind: str, across: float, down: float, button: int) -> None:
        x, y = int(across * self.app.size.width), int(down * self.app.size.height)
        press, release = (self._event(one, x, y, button) for one in (events.MouseDown, events.MouseUp))
        wheel = chosen(events.MouseScrollDown, events.MouseScrollUp, button)
        match kind:
            case "click":
                told = [press, release]
            case "double":
                told = [press, release, press, release]
            case "drag":
                told = [press, self._event(events.MouseMove, y, x, button), release]
            case "wheel":
                told = [self._event(wheel, x, y, 0)] * 3
            case _:
                of_kind = {"move": events.MouseMove, "down": events.MouseDown, "up": events.MouseUp}[kind]
                told = [self._event(of_kind, x, y, button)]
        for event in told:
            self.app.post_message(event)

    def _event(self, kind: type[events.MouseEvent], x: int, y: int, button: int) -> events.MouseEvent:
        return kind(None, x, y, 0, 0, button, False, False, False, screen_x=x, screen_y=y)

    def _state(self, kind: str, text: str) -> None:
        self.app.post_message(EngineChanged(EngineState(kind, text)))  # type: ignore[arg-type]

    def _engine(self, mood: str) -> None:
        self.engine.mood = mood

    def _send(self, what: str) -> None:
        initializer = InitializerSpec.parse("variance_scaling(scale=3.0)")
        experiment = Experiment(epochs=3)
        messages = {
            "explore": Sent("explore", Proposal(initializer)),
            "train": Sent("train", Proposal(initializer, "gelu")),
            "signal": Sent("signal", Proposal(initializer, "selu")),
            "experiment": Sent("train", experiment),
            "chain": Sent("signal", SignalExperiment((initializer,), Chain((32,) * 8))),
            "activity": ActivityChanged("[b] training", "[/] MNIST"),
            "model": Sent("train", ModelProposal(OWN, AS_DECLARED)),
            "own": Sent("train", Experiment((*AS_DECLARED, Contender(initializer)), own=OWN, epochs=3, seeds=3)),
        }
        self.app.post_message(messages[what])

    def _stale(self, what: str) -> None:
        """Events of a run that was never begun."""
        places = self.app.screen_stack if what == "papers" else self.app.query(f"#{what}")
        for place in places:
            for run_id in (0, 10**9):
                place.post_message(RunAdvanced(run_id, Exhausted()))
                place.post_message(RunEnded(run_id, problem="stale"))


def chosen(first: Any, second: Any, number: int) -> Any:
    """The first for odd numbers, else the second."""
    return first if number % 2 else second


def _key_name(key: str) -> str:
    from textual.keys import _character_to_key

    return _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
