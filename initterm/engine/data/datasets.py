"""The images: MNIST from Keras's cache or its download, scikit-learn's embedded digits, or those of any file."""

from __future__ import annotations

import gzip
import hashlib
import os
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from initterm.engine.data.download import URL, DownloadFailed, download
from initterm.engine.data.images import PixelScale, by, white_of
from initterm.engine.data.own_data import TEST_SHARE, labels_of
from initterm.experiments.message import DataReceived
from initterm.theory.arrays import Array
from initterm.theory.numbers import grouped, plain
from initterm.theory.refusal import Refusal

Bytes = NDArray[np.uint8]

EXAMPLE_KEYS = ("x", "y")
NPZ_KEYS = ("x_train", "y_train", "x_test", "y_test")
IDX_NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
IMAGE_SHAPE = (28, 28)
CLASSES = 10
"""MNIST's."""

DIGITS_FOR_TRAINING = 1437
LABEL_OF_THE_FIRST, PIXEL_SUM_OF_THE_FIRST = 5, 27_525
"""What MNIST's first training image is known by; a file that begins otherwise goes by its own name."""

CHANCE = 10
"""The seed of the chance that decides which images are the test where a file names none."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with labels: ``x`` (n, ...), bytes or other numbers, and ``y`` (n,), labels from 0 on.

    Images are (height, width) or (height, width, channels) mostly, MNIST's are (28, 28). ``note`` says what a person
    should know about the data, such as that it is not MNIST and why; else empty.
    """

    name: str
    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    note: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one image."""
        return self.x_train.shape[1:]

    @cached_property
    def classes(self) -> int:
        """How many classes there are."""
        return int(max(self.y_train.max(), self.y_test.max())) + 1

    @cached_property
    def white(self) -> float:
        """The number of a pixel that is white."""
        return white_of(self.x_train)

    def scale(self, source: str) -> PixelScale:
        """How images go in: as ``pixels`` from 0 to 1, or ``standardized`` by all training images."""
        if source == "standardized":
            return PixelScale.standardizing(self.x_train, self.white)
        return PixelScale(self.white)

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
        source: ``auto``, ``mnist``, ``digits``, or the path of an ``.npz`` file with Keras's keys, or with x and y, or
            of a folder with the four IDX files. ``auto`` takes, in this order, the file that INITTERM_MNIST names,
            Keras's cache, Keras's download, the embedded digits; ``mnist`` the same without the digits.

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

    Of a file with ``x`` and ``y`` a tenth is the test.

    Raises:
        Refusal: it is missing, cut off, pickled, or holds something else than images and their labels.
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
    return f"{path} is cut off or is not such a file; an .npz file of images has {KEYS_WANTED}."


KEYS_WANTED = f"the keys {', '.join(NPZ_KEYS)}, or {' and '.join(EXAMPLE_KEYS)}"


def _read_npz(path: Path) -> tuple[Array, ...]:
    with path.open("rb") as stream:
        file = np.load(stream, allow_pickle=False)
        if not isinstance(file, np.lib.npyio.NpzFile):
            raise Refusal(f"{path} is a single array; an .npz file of images has {KEYS_WANTED}.")
        if set(NPZ_KEYS) <= set(file.files):
            return tuple(file[key] for key in NPZ_KEYS)
        keys = NPZ_KEYS[:2] if NPZ_KEYS[0] in file.files else EXAMPLE_KEYS
        if missing := [key for key in keys if key not in file.files]:
            raise Refusal(f"{path} has no {missing[0]}; an .npz file of images has {KEYS_WANTED}.")
        return tuple(file[key] for key in keys)


def _read_idx(folder: Path) -> tuple[Array, ...]:
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


def _checked(path: Path, *arrays: Array) -> Dataset:
    """The dataset of training images and labels, and where there are more, of test images and labels."""
    parts = [_images_and_labels(path, *arrays[at : at + 2]) for at in range(0, len(arrays), 2)]
    note = ""
    if len(parts) == 1:
        parts = _split(*parts[0])
        note = f"{grouped(len(parts[1][1]))} of its images, taken by chance, are the test."
    (x_train, y_train), (x_test, y_test) = parts
    if x_train.shape[1:] != x_test.shape[1:]:
        raise Refusal(f"{path}: training images are {by(x_train.shape[1:])}, those of the test {by(x_test.shape[1:])}.")
    dataset = Dataset(path.name, x_train, y_train, x_test, y_test)
    if not 2 <= dataset.classes <= len(y_train) + len(y_test):
        raise Refusal(
            f"{path}: its labels go to {dataset.classes - 1}, of {grouped(len(y_train) + len(y_test))} images; two or "
            "more classes, numbered from 0 on, are needed."
        )
    if _is_mnist(dataset):
        return replace(dataset, name="MNIST")
    return replace(dataset, note=f"{_told(dataset)} {note}".strip())


def _split(x: Array, y: Array) -> list[tuple[Array, Array]]:
    order = np.random.default_rng(CHANCE).permutation(len(y))
    test = max(1, round(TEST_SHARE * len(y)))
    return [(x[chosen], y[chosen]) for chosen in (order[test:], order[:test])]


def _is_mnist(dataset: Dataset) -> bool:
    first = dataset.x_train[0]
    known = first.shape == IMAGE_SHAPE and first.dtype == np.uint8
    return known and int(first.sum()) == PIXEL_SUM_OF_THE_FIRST and dataset.y_train[0] == LABEL_OF_THE_FIRST


def _told(dataset: Dataset) -> str:
    """Which images these are, in a sentence."""
    least, largest = (plain(round(float(one), 3)) for one in (dataset.x_train.min(), dataset.x_train.max()))
    return f"Images of {by(dataset.shape)}, pixels from {least} to {largest}, {dataset.classes} classes."


def _range(y: Array) -> str:
    numbers = y.dtype.kind in "fiub" and y.size
    return f" from {plain(float(y.min()))} to {plain(float(y.max()))}" if numbers else ""


def _images_and_labels(path: Path, x: Array, y: Array) -> tuple[Array, Array]:
    """Images as bytes or as float32 numbers, and their labels.

    Raises:
        Refusal: they are something else.
    """
    if x.ndim < 2 or x.dtype.kind not in "fiub" or not x.size:
        raise Refusal(f"{path}: images are {x.dtype} of shape {x.shape}; numbers (count, height, width) are needed.")
    labels = labels_of(y) if y.dtype.kind in "fiub" and y.shape[:1] == x.shape[:1] else None
    if labels is None:
        raise Refusal(
            f"{path}: labels of {grouped(len(x))} images are {y.dtype} of shape {y.shape}{_range(y)}; one whole number "
            "from 0 on for each is needed."
        )
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        raise Refusal(f"{path}: its images have NaN or infinite numbers; leave these images out.")
    images = x if x.dtype == np.uint8 else x.astype(np.float32)
    return images, labels.astype(np.uint8) if labels.max() < 256 else labels


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
