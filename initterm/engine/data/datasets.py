"""The images: MNIST from a file, Keras's cache or its download, else scikit-learn's embedded digits."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from initterm.engine.data.download import URL, DownloadFailed, download
from initterm.experiments.message import DataReceived
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal

Bytes = NDArray[np.uint8]

NPZ_KEYS = ("x_train", "y_train", "x_test", "y_test")
IDX_NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
IMAGE_SIZE = 28
CLASSES = 10
DIGITS_FOR_TRAINING = 1437
LABEL_OF_THE_FIRST, PIXEL_SUM_OF_THE_FIRST = 5, 27_525
"""What MNIST's first training image is known by; a file that begins otherwise goes by its own name."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with labels: ``x`` (n, 28, 28) and ``y`` (n,), both uint8; labels from 0 to 9.

    ``note`` says what a person should know about the data, such as that it is not MNIST and why; else empty.
    """

    name: str
    x_train: Bytes
    y_train: Bytes
    x_test: Bytes
    y_test: Bytes
    note: str = ""

    @cached_property
    def fingerprint(self) -> str:
        """BLAKE2b, 128 bits as hexadecimal digits, of all images and labels; equal where they are."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (self.x_train, self.y_train, self.x_test, self.y_test):
            digest.update(f"{part.shape} ".encode())
            digest.update(np.ascontiguousarray(part).data)
        return digest.hexdigest()


def load(source: str) -> Generator[DataReceived, None, Dataset]:
    """Find the images; yields the progress of a download, and returns the ``Dataset``.

    Args:
        source: ``auto``, ``mnist``, ``digits``, or the path of an ``.npz`` file with Keras's keys or of a folder with
            the four IDX files. ``auto`` takes, in this order, the file that INITTERM_MNIST names, Keras's cache,
            Keras's download, the embedded digits; ``mnist`` the same without the digits.

    Raises:
        Refusal: a file that was named can't be used, or ``mnist`` is nowhere to be had.
    """
    if source == "digits":
        return embedded_digits("The digits were asked for by name.")
    if source not in ("auto", "mnist"):
        return read(source)
    if named := os.environ.get("INITTERM_MNIST"):
        return read(named)
    cached = keras_cache()
    with suppress(Refusal):  # where the cache is empty or broken, the download fills it
        return read(cached)
    try:
        yield from download(URL, cached)
        return read(cached)
    except DownloadFailed as failure:
        if source == "mnist":
            raise Refusal(f"MNIST can't be had: {failure} {INSTEAD}") from None
        return embedded_digits(f"MNIST can't be had: {failure}")


INSTEAD = "Give a file with --data mnist.npz, or take the embedded digits with --data digits."


def keras_cache() -> Path:
    """Where ``keras.datasets.mnist`` keeps its file."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "datasets" / "mnist.npz"


def read(source: str | Path) -> Dataset:
    """Read an ``.npz`` file with Keras's keys, or a folder with the four IDX files as torchvision leaves them.

    Raises:
        Refusal: it is missing, cut off, pickled, or holds something else than 28x28 images of ten classes.
    """
    path = Path(source)
    try:
        path = path.expanduser()
        arrays = _read_idx(path) if path.is_dir() else _read_npz(path)
    except Refusal:
        raise
    except Exception as error:  # whatever a foreign file does to those who parse it, it can't be used
        raise Refusal(_unreadable(path, error)) from None
    return _checked(path, *arrays)


def _unreadable(path: Path, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"There is no file {path}; give an .npz file with Keras's keys or a folder with IDX files."
    if isinstance(error, PermissionError):
        return f"{path} can't be read: permission denied."
    if "pickle" in str(error).lower():
        return f"{path} holds pickled data, which could run code and is not read; save plain uint8 arrays."
    return f"{path} is cut off or is not such a file; a whole mnist.npz has the keys {', '.join(NPZ_KEYS)}."


def _read_npz(path: Path) -> tuple[NDArray[np.generic], ...]:
    with path.open("rb") as stream:
        file = np.load(stream, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise Refusal(f"{path} is a single array; an .npz file with the keys {', '.join(NPZ_KEYS)} is needed.")
        if missing := [key for key in NPZ_KEYS if key not in file.files]:
            raise Refusal(f"{path} has no {missing[0]}; Keras's mnist.npz has the keys {', '.join(NPZ_KEYS)}.")
        return tuple(file[key] for key in NPZ_KEYS)


def _read_idx(folder: Path) -> tuple[NDArray[np.generic], ...]:
    for place in (folder, folder / "raw", folder / "MNIST" / "raw"):
        found = [_idx_file(place, name) for name in IDX_NAMES]
        if all(found):
            return tuple(_idx_array(file) for file in found if file)
    raise Refusal(f"{folder} lacks some of MNIST's four IDX files, gzipped or not: {', '.join(IDX_NAMES)}.")


def _idx_file(folder: Path, name: str) -> Path | None:
    spellings = (name, name.replace("-idx", ".idx"))
    candidates = (folder / f"{spelling}{end}" for spelling in spellings for end in ("", ".gz"))
    return next((path for path in candidates if path.is_file()), None)


def _idx_array(path: Path) -> Bytes:
    """An IDX file of unsigned bytes: two zeros, type 8, rank, big-endian dimensions, the data."""
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise ValueError("not an IDX file of bytes")
    rank = content[3]
    dims = np.frombuffer(content, ">u4", count=rank, offset=4).astype(int)
    return np.frombuffer(content, np.uint8, count=int(dims.prod()), offset=4 + 4 * rank).reshape(dims)


def _checked(path: Path, *arrays: NDArray[np.generic]) -> Dataset:
    x_train, y_train, x_test, y_test = arrays
    for x, y, part in ((x_train, y_train, "train"), (x_test, y_test, "test")):
        if x.ndim != 3 or x.shape[1:] != (IMAGE_SIZE, IMAGE_SIZE) or x.dtype != np.uint8:
            raise Refusal(f"{path}: x_{part} is {x.dtype} of shape {x.shape}; uint8 of shape (n, 28, 28) is needed.")
        if y.shape != (len(x),) or not np.issubdtype(y.dtype, np.integer) or len(x) == 0:
            raise Refusal(f"{path}: y_{part} is {y.dtype} of shape {y.shape}; one whole number an image is needed.")
        if y.min() < 0 or y.max() >= CLASSES:
            raise Refusal(f"{path}: y_{part} has labels from {y.min()} to {y.max()}; 0 to 9 are needed.")
    is_mnist = int(x_train[0].sum()) == PIXEL_SUM_OF_THE_FIRST and y_train[0] == LABEL_OF_THE_FIRST
    return Dataset(
        "MNIST" if is_mnist else path.name,
        x_train.astype(np.uint8, copy=False),
        y_train.astype(np.uint8),
        x_test.astype(np.uint8, copy=False),
        y_test.astype(np.uint8),
    )


def embedded_digits(why: str) -> Dataset:
    """scikit-learn's 1,797 real digits of 8x8 pixels, each pixel made 3x3 and two added around: 28x28."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    large = np.kron(digits.images * (255 / 16), np.ones((3, 3)))
    images = np.pad(large, ((0, 0), (2, 2), (2, 2))).round().astype(np.uint8)
    labels = digits.target.astype(np.uint8)
    cut = DIGITS_FOR_TRAINING
    note = f"Not MNIST: scikit-learn's {grouped(len(labels))} digits of 8×8, brought to 28×28. {why}"
    return Dataset("digits (not MNIST)", images[:cut], labels[:cut], images[cut:], labels[cut:], note)
