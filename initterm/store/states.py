"""Where trials stand, on disk, so that a run that was interrupted goes on from there."""

from __future__ import annotations

import contextlib
import io
import os
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from initterm.store.files import open_plain, replace

SHARE = 0.01
"""The most of a run's time that writing states takes."""

EPOCH = "epoch"


class FileStates:
    """A file for each trial, written as often as it costs little: what was trained since is trained again.

    Args:
        folder: where they lie; made when there is one.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._begun = time.monotonic()
        self._spent = 0.0

    def save(self, trial: int, epoch: int, state: Sequence[NDArray[np.generic]], *, last: bool = False) -> None:
        """Keep where a trial stands after an epoch, if that is worth its time now; always after the last epoch.

        Raises:
            OSError: the disk refuses.
        """
        began = time.monotonic()
        if not last and self._spent > SHARE * (began - self._begun):
            return
        if self._folder.is_symlink():
            raise OSError(0, "it is a link", str(self._folder))
        self._folder.mkdir(exist_ok=True)
        content = io.BytesIO()
        arrays = {str(index): array for index, array in enumerate(state)}
        np.savez(content, **{EPOCH: np.int64(epoch)}, **arrays)  # type: ignore[arg-type]
        replace(self._path(trial), content.getvalue(), durable=False)
        self._spent += time.monotonic() - began

    def load(self, trial: int) -> tuple[int, tuple[NDArray[np.generic], ...]] | None:
        """The epoch after which a trial was kept, and its state; None where there is none that can be read."""
        try:
            with os.fdopen(open_plain(self._path(trial)), "rb") as file, np.load(file, allow_pickle=False) as arrays:
                count = len(arrays.files) - 1
                return int(arrays[EPOCH]), tuple(arrays[str(index)] for index in range(count))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None

    def drop(self, trial: int) -> None:
        """Forget it."""
        with contextlib.suppress(OSError):
            self._path(trial).unlink()

    def _path(self, trial: int) -> Path:
        return self._folder / f"trial-{trial}.npz"
