"""Another machine, which the person's own ssh reaches: its keys, agent, jump hosts, passwords; commands run there."""

from __future__ import annotations

import base64
import contextlib
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from initterm import __version__
from initterm.pipe import another_python
from initterm.pipe.another_python import OLDEST
from initterm.pipe.begun_there import ENGINE
from initterm.pipe.handshake import PROTOCOL
from initterm.theory.refusal import Refusal, shown

OPTION = "--host"

SSH = ("ssh", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4")
"""A line that is dead ends."""

NAMED = re.compile(r"(?P<host>(?:[^\s:@\[\]]+@)?(?:[^\s:@\[\]]+|\[[0-9A-Fa-f:.%\w]+\]))(?::(?P<folder>.*))?")

PYTHON = "python3"

FAILED, NOT_STARTED = 255, (126, 127)
"""What ssh ends with that has failed itself, and a shell that can't start a program, or knows none of that name."""

BEGINNING = (
    "import base64,sys;"
    "sys.version_info[:2]<{oldest} and (sys.stderr.write(sys.argv[2]+chr(10)),sys.exit(2));"
    "code=base64.b64decode(sys.argv[1]);"
    "del sys.argv[1:3];"
    "exec(code)"
)
"""Is quoted alike by every shell, and understood by any Python."""


class Box(NamedTuple):
    """Another machine, as ssh knows it, a folder there, empty for the person's home, and the Python there."""

    host: str
    folder: str = ""
    python: str = PYTHON

    @classmethod
    def parse(cls, text: str, python: str = "") -> Box:
        """Read ``box``, ``me@box`` or ``me@box:folder``.

        >>> Box.parse("me@box:code/nets", "gpu/bin/python")
        Box(host='me@box', folder='code/nets', python='gpu/bin/python')

        Raises:
            Refusal: it is something else.
        """
        named = NAMED.fullmatch(text)
        folder = (named["folder"] if named else "") or ""
        if not named or text.startswith("-") or not (text + python).isprintable() or python.startswith("-"):
            raise Refusal(f"No machine is called '{shown(text)}'; write user@box, or user@box:folder.")
        return cls(named["host"].replace("[", "").replace("]", ""), folder, python or PYTHON)

    def run(self, words: Sequence[str]) -> int:
        """Run a command of initterm there, with its output here; its exit status.

        Where all of this is a terminal the command has one too; else it ends with the line.

        Raises:
            Refusal: it can't be reached, or has no such Python; ssh says why on standard error.
        """
        on_terminal = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
        there = self.command(words, listens="no" if on_terminal else "yes")
        command = (*SSH, "-t" if on_terminal else "-T", "--", self.host, there)
        try:
            ssh = subprocess.Popen(command, stdin=None if on_terminal else subprocess.PIPE)
        except OSError as error:
            raise Refusal(f"ssh can't be started ({error.strerror}).") from None
        with _handed_on(ssh):
            status = ssh.wait()
        if why := self.why_failed(status):
            raise Refusal(why)
        return status if status >= 0 else 128 - status

    @property
    def engine(self) -> str:
        """What the box's shell is told that shall keep the app's engine."""
        return self.command((), listens=ENGINE)

    @property
    def options(self) -> tuple[str, ...]:
        """What names it, and the Python there, before a command."""
        user, at, name = self.host.rpartition("@")
        named = f"{user}{at}[{name}]" if ":" in name else self.host
        python = () if self.python == PYTHON else (another_python.OPTION, self.python)
        return OPTION, f"{named}:{self.folder}" if self.folder else named, *python

    def command(self, words: Sequence[str], *, listens: str) -> str:
        """What the box's shell is told; ``listens`` is as in ``begun_there``."""
        needed = ".".join(map(str, OLDEST))
        sentence = f"initterm: {self.host}: {self.python} is too old; initterm needs Python {needed} or later."
        code = base64.b64encode(Path(__file__).with_name("begun_there.py").read_bytes()).decode()
        asked = (self.host, __version__, str(PROTOCOL), self.folder, listens, *words)
        home, python = ("~/", self.python[2:]) if self.python.startswith("~/") else ("", self.python)
        beginning = BEGINNING.format(oldest=str(OLDEST).replace(" ", ""))
        return f"{home}{shlex.quote(python)} {shlex.join(('-c', beginning, code, sentence, *asked))}"

    def why_failed(self, status: int) -> str:
        """Why ssh ended so, as a sentence; empty where it ended as what it ran."""
        if status == FAILED:
            return f"{self.host} can't be reached, or the line to it was lost; what ssh says stands above."
        if status in NOT_STARTED:
            ways = "--python names the one of its environment there, such as gpu/bin/python."
            return f"{self.host} has no {shown(self.python)} that can be started; {ways}"
        return ""


@contextlib.contextmanager
def _handed_on(ssh: subprocess.Popen[bytes]) -> Iterator[None]:
    """Hand on signals that would end this process; its end hangs up."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, lambda number, _: ssh.send_signal(number)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
        if ssh.stdin:
            with contextlib.suppress(OSError):
                ssh.stdin.close()
