"""Opening the app: on a terminal that can show it, and leaving that terminal as it was."""

from __future__ import annotations

import gc
import os
import sys

UNUSABLE = 2
COMMANDS = "initterm weights, train, signal or guide work without one; initterm --help lists them"


def launch() -> int:
    """Run the app; its exit status: 0 after ``q``, 128 + n after signal n, 1 after a crash, 2 without a terminal."""
    if problem := _terminal_problem():
        print(f"initterm: {problem}", file=sys.stderr)
        return UNUSABLE
    gc.disable()  # nothing that is made while starting is garbage; the app enables it again
    from initterm.tui.app import InittermApp

    app = InittermApp()
    try:
        app.run()
    finally:
        app.close_engine()
    return app.return_code or 0


def _terminal_problem() -> str:
    """Why the app can't be shown here; empty where it can."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return f"the app needs a terminal; {COMMANDS}."
    if os.environ.get("TERM", "dumb") == "dumb":
        return f"the app needs a terminal that can move the cursor, and TERM is dumb; {COMMANDS}."
    return ""
