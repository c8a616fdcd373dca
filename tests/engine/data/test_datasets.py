"""Images come from where they should, and a file that can't be used is refused in a sentence."""

import gzip
import hashlib
import http.server
import socket
import threading
from functools import partial

import numpy as np
import pytest

from initterm.engine.data import datasets
from initterm.engine.data.datasets import Dataset, load, read
from initterm.engine.data.download import DownloadFailed, download
from initterm.experiments.message import DataReceived
from initterm.theory.refusal import Refusal


def arrays(train=40, test=20):
    rng = np.random.default_rng(0)
    return {
        "x_train": rng.integers(0, 256, (train, 28, 28), dtype=np.uint8),
        "y_train": rng.integers(0, 10, train, dtype=np.uint8),
        "x_test": rng.integers(0, 256, (test, 28, 28), dtype=np.uint8),
        "y_test": rng.integers(0, 10, test, dtype=np.uint8),
    }


@pytest.fixture
def npz(tmp_path):
    path = tmp_path / "some.npz"
    np.savez(path, **arrays())
    return path


def all_of(source):
    """What is told on the way, and the dataset."""
    progress, events = [], load(str(source))
    while True:
        try:
            progress.append(next(events))
        except StopIteration as end:
            return progress, end.value


def loaded(source):
    progress, dataset = all_of(source)
    assert isinstance(dataset, Dataset)
    assert all(isinstance(event, DataReceived) for event in progress)
    return dataset


