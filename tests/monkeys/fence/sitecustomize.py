"""Python runs this in every process that a monkey starts: it may write in the monkey's folder and nowhere else.

What is tried against that is refused as a full or read-only disk refuses it, and noted in the folder's file ``tried``.
"""

import os
import sys
from pathlib import Path

FOLDER = os.environ["INITTERM_FENCE"]
TRIED = Path(FOLDER, "tried")
DEVICES = ("/dev/", "/proc/self/")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir")
"""Events whose last value is the descriptor of a folder that the name is looked for in, -1 for none."""

NEVER = ("os.system", "os.exec", "pickle.find_class", "socket.connect", "urllib.Request", "webbrowser.open")
"""Events of Python's that no work of initterm's on files and words has."""


def _is_within(path):
    if not isinstance(path, (str, bytes)):
        return True  # a descriptor, which was opened before
    real = os.path.realpath(os.fsdecode(path))
    return real.startswith((os.path.realpath(FOLDER) + os.sep, *DEVICES)) or "__pycache__" in real


def _note(event, told):
    with TRIED.open("a") as notes:
        notes.write(f"{event} {told!r}\n"[:500])


def _watch(event, told):
    if event == "open" and isinstance(told[2], int) and told[2] & WRITES and not _is_within(told[0]):
        raise PermissionError(13, "outside of the fence", told[0])
    if event in CHANGES and told[-1] == -1 and not _is_within(told[0]):
        raise PermissionError(13, "outside of the fence", told[0])
    if event in NEVER:
        _note(event, told)


sys.addaudithook(_watch)
