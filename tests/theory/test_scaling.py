"""A gain multiplies the weights of any initializer, and the result is an initializer with a text form."""

import pytest

from initterm.theory.initializers import CATALOGUE, InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.refusal import Refusal
from initterm.theory.scaling import parse_gain, scaled
from initterm.theory.shapes import Shape


@pytest.mark.parametrize("family", CATALOGUE, ids=lambda family: family.name)
@pytest.mark.parametrize("gain", [1.0, 0.5, 3.0])
def test_the_law_is_gain_times_as_wide(family, gain):
    plain, shape = InitializerSpec(family.name), Shape((30, 30))
    multiplied = scaled(plain, gain)
    law, wider = law_of(plain, shape), law_of(multiplied, shape)
    assert (wider.mean, wider.std) == pytest.approx((gain * law.mean, gain * law.std), rel=1e-5)
    assert InitializerSpec.parse(str(multiplied)) == multiplied
    assert (multiplied == plain) == (gain == 1 or family.name == "zeros")


@pytest.mark.parametrize("text", ["", "fast", "nan", "0", "-1", "1e9"])
def test_no_gain(text):
    with pytest.raises(Refusal, match=r"gain: a number from 0\.001 to 1000"):
        parse_gain(text)
