"""Python runs this in every process that a monkey starts: it may write in the monkey's folder and nowhere else.

What is tried that never should be is noted in the folder's file ``tried``.
"""

import os
import sys
from pathlib import Path

from writing import refuse_outside

FOLDER = os.environ["INITTERM_FENCE"]
TRIED = Path(FOLDER, "tried")
NEVER = ("os.system", "os.exec", "pickle.find_class", "socket.connect", "urllib.Request", "webbrowser.open")
"""Events of Python's that no work of initterm's on files and words has."""


def _note(event, told):
    with TRIED.open("a") as notes:
        notes.write(f"{event} {told!r}\n"[:500])


def _watch(event, told):
    refuse_outside(FOLDER, event, told)
    if event in NEVER:
        _note(event, told)


sys.addaudithook(_watch)
