"""Model files that are changed in every way are audited, or refused with a sentence; nothing else happens.

``python -m tests.monkeys.model_files`` writes the good files into the current folder and audits those that are named on
its standard input, one after another in one process, which is quicker than a process for each. What goes wrong there
only counts if it does in the audit as people run it.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from initterm.theory.refusal import Refusal
from tests.monkeys import fence
from tests.monkeys.hunting import Broken, Steps
from tests.monkeys.mutations import write, write_good

SCREEN = (sys.executable, "-m", "tests.monkeys.model_files")
SCREENED_SECONDS, SCREENED_BYTES = 10.0, 2 * 2**30
"""What a file may take before it is given to an audit in a process of its own, which is bounded."""

ALLOWED = 10
SECONDS = 120.0
"""What an audit is allowed to take, and what the whole command may take with that."""

LONGEST = 700
"""Characters of a sentence; most of them may be the path's."""


class Screen:
    """A process that audits file after file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def bears(self, path: Path) -> bool:
        """Whether the file is audited or refused well; the process is another one after a file that isn't."""
        process = self.running()
        assert process.stdin is not None
        assert process.stdout is not None
        print(path, file=process.stdin, flush=True)
        end, watched = time.monotonic() + SCREENED_SECONDS, psutil.Process(process.pid)
        while time.monotonic() < end and self._memory(watched) < SCREENED_BYTES:
            if select.select([process.stdout], [], [], 0.05)[0]:
                if process.stdout.readline() == "borne\n":
                    return True
                break
        self.close()
        return False

    def close(self) -> None:
        """End the process, where there is one."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def running(self) -> subprocess.Popen[str]:
        """The process, started where there is none; it has written the good files."""
        if self._process is None:
            environment = fence.environment(self._folder)
            self._process = subprocess.Popen(
                SCREEN, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                env=environment, cwd=self._folder,
            )  # fmt: skip
            assert self._process.stdout is not None
            self._process.stdout.readline()
        return self._process

    @staticmethod
    def _memory(process: psutil.Process) -> int:
        with contextlib.suppress(psutil.Error):
            return int(process.memory_info().rss)
        return 0


class Cage:
    """A folder with good files and with a process that screens changed ones; close it in the end."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self.folder = self._stack.enter_context(fence.fenced())
        self.screen = Screen(self.folder)
        self._stack.callback(self.screen.close)
        self.screen.running()

    def close(self) -> None:
        """End what runs, and remove the folder."""
        self._stack.close()


@functools.cache
def _cage() -> Cage:
    import atexit

    cage = Cage()
    atexit.register(cage.close)
    return cage


def done(steps: Steps, until: float) -> int:
    """Change the good file so, and audit it; how many steps were done.

    Raises:
        Broken: it is neither audited nor refused with a sentence, or something else happens.
    """
    if not steps or time.monotonic() > until:
        return 0
    cage = _cage()
    path = cage.folder / f"changed{steps[0][0]}"
    write(cage.folder, steps, path)
    try:
        if not cage.screen.bears(path):
            _judge_command(cage, path)
        if tried := fence.tried(cage.folder):
            raise Broken(f"Auditing it tried {tried}")
    finally:
        if path.is_dir() and not path.is_symlink():
            path.rmdir()
        path.unlink(missing_ok=True)
        (cage.folder / "tried").unlink(missing_ok=True)
    return len(steps)


def _judge_command(cage: Cage, path: Path) -> None:
    """Audit the file by the command, as a person does, and judge what it says and leaves."""
    before, held = set(cage.folder.rglob("tmp/*")), fence.processes(cage.folder)
    command = [sys.executable, "-m", "initterm", "audit", str(path), "--json", "--max-seconds", str(ALLOWED)]
    try:
        ended = subprocess.run(
            command, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL, cwd=cage.folder,
            env=fence.environment(cage.folder), text=True, errors="replace",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Broken(f"Auditing it doesn't end within {SECONDS:.0f} s.") from None
    if ended.returncode == 2:
        if problem := _problem_of_sentence(ended.stderr.removeprefix("initterm: ").removesuffix("\n")):
            raise Broken(f"It is refused with {problem}")
    elif ended.returncode in (0, 1):
        _parsed(ended.stdout)
    else:
        raise Broken(f"It ended with status {ended.returncode}:\n{ended.stderr[-2000:]}")
    if left := [
        one for one in fence.left_behind(cage.folder, patience=0) if len(fence.processes(cage.folder)) > len(held)
    ]:
        raise Broken(f"It left {', '.join(left)} behind.")
    if files := set(cage.folder.rglob("tmp/*")) - before:
        raise Broken(f"It left {', '.join(map(str, files))} behind.")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except ValueError as error:
        raise Broken(f"It prints no JSON: {error}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _problem_of_sentence(text: str) -> str:
    """What is wrong with a refusal; empty where it is one printable line that ends as a sentence."""
    if text.isprintable() and text.endswith(".") and 10 < len(text) < LONGEST and "Traceback" not in text:
        return ""
    return f"no sentence: {text[-2000:]!r}"


def audit(path: str) -> None:
    """Audit a file in this process, and make what is printed of it.

    Raises:
        Broken: it is refused without a sentence, or its result can't be printed.
    """
    from rich.console import Console

    from initterm.engine.proof.order import audit_of
    from initterm.experiments.audit.board import AuditBoard
    from initterm.experiments.audit.choice import ModelChoice
    from initterm.report.audit.results import audit_json, audit_tables
    from initterm.report.files import json_text

    try:
        board = functools.reduce(AuditBoard.after, audit_of(ModelChoice(path)), AuditBoard(path))
    except Refusal as refusal:
        if problem := _problem_of_sentence(str(refusal)):
            raise Broken(problem) from None
        return
    _parsed(json_text(audit_json(board)))
    for part in audit_tables(board):
        Console(file=io.StringIO()).print(part)


def main() -> None:
    """Audit each file that is named, and say whether it was borne."""
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    from initterm.engine.runtime import keras

    if not Path("good.h5").exists():
        write_good(Path.cwd())
    print("ready", file=told, flush=True)
    for line in sys.stdin:
        try:
            audit(line.rstrip("\n"))
            print("borne", file=told, flush=True)
        except BaseException as error:
            print(f"not borne: {error!r}"[:200].replace("\n", " "), file=told, flush=True)
        keras.utils.clear_session()


if __name__ == "__main__":
    main()