def idx(array):
    dims = b"".join(int(size).to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + dims + array.tobytes()


def write_idx(folder, compress):
    folder.mkdir(parents=True)
    for name, array in zip(datasets.IDX_NAMES, (arrays()[key] for key in datasets.NPZ_KEYS), strict=True):
        content = idx(array)
        path = folder / (f"{name}.gz" if compress else name)
        path.write_bytes(gzip.compress(content) if compress else content)


def test_npz_with_keras_keys(npz):
    dataset = loaded(npz)
    assert dataset.name == "some.npz"
    assert (dataset.x_train == arrays()["x_train"]).all()
    assert (dataset.y_test == arrays()["y_test"]).all()


def test_a_fingerprint_is_that_of_images_and_labels(npz, tmp_path):
    own = arrays()
    np.savez(tmp_path / "renamed.npz", **{name: own[name] for name in reversed(own)})
    other = {**own, "y_test": own["y_test"][::-1]}
    np.savez(tmp_path / "other.npz", **other)
    prints = [read(path).fingerprint for path in (npz, tmp_path / "renamed.npz", tmp_path / "other.npz")]
    assert prints[0] == prints[1] != prints[2]
    assert len(bytes.fromhex(prints[0])) == 16


def test_mnist_is_known_by_its_first_image(npz):
    images, labels = arrays()["x_train"], arrays()["y_train"]
    images[0], labels[0] = 0, 5
    images[0].flat[:108] = [255] * 107 + [27_525 - 107 * 255]
    save(npz, x_train=images, y_train=labels)
    assert loaded(npz).name == "MNIST"


@pytest.mark.parametrize("name", ["~nosuchuser/mnist.npz", "x" * 300, "nul\0byte", ""])
def test_names_that_no_file_can_have(name):
    with pytest.raises(Refusal):
        read(name)


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_refused_or_read_but_never_a_bug(npz, seed):
    rng = np.random.default_rng(seed)
    content = bytearray(npz.read_bytes())
    for place in rng.integers(0, len(content), 20 * (1 + seed % 3)):
        content[place] = rng.integers(0, 256)
    content[: 60 if seed % 2 else 0] = rng.bytes(60 if seed % 2 else 0)
    npz.write_bytes(content)
    try:
        read(npz)
    except Refusal as refusal:
        assert str(npz) in str(refusal)


def test_colour_images_as_keras_keeps_them(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (50, 32, 32, 3), dtype=np.uint8), rng.permutation(50)[:, None] % 20
    np.savez(tmp_path / "cifar.npz", x_train=x[:40], y_train=y[:40], x_test=x[40:], y_test=y[40:])
    dataset = loaded(tmp_path / "cifar.npz")
    assert (dataset.shape, dataset.classes, dataset.white) == ((32, 32, 3), 20, 255)
    assert (dataset.y_train == y[:40, 0]).all()
    assert dataset.note == "Images of 32×32×3, pixels from 0 to 255, 20 classes."


def test_of_images_without_a_test_a_tenth_is_the_test(tmp_path):
    x = np.arange(60).reshape(60, 1, 1) / 60
    np.savez(tmp_path / "own.npz", x=x, y=np.arange(60) // 20)
    dataset, again = loaded(tmp_path / "own.npz"), loaded(tmp_path / "own.npz")
    assert (len(dataset.y_train), len(dataset.y_test)) == (54, 6)
    assert sorted(np.concatenate([dataset.x_train, dataset.x_test]).ravel()) == pytest.approx(x.ravel())
    assert dataset.fingerprint == again.fingerprint
    assert "6 of its images, taken by chance, are the test." in dataset.note
    assert set(dataset.y_train[:20]) == {0, 1, 2}
    assert dataset.scale("pixels")(dataset.x_train) == pytest.approx(dataset.x_train)


def test_digits_go_in_as_ever():
    digits = datasets.embedded_digits("")
    pixels = (digits.x_train / np.float32(255)).astype(np.float32)
    mean, std = float(digits.x_train.mean()) / 255, float(digits.x_train.std()) / 255
    assert (digits.scale("pixels")(digits.x_train) == pixels).all()
    assert (digits.scale("standardized")(digits.x_train) == ((pixels - mean) / std).astype(np.float32)).all()
    assert digits.fingerprint == FINGERPRINT_OF_DIGITS


FINGERPRINT_OF_DIGITS = "06aa0476788cce917b6adf8798f4d91c"
"""Kept runs tell it, and go on with no other data."""


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("inside", ["", "raw", "MNIST/raw"])
def test_idx_folder_as_torchvision_leaves_it(tmp_path, inside, compress):
    write_idx(tmp_path / "root" / inside, compress)
    dataset = loaded(tmp_path / "root")
    assert (dataset.x_train == arrays()["x_train"]).all()
    assert (dataset.y_train == arrays()["y_train"]).all()


def save(path, **changes):
    np.savez(path, **{**arrays(), **changes})


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.unlink(), "There is no file"),
        (lambda path: path.write_bytes(path.read_bytes()[:3000]), "cut off"),
        (lambda path: path.write_bytes(b""), "cut off"),
        (lambda path: path.write_text("hello"), "pickled|cut off"),
        (lambda path: save(path, x_train=np.array([{1: 2}], dtype=object)), "pickled"),
        (lambda path: np.savez(path, x=np.zeros((3, 2, 2))), "has no y; .* or x and y"),
        (lambda path: np.savez(path, x_train=np.zeros((3, 2, 2))), "has no y_train"),
        (lambda path: np.savez(path, x=np.zeros(3), y=np.zeros(3)), r"images are float64 of shape \(3,\)"),
        (lambda path: save(path, x_train=np.zeros((40, 32, 32), np.uint8)), "32×32, those of the test 28×28"),
        (lambda path: save(path, x_test=np.full((20, 28, 28), np.nan)), "NaN"),
        (lambda path: save(path, y_train=np.zeros(3, np.uint8)), r"labels of 40 images are uint8 of shape \(3,\)"),
        (lambda path: save(path, y_train=np.full(40, -1)), "from -1 to -1; one whole number from 0 on"),
        (lambda path: save(path, y_train=np.full(40, 0.5)), "one whole number from 0 on"),
        (lambda path: save(path, y_train=np.full(40, 99)), "labels go to 99, of 60 images"),
        (lambda path: np.savez(path, x=np.zeros((3, 2, 2)), y=np.zeros(3)), "two or more classes"),
    ],
)
def test_files_that_cannot_be_used(npz, spoil, says):
    spoil(npz)
    with pytest.raises(Refusal, match=says) as refusal:
        read(npz)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / datasets.IDX_NAMES[0]).unlink(),
        lambda folder: (folder / datasets.IDX_NAMES[0]).write_bytes(b"\0\0\x08\x03"),
        lambda folder: (folder / datasets.IDX_NAMES[0]).write_bytes(b"PK"),
    ],
)
def test_idx_folders_that_cannot_be_used(tmp_path, spoil):
    folder = tmp_path / "idx"
    write_idx(folder, compress=False)
    spoil(folder)
    with pytest.raises(Refusal):
        read(folder)


