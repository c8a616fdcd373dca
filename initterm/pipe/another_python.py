"""The Python of another environment of this machine, which engine processes are started with."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from initterm.pipe.handshake import why_missing, why_unlike
from initterm.theory.refusal import Refusal, shown

OPTION = "--python"

OLDEST = (3, 11)

NEEDED = ("tensorflow", "msgspec", "numpy", "scipy", "sklearn", "psutil", "platformdirs", "click", "rich")
"""What an engine, or a command, can't be without."""

PROBE = """
import json, sys
from importlib.util import find_spec
said = {"python": sys.version_info[:2], "initterm": "", "protocol": 0, "missing": ""}
try:
    import initterm
    said["initterm"] = initterm.__version__
    from initterm.pipe import handshake
    said["protocol"] = handshake.PROTOCOL
except (ImportError, AttributeError, SyntaxError):
    pass
said["missing"] = next((name for name in sys.argv[1:] if find_spec(name) is None), "")
print()
print(json.dumps(said))
"""
"""Asks a Python of any age what it has."""

PROBE_SECONDS = 60.0


class AnotherPython(NamedTuple):
    """A Python that has this very initterm; ``path`` is absolute, and a link as it is named."""

    path: str

    @property
    def engine(self) -> tuple[str, ...]:
        """What starts an engine process."""
        return self.path, "-m", "initterm.pipe"

    @property
    def options(self) -> tuple[str, ...]:
        """What names it before a command."""
        return OPTION, self.path

    @property
    def name(self) -> str:
        """Its environment's folder, or where it has none itself; ``~`` is the person's home."""
        path = Path(self.path)
        folder = path.parent.parent
        is_environment = (folder / "pyvenv.cfg").is_file() or (folder / "conda-meta").is_dir()
        named, home = folder if is_environment else path, Path.home()
        return f"~/{named.relative_to(home)}" if named.is_relative_to(home) and named != home else str(named)

    def run(self, words: Sequence[str]) -> NoReturn:
        """Become the command of initterm that these words are, there: with its streams, signals and exit status.

        Raises:
            Refusal: it can't be started.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        try:
            os.execv(self.path, (self.path, "-m", "initterm", *words))
        except OSError as error:
            raise Refusal(f"{self.path} can't be started ({error.strerror}).") from None


def split(words: Sequence[str], options: Sequence[str] = (OPTION,)) -> tuple[list[str], list[str]]:
    """What options stand before a command, each with its value, empty for none, and the words without them.

    >>> split(["--fresh", "--python", "~/gpu", "train", "--python"])
    (['~/gpu'], ['--fresh', 'train', '--python'])
    """
    values, others = dict.fromkeys(options, ""), [*words]
    at = 0
    while at < len(others) and others[at].startswith("-"):
        option, equals, value = others[at].partition("=")
        if option not in values or not (equals or others[at + 1 :]):
            at += 1
            continue
        values[option] = value if equals else others[at + 1]
        del others[at : at + (1 if equals else 2)]
    return [*values.values()], others


def another_python(text: str) -> AnotherPython | None:
    """The Python that a person names by its path, its name or its environment's folder; None where it is this one.

    Raises:
        Refusal: there is none, or it hasn't this very initterm; with the command that mends it.
    """
    path = _path(text)
    if path == sys.executable:
        return None
    said = _said_by(path)
    if why := _why_not(path, said):
        raise Refusal(why)
    return AnotherPython(path)


class _Said(NamedTuple):
    """What a Python says of itself: its version, initterm's, empty for none, and which of ``NEEDED`` it lacks."""

    python: tuple[int, ...]
    initterm: str
    protocol: int
    missing: str


def _why_not(path: str, said: _Said) -> str:
    if not said.initterm and said.python < OLDEST:
        version, needed = (".".join(map(str, numbers)) for numbers in (said.python, OLDEST))
        return f"{shown(path, 200)} is Python {version}; initterm needs {needed} or later."
    if not said.initterm:
        return why_missing(path, b"No module named initterm")
    missing = why_missing(path, f"No module named {said.missing}".encode()) if said.missing else ""
    return why_unlike(path, said.initterm, said.protocol) or missing


def _path(text: str) -> str:
    """The absolute path, links in it as they are: by one an environment is known."""
    path = Path(text).expanduser()
    if path.is_dir():
        path = path / "bin" / "python"
    elif os.sep not in text:
        path = Path(shutil.which(text) or path)
    if not path.is_file():
        raise Refusal(f"There is no Python at {shown(path, 200)}; give an environment's folder, or the Python in it.")
    return str(path.absolute())


def _said_by(path: str) -> _Said:
    try:
        answer = subprocess.run(
            (path, "-c", PROBE, *NEEDED),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
        )
        said = json.loads(answer.stdout.splitlines()[-1])
        version = tuple(map(int, said["python"]))
        return _Said(version, str(said["initterm"]), int(said["protocol"]), str(said["missing"]))
    except subprocess.TimeoutExpired:
        raise Refusal(f"{shown(path, 200)} gives no answer.") from None
    except OSError as error:
        raise Refusal(f"{shown(path, 200)} can't be started ({error.strerror}).") from None
    except (ValueError, IndexError, KeyError, TypeError):
        raise Refusal(f"{shown(path, 200)} is no Python that works.") from None
