"""Figures on paper share their resolution, and come as PNG files without a screen."""

import io

from PIL import Image

from initterm.report.files import DPI, blank_figure, png


def test_a_figure_is_as_large_as_it_says():
    with Image.open(io.BytesIO(png(blank_figure(3.0, 2.0)))) as picture:
        assert picture.format == "PNG"
        assert picture.size == (3 * DPI, 2 * DPI)
        assert {colour[:3] for _, colour in picture.getcolors()} == {(255, 255, 255)}
