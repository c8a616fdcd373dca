"""The pictures of README and the pages: what was on the screen, as text where it was text, in files of a fair size."""

from xml.etree import ElementTree

import pytest

from screenshots.cells import Cell
from screenshots.record import FILE, Keys, Wait, recorded
from screenshots.svg import film, still
from tests.terminal import APP_WITHOUT_TENSORFLOW

SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 700_000


def row(text, ink="#ffffff"):
    return tuple(Cell(character, ink) for character in text)


def words(picture):
    return [one.text for one in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def text_of(frame):
    return "\n".join("".join(cell.text for cell in line) for line in frame[1])


def test_words_are_text_and_the_rest_is_drawn():
    picture = still((row("a < b  p = 0.4"), row("█▄⣿┼")))
    assert words(picture) == ["a < b", "p = 0.4"]
    assert 'd="M0 0h10v20h-10zM10 10h10v10h-10z"' in picture
    assert picture.count("h0") == 8


def test_a_film_adds_what_changed_when_it_changed():
    first, second = (row("he_normal"), row("0.123")), (row("he_normal"), row("0.456"))
    picture = film([(0.0, first), (1.5, second)], 3.0)
    assert words(picture) == ["he_normal", "0.123", "456"]
    assert "@keyframes k1{0%{visibility:hidden}50.000%{visibility:visible}}#f1{animation-name:k1}" in picture


@pytest.mark.slow
def test_the_recorder_shows_what_a_key_does_in_the_real_app():
    script = (Wait("Consistent with"), Keys(("\x1b[B",), 0.5))
    frames = [*recorded(script, APP_WITHOUT_TENSORFLOW)]
    assert [at for at, _ in frames] == sorted(at for at, _ in frames)
    assert "he_uniform · 784" in text_of(frames[-1])
    assert any("he_normal · 784" in text_of(frame) for frame in frames)


@pytest.mark.parametrize("file", sorted(FILE.parent.glob("*.svg")), ids=lambda file: file.stem)
def test_pictures_can_be_read_and_load_quickly(file):
    assert file.stat().st_size < MOST_BYTES
    assert any(word.startswith("initterm") for word in words(file.read_text(encoding="utf-8")))
