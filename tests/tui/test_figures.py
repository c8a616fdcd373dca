"""The picture itself: on a terminal that shows images, in a viewer, or a path that is told."""

import sys
from types import ModuleType

import pytest

from initterm.theory.refusal import Refusal
from initterm.tui import figures
from tests.tui.conftest import notices, rest

PNG = b"\x89PNG\r\n\x1a\n"


class FakeImage:
    """What stands for an image of a terminal that can show them."""

    def __init__(self, path, **size):
        self.path, self.cleaned = path, False

    def __rich__(self):
        return f"the image of {self.path.name}"

    def cleanup(self):
        type(self).cleaned = self.path


class OtherImage(FakeImage):
    """What the library falls back on where a terminal shows none."""


@pytest.fixture(autouse=True)
def _cache_under_tmp_path(monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path / "cache"))


@pytest.fixture
def library(monkeypatch):
    """Put something in the place of textual-image, for a terminal that shows images or not."""

    def put(image):
        module, renderable = ModuleType("textual_image"), ModuleType("textual_image.renderable")
        renderable.Image, renderable.SixelImage, renderable.TGPImage = image, FakeImage, FakeImage
        module.renderable = renderable
        monkeypatch.setitem(sys.modules, "textual_image", module)
        monkeypatch.setitem(sys.modules, "textual_image.renderable", renderable)

    return put


def test_a_figure_is_written_where_caches_are(tmp_path):
    path = figures.written("training", lambda: PNG)
    assert path == tmp_path / "cache" / "training.png"
    assert path.read_bytes() == PNG


def test_a_folder_that_cannot_be_written_is_refused(monkeypatch):
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: "/dev/null/x")
    with pytest.raises(Refusal, match="can't be written"):
        figures.written("training", lambda: PNG)


def test_it_is_shown_on_a_terminal_that_can_until_a_key(library, monkeypatch, capfd, tmp_path):
    library(FakeImage)
    monkeypatch.setattr("click.getchar", lambda: "x")
    monkeypatch.setattr(sys, "__stdout__", sys.stdout)
    assert figures.shown_on_terminal(tmp_path / "a.png")
    assert "the image of a.png" in capfd.readouterr().out
    assert FakeImage.cleaned == tmp_path / "a.png"


def test_it_is_not_shown_on_another(library, capfd, tmp_path):
    library(OtherImage)
    assert not figures.shown_on_terminal(tmp_path / "a.png")
    assert capfd.readouterr().out == ""


def test_a_viewer_is_asked_only_where_there_is_a_screen_for_one(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr("click.launch", lambda path: asked.append(path) or 0)
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not figures.opened_by_viewer(tmp_path / "a.png")
    monkeypatch.setenv("DISPLAY", ":0")
    assert figures.opened_by_viewer(tmp_path / "a.png")
    assert asked == [str(tmp_path / "a.png")]


async def test_its_key_tells_where_the_figure_is(opened, monkeypatch, tmp_path):
    monkeypatch.setattr(figures, "HAS_IMAGES", False)
    monkeypatch.setattr(figures, "opened_by_viewer", lambda path: False)
    async with opened(panes=()) as pilot:
        await pilot.press("i")
        await rest(pilot)
        while not notices(pilot.app):
            await pilot.pause(0.02)
        (told,) = notices(pilot.app)
        assert told.startswith(str(tmp_path / "cache" / "initterm-"))
        assert next((tmp_path / "cache").iterdir()).read_bytes().startswith(PNG)
