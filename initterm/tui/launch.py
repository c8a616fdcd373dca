"""Opening the app: on a terminal that can show it, and leaving that terminal as it was."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from initterm.report.streams import INTERRUPTED, status_of
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from initterm.pipe.client import Engine
    from initterm.pipe.state import EngineState

    OnState: TypeAlias = Callable[[EngineState], object]
    MakeEngine: TypeAlias = Callable[[OnState], Engine]

COMMANDS = "initterm weights, train, signal or guide work without one; initterm --help lists them"


def launch(*, fresh: bool = False, python: str = "", host: str = "", opens: str = "") -> int:
    """Run the app, as it was left or afresh, with the engine of another Python or machine where one is named.

    ``opens`` names a run that it shows first. Its exit status: 0 after ``q``, 128 + n after signal n, 1 after a crash,
    2 without a terminal, or such a run, Python or machine.
    """
    make_engine: MakeEngine | None = None

    def prepare() -> int:
        nonlocal make_engine
        _check_terminal()
        if opens and not host:
            _check_run(opens)
        make_engine = _engine_on(host, python) if host else _engines_of(python) if python else None
        return 0

    if unusable := status_of(prepare):
        return unusable
    gc.disable()  # nothing that is made while starting is garbage; the app enables it again
    try:
        return _run(make_engine, fresh=fresh, opens=opens)
    except KeyboardInterrupt:  # before the app has taken the terminal, and with it the key
        return INTERRUPTED


def _engines_of(python: str) -> MakeEngine | None:
    """Makes the app's engine in another Python; None where it is this one.

    Raises:
        Refusal: it can't be used.
    """
    from initterm.pipe.another_python import another_python

    other = another_python(python)
    if other is None:
        return None

    def made(on_state: OnState) -> Engine:
        from initterm.pipe.client import Engine
        from initterm.pipe.side import EngineSide

        return Engine(on_state, other.engine, other.name, EngineSide(other.options))

    return made


def _engine_on(host: str, python: str) -> MakeEngine:
    """Gives the app an engine on another machine, to which the line stands: by now ssh can ask no more.

    Raises:
        Refusal: it can't be reached, or hasn't got this initterm.
    """
    from initterm.pipe.another_host import Box
    from initterm.pipe.box.engine import EngineOnBox

    engine = EngineOnBox(lambda _: None, Box.parse(host, python))
    engine.open()

    def made(on_state: OnState) -> Engine:
        engine.listen(on_state)
        return engine

    return made


def _run(make_engine: MakeEngine | None, *, fresh: bool, opens: str) -> int:
    from initterm.tui.app import InittermApp
    from initterm.tui.driver import TerminalDriver, kept_terminal
    from initterm.tui.remembered import Memory

    with kept_terminal():
        app = InittermApp(make_engine, Memory(fresh=fresh, welcomes=True), opens)
        app.driver_class = TerminalDriver
        try:
            app.run()
        finally:
            gc.freeze()  # the process ends, and with it all there is
            app.close_engine()
    return app.return_code or 0


def _check_run(name: str) -> None:
    """Whether there is such a run on this machine.

    Raises:
        Refusal: there is none that can be read.
    """
    from initterm.store.runs import Runs

    Runs().named(name)


def _check_terminal() -> None:
    """Whether the app can be shown.

    Raises:
        Refusal: it can't be.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refusal(f"the app needs a terminal; {COMMANDS}.")
    if os.environ.get("TERM", "dumb") == "dumb":
        raise Refusal(f"the app needs a terminal that can move the cursor, and TERM is dumb; {COMMANDS}.")
