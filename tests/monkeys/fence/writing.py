"""What of Python's audit events would change a file outside of a folder: for fenced processes, and for this one."""

import os

DEVICES = ("/dev/", "/proc/self/")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CHANGES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir")
"""Events whose last value is the descriptor of a folder that the name is looked for in, -1 for none."""


def refuse_outside(folder, event, told):
    """Refuse what changes a file outside of the folder, as a full or read-only disk does.

    Raises:
        PermissionError: it does.
    """
    writes = event == "open" and isinstance(told[2], int) and told[2] & WRITES
    changes = event in CHANGES and told[-1] == -1
    if (writes or changes) and not _is_within(folder, told[0]):
        raise PermissionError(13, "outside of the fence", told[0])


def _is_within(folder, path):
    if not isinstance(path, (str, bytes)):
        return True  # a descriptor, which was opened before
    real = os.path.realpath(os.fsdecode(path))
    return real.startswith((os.path.realpath(folder) + os.sep, *DEVICES)) or "__pycache__" in real
