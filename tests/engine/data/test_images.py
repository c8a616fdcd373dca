"""Images are brought to a model's size and channels, and their pixels to its numbers."""

import numpy as np
import pytest

from initterm.engine.data.images import PixelScale, brought_to, by, white_of
from initterm.theory.refusal import Refusal

GREY = np.random.default_rng(0).integers(0, 256, (5, 8, 6)).astype(np.uint8)


@pytest.mark.parametrize("sizes", [(8, 6), (8, 6, 1), (8, 6, 3), (48,), (16, 12), (16, 12, 3)])
def test_grey_images_in_all_sizes(sizes):
    images = brought_to(GREY, sizes)
    assert images.shape == (5, *sizes)
    assert images.mean() == pytest.approx(GREY.mean(), rel=0.02)


def test_channels_are_repeated_and_made_grey():
    colours = brought_to(GREY, (8, 6, 3))
    assert (colours[..., 0] == colours[..., 2]).all()
    assert brought_to(colours, (8, 6)) == pytest.approx(GREY.astype(np.float32), abs=0.01)


def test_other_inputs_are_refused():
    with pytest.raises(Refusal, match="8×6 can't be made inputs of 50"):
        brought_to(GREY, (50,))
    assert by((8, 6, 3)) == "8×6×3"


def test_pixels_go_from_0_to_1_or_are_standardized():
    assert PixelScale(white_of(GREY))(GREY) == pytest.approx(GREY / 255)
    ready = PixelScale.standardizing(GREY, 255.0)(GREY)
    assert (ready.mean(), ready.std()) == (pytest.approx(0, abs=1e-5), pytest.approx(1, rel=1e-5))
    assert np.isfinite(PixelScale.standardizing(0 * GREY, 255.0)(0 * GREY)).all()


@pytest.mark.parametrize(
    ("images", "white"),
    [
        (GREY, 255),
        (GREY.astype(float), 255),
        (GREY / 255, 1),
        (GREY / 100 - 1, 1),
        (GREY.astype(int) * 9, 65535),
        (GREY.reshape(5, -1) / 2, 1),
    ],
)
def test_what_white_is(images, white):
    assert white_of(images) == white
