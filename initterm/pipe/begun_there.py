"""What ``initterm --host`` has the Python of a box do first, for a command and for the app's engine.

Its text is sent as it stands here, since there may be no initterm there: it imports none before it knows.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

ENGINE = "engine"


def begin(host: str, version: str, protocol: str, folder: str, listens: str, *words: str) -> None:
    """Become the command of initterm that these words are, or what keeps the app's engine.

    Args:
        host: what the box is called by whoever asks.
        version: initterm's there, which has to be this one's.
        protocol: its number.
        folder: where the command runs, empty for the person's home.
        listens: ``yes`` where the command ends with the line, which then is its standard input; ``engine`` where there
            is none, and an engine is asked.
        words: the command.
    """
    try:
        import initterm
    except ImportError:
        _refuse(f"{host}: {sys.executable} has no initterm; {_installing(host, version)} installs it.")
    if why := _why_unlike(getattr(initterm, "__version__", ""), version, protocol):
        _refuse(f"{host}: {sys.executable} has {why}; {_installing(host, version)} mends that.")
    try:
        os.chdir(Path(folder or "~").expanduser())
    except (OSError, RuntimeError) as error:
        _refuse(f"{host}: {folder!r} can't be entered ({error}).")
    if listens == ENGINE:
        _refuse_without_libraries(host, version)
        runpy.run_module("initterm.pipe.box", run_name="__main__", alter_sys=True)
        return
    if listens == "yes":
        _end_with_the_line()
    sys.argv = ["initterm", *words]
    runpy.run_module("initterm", run_name="__main__", alter_sys=True)


def _why_unlike(found: str, version: str, protocol: str) -> str:
    if found != version:
        return f"initterm {found}, and this is {version}"
    try:
        from initterm.pipe.handshake import PROTOCOL
    except ImportError:
        return f"an older initterm {version} than this"
    return "" if str(PROTOCOL) == protocol else f"another initterm {version} than this"


def _refuse_without_libraries(host: str, version: str) -> None:
    from initterm.pipe.another_python import NEEDED

    if missing := next((name for name in NEEDED if find_spec(name) is None), ""):
        lacks = f"{sys.executable} lacks {missing}, which initterm needs"
        _refuse(f"{host}: {lacks}; {_installing(host, version)} installs it.")


def _installing(host: str, version: str) -> str:
    return f"ssh {host} {sys.executable} -m pip install initterm=={version}"


def _refuse(sentence: str) -> NoReturn:
    print(f"initterm: {sentence}", file=sys.stderr)
    raise SystemExit(2)


def _end_with_the_line() -> None:
    """Hang up on this process when its standard input ends, and have nobody else read that."""
    line = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)

    def listen() -> None:
        while os.read(line, 4096):
            continue
        os.kill(os.getpid(), signal.SIGHUP)

    threading.Thread(target=listen, daemon=True).start()


if __name__ == "__main__":
    begin(*sys.argv[1:])
