"""A monkey at the app in memory: keys, mouse, pastes, sizes and a lying engine, thousands of steps a minute.

Nothing waits for timers: many events are posted at once, then the loop idles.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

from textual import events
from textual.geometry import Size

from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.training.events import EpochFinished, StepsFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.weights.events import Draw
from initterm.pipe.errors import EngineBroken, EngineLost
from initterm.pipe.protocol import Exhausted, MeasureSignal
from initterm.pipe.state import EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.tui.app import InittermApp
from initterm.tui.messages import (
    ActivityChanged,
    EngineChanged,
    Proposal,
    Sent,
)
from initterm.tui.pane import RunAdvanced, RunEnded
from tests.monkeys.hunting import Broken
from tests.tui.fakes import FakeEngine, FakeRun, audit_events, paper_events, run_events, signal_events

Step = tuple[str | int | float, ...]
"""What is done, and with what, such as ``("key", "enter")``; it can be written down as JSON."""

REST: Step = ("rest",)
"""The app gets to work, and draws; what is posted between two rests comes in one frame."""

RESTING = 0.5
"""How often a rest follows a step."""

FRESH_AFTER = 2000
"""So many steps an app lives."""

PATIENCE = 30.0

LETTERS = "12345P?/sdnpcorefmwvxygtabijklXYSAM<>+-= ()[]{}'\",.@*"
NAMED = (
    *("up", "down", "left", "right", "enter", "escape", "tab", "shift+tab", "space", "backspace", "delete", "home"),
    *("end", "pageup", "pagedown", "insert", "ctrl+p", "ctrl+a", "ctrl+e", "ctrl+k", "ctrl+u", "ctrl+w", "ctrl+left"),
    *("ctrl+home", "ctrl+end", "shift+home", "shift+end", "shift+left", "shift+up", "f1", "f5", "f12", "ctrl+v"),
    *("escape", "escape", "enter", "down", "pagedown", "pageup"),
)
CHARACTERS = ("é", "漢", "🎲", "\u202e", "\u200b", "e\u0301", "\ud800", "\x00", "\x7f", "\xa0", "ｘ", "´")
WORDS = (
    *("he_normal", "variance_scaling(scale=2)", "constant({[]:1})", "orthogonal(gain=1e999)", "he_normal@tanh", "gelu"),
    *("elu(alpha=-1)", "relu(threshold=40)", "x*sigmoid(x)", "x**x**9", "3x3x64x128", "784x0", "9" * 50, "-1", "0"),
    *("1e999", "nan", "digits", "../", "/tmp/", "os:getcwd", "a.keras", "[bold]", "[/]", "[@click=app.quit]x[/]"),
    *("%s{}", "\\", "(((((((", "64*30", "\x1b[31mred", "a\x00b", "\udcff", "\u202eabc", "two\nlines\r\tx", ""),
    *("x" * 3000, "[" * 500, "lsuv", "zeros"),
)
SIZES = (
    (1, 1),
    (2, 1),
    (1, 50),
    (300, 1),
    (5, 3),
    (10, 3),
    (40, 12),
    (72, 18),
    (80, 4),
    (80, 24),
    (120, 36),
    (300, 100),
)
KINDS = ("loading", "ready", "restarting", "failed")


def steps(chance: random.Random, count: int = FRESH_AFTER) -> list[Step]:
    """A sequence of so many steps."""
    weights = [weight for weight, _ in GESTURES]
    drawn = (draw(chance) for _, draw in chance.choices(GESTURES, weights, k=count))
    return [step for one in drawn for step in ((one, REST) if chance.random() < RESTING else (one,))]


def _mouse(chance: random.Random) -> Step:
    kind = chance.choice(("click", "click", "double", "drag", "wheel", "wheel", "move", "down", "up"))
    return ("mouse", kind, chance.random(), chance.random(), chance.choice((1, 1, 1, 2, 3)))


def _of(name: str, *choices: object) -> Callable[[random.Random], Step]:
    return lambda chance: (name, chance.choice(choices))  # type: ignore[return-value]


GESTURES: tuple[tuple[float, Callable[[random.Random], Step]], ...] = (
    (40, lambda chance: ("key", chance.choice(LETTERS))),
    (40, _of("key", *NAMED)),
    (2, _of("key", *CHARACTERS)),
    (5, _of("text", *WORDS)),
    (2, _of("paste", *WORDS)),
    (12, _mouse),
    (2, lambda chance: ("resize", *chance.choice(SIZES))),
    (0.5, lambda chance: ("resize", chance.randint(1, 300), chance.randint(1, 100))),
    (2, lambda chance: ("state", chance.choice(KINDS), chance.choice(("ready · CPU ×2", "[b] it ended [/]", "")))),
    (2, _of("engine", "plain", "reversed", "repeated", "holes", "refused", "lost", "broken", "held", "silent")),
    (1, _of("send", "explore", "train", "signal", "experiment", "chain", "activity")),
    (1, _of("stale", "train", "audit", "papers")),
    (0.1, _of("paste_much", "x", "[b]", "\n", "漢")),
)


class LyingEngine(FakeEngine):
    """Tells its events in any order, twice or never, and refuses, breaks and gets lost at any moment."""

    def __init__(self, on_state: Callable[[EngineState], object]) -> None:
        super().__init__(on_state)
        self.chance = random.Random(1)
        self.mood = "plain"
        self.run_of = lambda experiment: self._run(run_events(experiment))
        self.audit_run_of = lambda choice: self._run(audit_events(choice))
        self.replication_of = lambda paper: self._run(paper_events(paper))
        self.signals_of = lambda experiment: iter(self._told(signal_events(experiment))[0])

    def _told(self, plain: Iterator[Any]) -> tuple[list[Any], Exception | None]:
        told, chance = [*plain], self.chance
        error = self._error()
        match self.mood:
            case "reversed":
                told = [one for one in told[::-1] if not _of_a_trial(one)]
            case "repeated":
                told = [one for one in told for _ in range(chance.choice((1, 1, 3)))]
            case "holes":
                told = [one for one in told if chance.random() < 0.7]
            case "silent":
                told = []
        return (told[: chance.randint(0, len(told))] if error else told), error

    def _error(self) -> Exception | None:
        match self.mood:
            case "refused":
                return Refusal("[b] can't be run; write 784x256.")
            case "lost":
                return EngineLost("The engine ended (signal SIGKILL); a fresh one is starting.")
            case "broken":
                return EngineBroken("The engine met a bug of its own: [/] KeyError.")
        return None

    def _run(self, plain: Iterator[Any]) -> FakeRun:
        told, error = self._told(plain)
        return FakeRun(told[:200], error, hold=self.mood == "held")

    def call(self, request: Any) -> tuple[int, Future[Any]]:
        error = self._error()
        if error is None or not isinstance(request, (Draw, MeasureSignal)):
            if isinstance(request, Draw) and request.shape.count > 2**22:
                return self._answered(Refusal("It is too large for a monkey."))
            return super().call(request)
        return self._answered(error)

    def _answered(self, error: Exception) -> tuple[int, Future[Any]]:
        self.calls.append(error)
        answer: Future[Any] = Future()
        answer.set_exception(error)
        return len(self.calls), answer


def _of_a_trial(event: object) -> bool:
    return isinstance(event, EpochFinished | StepsFinished | TrialFinished)


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


def done(told: Sequence[Step], end: float = float("inf")) -> int:
    """Do the steps to a fresh app; how many were done.

    Raises:
        Broken: the app ended, met a bug, or doesn't answer.
    """
    with _fenced():
        return asyncio.run(_done(told, end))


async def _done(told: Sequence[Step], end: float) -> int:
    app = InittermApp(LyingEngine)
    count = 0
    try:
        async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
            while not app.query("#audit"):
                await pilot.pause(0.01)
            hands = Hands(app)
            for step in (*told, REST):
                if step == REST:
                    await _rest(app)
                    if app._exit or time.monotonic() > end:
                        break
                else:
                    hands.do(step)
                    count += 1
            app.engine and _let_runs_end(app)
    except Broken:
        raise
    except Exception as error:
        raise Broken(f"{type(error).__name__}: {error}") from error
    return count


async def _rest(app: InittermApp) -> None:
    """Let every widget look at what it was sent, then draw, and let them look at what follows from that."""
    await _idle(app)
    if not app._exit:
        app.screen._on_timer_update()
        await _idle(app)
    if app.bugs.errors:
        raise Broken(app.bugs.report)


async def _idle(app: InittermApp) -> None:
    """Let the loop go on until no widget has a message to look at."""
    began = time.monotonic()
    for _ in range(4):
        await asyncio.sleep(0)
    while any(node._message_queue.qsize() for node in (app, *app._registry) if node._running):
        if app._exit or app.bugs.errors:
            return
        if time.monotonic() - began > PATIENCE:
            raise Broken(f"The app doesn't come to rest within {PATIENCE:.0f} s.")
        await asyncio.sleep(0)


def _let_runs_end(app: InittermApp) -> None:
    for worker in app.workers:
        if (run := getattr(worker.node, "_run", None)) is not None:
            run.cancel()


class _fenced(ExitStack):  # noqa: N801 (used as a context manager only)
    """What the app would write goes to a folder that is gone afterwards; it is never suspended, nor ended by ``q``."""

    def __enter__(self) -> _fenced:
        super().__enter__()
        folder = self.enter_context(tempfile.TemporaryDirectory())
        before = Path.cwd()
        os.chdir(folder)
        self.callback(os.chdir, before)
        for name in ("user_log_dir", "user_state_dir", "user_config_dir", "user_data_dir", "user_cache_dir"):
            self.enter_context(mock.patch(f"platformdirs.{name}", return_value=folder))
        for name in ("action_quit", "action_interrupt", "action_suspend_process"):
            self.enter_context(mock.patch.object(InittermApp, name, return_value=None))
        return self
