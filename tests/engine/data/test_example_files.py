"""Files of examples: arrays by name, and folders of images by classes."""

import numpy as np
import pytest

from initterm.engine.data.example_files import read_folder, read_npz
from initterm.engine.runtime import keras
from initterm.theory.refusal import Refusal


def save_images(folder, count=3):
    for shade, name in enumerate(("cats", "dogs")):
        (folder / name).mkdir(parents=True)
        for at in range(count):
            keras.utils.save_img(folder / name / f"{at}.png", np.full((6, 5, 3), 100 * shade + at), scale=False)


def test_a_folder_of_images_by_classes(tmp_path):
    save_images(tmp_path / "all")
    given, classes = read_folder(tmp_path / "all", (4, 4, 1), 100, 42)
    assert classes == ("cats", "dogs")
    assert given.train.x.shape == (6, 4, 4, 1)
    assert ((given.train.x[:, 0, 0, 0] >= 100) == (given.train.y == 1)).all()
    assert len(read_folder(tmp_path / "all", (4, 4, 1), 4, 42)[0].train) == 4


def test_a_folder_with_parts(tmp_path):
    for part, count in (("train", 5), ("val", 2), ("test", 1)):
        save_images(tmp_path / part, count)
    given, _ = read_folder(tmp_path, (6, 5, 3), 100, 42)
    assert [len(one) for one in given.all] == [10, 4, 2]


def test_a_folder_without_images(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refusal, match="no images by classes") as refusal:
        read_folder(tmp_path, (6, 5, 3), 100, 42)
    assert "\n" not in str(refusal.value)


def test_parts_have_the_same_classes(tmp_path):
    save_images(tmp_path / "train")
    save_images(tmp_path / "test")
    (tmp_path / "test" / "dogs").rename(tmp_path / "test" / "wolves")
    with pytest.raises(Refusal, match="cats, dogs, and cats, wolves"):
        read_folder(tmp_path, (6, 5, 3), 100, 42)


def test_an_npz_of_examples(tmp_path):
    np.savez(tmp_path / "own.npz", x=np.zeros((5, 2)), y=np.arange(5))
    assert read_npz(tmp_path / "own.npz").train.x.shape == (5, 2)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.write_text("hello"), "pickled|cut off"),
        (lambda path: np.savez(path, x=np.array([{}], dtype=object), y=[1]), "pickled"),
        (lambda path: path.write_bytes(b"PK\x03\x04"), "cut off"),
        (lambda path: np.savez(path, y=[1]), "inputs under x"),
    ],
)
def test_an_npz_that_cannot_be_used(tmp_path, spoil, says):
    spoil(tmp_path / "own.npz")
    with pytest.raises(Refusal, match=says):
        read_npz(tmp_path / "own.npz")
