"""Where runs are kept, and what is wanted of keeping them."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import platformdirs

from initterm.store.files import read_or, replace
from initterm.theory.refusal import Refusal

VARIABLE = "INITTERM_RUNS"
"""The environment variable that moves the folder of runs."""

LIMIT = 2 * 2**30
"""Bytes that all runs take together, unless asked."""

SETTINGS = "settings.json"
LARGEST_SETTINGS = 2**16


def runs_folder() -> Path:
    """The folder of runs: what the environment names, else one in the user's data folder. It may not be there yet."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("initterm")) / "runs"


def keeps_runs() -> bool:
    """Whether the person's runs are kept, unless something else is said."""
    return Keeping.of(runs_folder()).keeps


class Keeping(msgspec.Struct, frozen=True):
    """Whether runs are kept, and how many bytes they may take together.

    Raises:
        ValueError: less than nothing.
    """

    keeps: bool = True
    limit: int = LIMIT

    def __post_init__(self) -> None:
        if self.limit < 0:
            raise Refusal("Runs can't take less than nothing.")

    @classmethod
    def of(cls, folder: Path) -> Keeping:
        """What is wanted for this folder of runs; the defaults where nothing is said, or nothing readable."""
        return read_or(cls(), folder / SETTINGS, LARGEST_SETTINGS)

    def write(self, folder: Path) -> None:
        """Want it from now on.

        Raises:
            Refusal: the folder can't be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            replace(folder / SETTINGS, msgspec.json.encode(self))
        except OSError as error:
            raise Refusal(f"{folder} can't be written ({error.strerror}); {VARIABLE} names another folder.") from None
