"""A kernel drawn to its end, for tests that don't look at how it goes on."""

from initterm.engine.weights.drawing import draw


def sample(spec, shape, seed, bins=50):
    *_, drawn = draw(spec, shape, seed, bins)
    return drawn