def test_digits_are_real_and_say_what_they_are():
    dataset = loaded("digits")
    assert (len(dataset.y_train), len(dataset.y_test)) == (1437, 360)
    assert dataset.x_train.shape == (1437, 28, 28)
    assert dataset.x_train.max() == 255
    assert "Not MNIST" in dataset.note


def test_auto_takes_the_file_of_the_environment_first(npz, monkeypatch):
    monkeypatch.setenv("INITTERM_MNIST", str(npz))
    assert len(loaded("auto").y_train) == 40


def test_a_broken_file_of_the_environment_is_refused_not_replaced(npz, monkeypatch):
    npz.write_bytes(b"")
    monkeypatch.setenv("INITTERM_MNIST", str(npz))
    with pytest.raises(Refusal, match="cut off"):
        loaded("auto")


def test_auto_takes_keras_cache_next(npz):
    cache = datasets.keras_cache()
    cache.parent.mkdir(parents=True)
    cache.write_bytes(npz.read_bytes())
    assert len(loaded("auto").y_train) == 40


@pytest.fixture
def server(npz):
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=npz.parent)
    handler.log_message = lambda *_: None
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}/"
        running.shutdown()


def test_auto_downloads_next_with_progress_into_keras_cache(npz, server, monkeypatch):
    monkeypatch.setattr(datasets, "URL", server + npz.name)
    digest = hashlib.sha256(npz.read_bytes()).hexdigest()
    monkeypatch.setattr(datasets, "download", partial(download, sha256=digest))
    progress, dataset = all_of("auto")
    assert progress[-1] == DataReceived(npz.stat().st_size, npz.stat().st_size)
    assert len(dataset.y_train) == 40
    assert datasets.keras_cache().read_bytes() == npz.read_bytes()


def test_auto_falls_back_to_the_digits_and_says_why():
    dataset = loaded("auto")
    assert "Not MNIST" in dataset.note
    assert "no connection" in dataset.note


def test_mnist_by_name_does_not_fall_back():
    with pytest.raises(Refusal, match="--data digits"):
        loaded("mnist")


def test_a_wrong_checksum_is_not_kept(npz, server, tmp_path):
    target = tmp_path / "target.npz"
    with pytest.raises(DownloadFailed, match="checksum"):
        list(download(server + npz.name, target))
    assert not target.exists()


def test_a_missing_page_is_named(server, tmp_path):
    with pytest.raises(DownloadFailed, match="answered 404"):
        list(download(server + "nothing", tmp_path / "target.npz"))


@pytest.fixture
def half_a_file():
    """Answers one request with half of a file; then hangs up, or stays until the test is over."""
    over = threading.Event()

    def answer(server, stays):
        connection, _ = server.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf")
            over.wait(60 if stays else 0)

    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/mnist.npz"

        def serve(*, stays):
            threading.Thread(target=answer, args=(server, stays), daemon=True).start()
            return url

        yield serve
        over.set()


def test_a_file_that_ends_too_soon_is_not_taken_for_another(tmp_path, half_a_file):
    with pytest.raises(DownloadFailed, match="ended before the file did"):
        list(download(half_a_file(stays=False), tmp_path / "target.npz"))


def test_a_server_that_falls_silent_midway_is_given_up(tmp_path, half_a_file):
    with pytest.raises(DownloadFailed, match="silent"):
        list(download(half_a_file(stays=True), tmp_path / "target.npz", patience=1.0))


def test_a_silent_server_is_given_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/mnist.npz"
        progress = []
        with pytest.raises(DownloadFailed, match="silent"):
            progress.extend(download(url, tmp_path / "target.npz", patience=0.5))


def test_pickled_arrays_never_run(tmp_path):
    trace = tmp_path / "trace"

    class Bomb:
        def __reduce__(self):
            return (trace.touch, ())

    path = tmp_path / "bomb.npz"
    np.savez(path, **{**arrays(), "y_train": np.array([Bomb()], dtype=object)})
    with pytest.raises(Refusal, match="pickled"):
        read(path)
    assert not trace.exists()
