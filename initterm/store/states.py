"""Where trials stand, on disk, so that a run that was interrupted goes on from there."""

from __future__ import annotations

import contextlib
import io
import os
import time
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from initterm.store.files import open_plain, replace

SHARE = 0.005
"""The most of a run's time that writing states takes."""

EPOCH = "epoch"

OF_ZIPS = (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError)
"""What a zip file raises that is damaged or made in another way."""


class FileStates:
    """A file for each trial, written as often as it costs little: what was trained since is trained again.

    Args:
        folder: where they lie; made when there is one.
        epochs: after so many a trial is over; where it stands then is always kept, so that it can be given more.
    """

    def __init__(self, folder: Path, epochs: int) -> None:
        self._folder = folder
        self._epochs = epochs
        self._begun = time.monotonic()
        self._spent = 0.0

    def save(self, trial: int, epoch: int, state: Sequence[NDArray[Any]]) -> None:
        """Keep where a trial stands after an epoch, if that is worth its time now, and the disk takes it."""
        began = time.monotonic()
        if epoch < self._epochs and self._spent > SHARE * (began - self._begun):
            return
        content = io.BytesIO()
        arrays = {str(index): array for index, array in enumerate(state)} | {EPOCH: np.array(epoch)}
        np.savez(content, **arrays)  # type: ignore[arg-type]
        with contextlib.suppress(OSError):
            if self._folder.is_symlink():  # which may lead anywhere
                return
            self._folder.mkdir(exist_ok=True)
            replace(self._path(trial), content.getvalue(), durable=False)
        self._spent += time.monotonic() - began

    def load(self, trial: int) -> tuple[int, tuple[NDArray[Any], ...]] | None:
        """The epoch after which a trial was kept, and its state; None where there is none that can be read."""
        try:
            with os.fdopen(open_plain(self._path(trial)), "rb") as file:
                return _read(file)
        except (OSError, ValueError, LookupError, EOFError, MemoryError, TypeError, AttributeError, *OF_ZIPS):
            return None

    def drop(self, trial: int) -> None:
        """Forget it."""
        with contextlib.suppress(OSError):
            self._path(trial).unlink()

    def _path(self, trial: int) -> Path:
        return self._folder / f"trial-{trial}.npz"


def _read(file: BinaryIO) -> tuple[int, tuple[NDArray[Any], ...]]:
    """The epoch and the arrays of a state, which is as large as its file: it is written without being packed.

    Raises:
        ValueError: it is packed, so that it may be of any size; numpy and zipfile raise others for what is damaged.
    """
    with zipfile.ZipFile(file) as parts:
        if any(part.compress_type != zipfile.ZIP_STORED for part in parts.infolist()):
            raise ValueError("a state is not packed")
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        count = len(arrays.files) - 1
        return int(arrays[EPOCH]), tuple(arrays[str(index)] for index in range(count))
