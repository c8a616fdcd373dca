"""What is said of a fixed point that repels is what iterating the map comes to."""

from initterm.theory.activations import ACTIVATIONS
from initterm.theory.instability import unstable_words
from initterm.theory.typed import elementwise


def test_each_side_goes_its_own_way():
    said = unstable_words(ACTIVATIONS["gelu"], 1 / float(ACTIVATIONS["gelu"].moments(1.0).square))
    assert "0.9 is 2.9e-08 after 50 layers and dies out" in said
    assert "1.1 is 268 after 50 layers and grows without end" in said


def test_a_little_smaller_may_settle():
    cosh = elementwise("cosh(x)")
    assert "a variance of 0.9 settles at 0.368; one of 1.1 grows" in unstable_words(
        cosh, 1 / float(cosh.moments(1.0).square)
    )
