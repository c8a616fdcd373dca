"""Opening the app: on a terminal that can show it, and leaving that terminal as it was."""

from __future__ import annotations

import gc
import os
import sys

from initterm.report.streams import INTERRUPTED, status_of
from initterm.theory.refusal import Refusal

COMMANDS = "initterm weights, train, signal or guide work without one; initterm --help lists them"


def launch(*, fresh: bool = False) -> int:
    """Run the app, as it was left or afresh.

    Its exit status: 0 after ``q``, 128 + n after signal n, 1 after a crash, 2 without a terminal.
    """
    if unusable := status_of(_check_terminal):
        return unusable
    gc.disable()  # nothing that is made while starting is garbage; the app enables it again
    try:
        return _run(fresh=fresh)
    except KeyboardInterrupt:  # before the app has taken the terminal, and with it the key
        return INTERRUPTED


def _run(*, fresh: bool) -> int:
    from initterm.tui.app import InittermApp
    from initterm.tui.driver import TerminalDriver, kept_terminal
    from initterm.tui.remembered import Memory

    with kept_terminal():
        app = InittermApp(memory=Memory(fresh=fresh, welcomes=True))
        app.driver_class = TerminalDriver
        try:
            app.run()
        finally:
            gc.freeze()  # the process ends, and with it all there is
            app.close_engine()
    return app.return_code or 0


def _check_terminal() -> int:
    """0 where the app can be shown.

    Raises:
        Refusal: it can't be.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Refusal(f"the app needs a terminal; {COMMANDS}.")
    if os.environ.get("TERM", "dumb") == "dumb":
        raise Refusal(f"the app needs a terminal that can move the cursor, and TERM is dumb; {COMMANDS}.")
    return 0
