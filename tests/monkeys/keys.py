"""A monkey at the app in memory: keys, mouse, pastes, sizes and a lying engine, thousands of steps a minute.

Nothing waits for timers: many events are posted at once, then the loop idles.
"""

from __future__ import annotations

import asyncio
import os
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

from initterm.tui.app import InittermApp
from tests.monkeys import planted_models
from tests.monkeys.fence import writing_only_in
from tests.monkeys.hands import Hands, Step
from tests.monkeys.hunting import Broken
from tests.monkeys.lying_engine import LyingEngine
from tests.monkeys.lying_sweep import LyingSweep

REST: Step = ("rest",)
"""The app gets to work, and draws; what is posted between two rests comes in one frame."""

RESTING = (0.03, 0.1, 0.4)
"""How often a rest follows a step, for a hasty monkey to a slow one."""

BETWEEN_DRAWINGS = 3600.0
"""Seconds; rests alone draw, so that the same steps do the same again."""

FRESH_AFTER = 2000
"""So many steps an app lives."""

PATIENCE, STARVED = 30.0, 10
"""Seconds of a processor that the app may work without a rest, and how many times as long by the clock at most."""

LETTERS = "123456PR?/sdnpcorefmwvxygtabijklXYSAM<>+-= ()[]{}'\",.@*"
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
    *planted_models.CONTENDERS,
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
    weights, resting = [weight for weight, _ in GESTURES], chance.choice(RESTING)
    drawn = (draw(chance) for _, draw in chance.choices(GESTURES, weights, k=count))
    return [step for one in drawn for step in ((one, REST) if chance.random() < resting else (one,))]


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
    (1, lambda chance: ("resize", *chance.choice(SIZES))),
    (0.3, lambda chance: ("resize", chance.randint(1, 300), chance.randint(1, 100))),
    (2, lambda chance: ("state", chance.choice(KINDS), chance.choice(("ready · CPU ×2", "[b] it ended [/]", "")))),
    (2, _of("engine", "plain", "reversed", "repeated", "holes", "refused", "lost", "broken", "held", "silent")),
    (1, _of("send", "explore", "train", "signal", "experiment", "chain", "activity", "model", "own")),
    (2, lambda chance: ("row", chance.choice((0, 2, 2)), chance.choice(planted_models.MODELS))),
    (2, lambda chance: ("row", chance.randrange(20), chance.choice(planted_models.EXAMPLES + planted_models.OTHERS))),
    (1, _of("stale", "train", "audit", "papers")),
    (0.1, _of("paste_much", "x", "[b]", "\n", "漢")),
)


def done(told: Sequence[Step], end: float = float("inf")) -> int:
    """Do the steps to a fresh app; how many were done.

    Raises:
        Broken: the app ended, met a bug, or doesn't answer.
    """
    loop = asyncio.new_event_loop()  # asyncio.run would wait for what doesn't end
    try:
        with _fenced():
            return loop.run_until_complete(_watched(told, end))
    finally:
        _cancel_all(loop)
        loop.close()


def _cancel_all(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what still goes on, so that nothing of it is left as garbage to tests that come after; not for long."""
    if tasks := asyncio.all_tasks(loop):
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.wait(tasks, timeout=PATIENCE))


class Moment:
    """When something began, by the clock and by what the process has worked: one that isn't let work isn't stuck."""

    def __init__(self) -> None:
        self._clock, self._worked = time.monotonic(), time.process_time()

    def is_past(self, seconds: float) -> bool:
        """Whether so many seconds were worked since, or many times as many have gone by."""
        return time.process_time() - self._worked > seconds or time.monotonic() - self._clock > STARVED * seconds


async def _watched(told: Sequence[Step], end: float) -> int:
    """Do the steps, unless the app has neither rested nor ended for a while."""
    rested = [Moment()]
    doing = asyncio.create_task(_done(told, end, rested))
    while not (await asyncio.wait({doing}, timeout=PATIENCE / 10))[0]:
        if rested[-1].is_past(2 * PATIENCE):
            raise Broken("The app neither rests nor ends.")
    await asyncio.get_running_loop().shutdown_default_executor()
    return doing.result()


async def _done(told: Sequence[Step], end: float, rested: list[Moment]) -> int:
    app = InittermApp(LyingEngine)
    count = 0
    try:
        async with app.run_test(notifications=True, tooltips=True):
            while not app.query("#audit"):
                await _rest(app)
            hands = Hands(app)
            for step in (*told, REST):
                if step == REST:
                    await _rest(app)
                    rested[0] = Moment()
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
    began = Moment()
    for _ in range(4):
        await asyncio.sleep(0)
    while any(node._message_queue.qsize() for node in (app, *app._registry) if node._running):
        if app._exit or app.bugs.errors:
            return
        if began.is_past(PATIENCE):
            raise Broken(f"The app doesn't come to rest within {PATIENCE:.0f} s.")
        # Where all wait for a thread, such as that which imports what panes need, the interpreter is left to it.
        await asyncio.sleep(0 if asyncio.get_running_loop()._ready else 0.001)


def _let_runs_end(app: InittermApp) -> None:
    for worker in app.workers:
        if (run := getattr(worker.node, "_run", None)) is not None:
            run.cancel()


class _fenced(ExitStack):  # noqa: N801 (used as a context manager only)
    """What the app would write goes to a folder that is gone afterwards; it is never suspended, nor ended by ``q``."""

    def __enter__(self) -> _fenced:
        super().__enter__()
        folder = self.enter_context(tempfile.TemporaryDirectory())
        self.enter_context(mock.patch.dict(os.environ, MPLCONFIGDIR=folder, INITTERM_TRIAL_SECONDS="0"))
        self.enter_context(writing_only_in(Path(folder)))
        before = Path.cwd()
        os.chdir(folder)
        self.callback(os.chdir, before)
        for name in ("user_log_dir", "user_state_dir", "user_config_dir", "user_data_dir", "user_cache_dir"):
            self.enter_context(mock.patch(f"platformdirs.{name}", return_value=folder))
        self.enter_context(mock.patch("initterm.tui.sweep.pane.SweepRun", LyingSweep))
        self.enter_context(mock.patch("textual.screen.UPDATE_PERIOD", BETWEEN_DRAWINGS))
        for name in ("action_quit", "action_interrupt", "action_suspend_process"):
            self.enter_context(mock.patch.object(InittermApp, name, return_value=None))
        return self
