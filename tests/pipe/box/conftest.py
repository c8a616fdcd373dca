"""A box with an engine without TensorFlow, and an app's engine on it."""

import pytest

from tests.pipe.box.boxes import Reached, light_box


@pytest.fixture
def box(tmp_path, monkeypatch):
    with light_box(tmp_path, monkeypatch) as light:
        yield light


@pytest.fixture
def reached(box):
    there = Reached(box)
    there.until("ready")
    return there
