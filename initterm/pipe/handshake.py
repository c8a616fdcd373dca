"""Whether an engine is of this very initterm, and if not the command that mends it.

It is little, and imports little: another Python is asked by it what initterm it has.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import initterm
from initterm import __version__
from initterm.theory.refusal import shown

PROTOCOL = 1
"""To be raised when a message changes that travels between app and engine (``pipe/protocol.py``)."""

MISSING = re.compile(rb"No module named '?([\w.]+)")


def why_unlike(python: str, version: str, protocol: int) -> str:
    """Why an engine can't be spoken with, as a sentence with what mends it; empty where it can.

    Args:
        python: what it was started with.
        version: of its initterm; empty for one that is so old that it doesn't say.
        protocol: its ``PROTOCOL``.
    """
    if (version, protocol) == (__version__, PROTOCOL):
        return ""
    theirs = f"initterm {shown(version)}" if version else "an older initterm"
    if python == sys.executable:
        return f"There is {theirs} now, and this is {__version__}: quit, and start it again."
    if version == __version__:
        return f"{_named(python)} has another {theirs} than this; {installing(python)} mends that."
    return f"{_named(python)} has {theirs}, and this is {__version__}; {installing(python)} mends that."


def why_missing(python: str, said: bytes) -> str:
    """Why an engine ended before it said anything, as a sentence with what mends it; empty where that isn't known.

    Args:
        python: what it was started with.
        said: the last that it printed.
    """
    found = MISSING.findall(said)
    if not found:
        return ""
    module = shown(found[-1].decode(), 60)
    lacks = "has no initterm" if module.partition(".")[0] == "initterm" else f"lacks {module}, which initterm needs"
    return f"{_named(python)} {lacks}; {installing(python)} installs it."


def installing(python: str) -> str:
    """The command that installs this very initterm for another Python: from its sources where those are here."""
    sources = Path(initterm.__file__).resolve().parents[1]
    what = str(sources) if (sources / "pyproject.toml").is_file() else f"initterm=={__version__}"
    return shown(shlex.join((python, "-m", "pip", "install", what)), 400)


def _named(python: str) -> str:
    return shown(python, 200)
