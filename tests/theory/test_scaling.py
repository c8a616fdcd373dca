"""A gain multiplies the weights of any initializer, and the result is an initializer with a text form."""

import pytest

from initterm.theory import initializer_laws
from initterm.theory.initializer_rows import CATALOGUE, FAMILIES, Family
from initterm.theory.initializers import InitializerSpec, parse_gain, scaled
from initterm.theory.laws import law_of
from initterm.theory.parameters import Parameter
from initterm.theory.refusal import Refusal
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


def test_what_a_gain_does_not_multiply_is_left_and_nothing_to_multiply_is_refused(monkeypatch):
    sparse = Parameter("sparsity", 0.1), Parameter("stddev", 0.01, power=1)
    for name, parameters in (("sparse", sparse), ("still", ())):
        row = Family(name, "Sparse", "mostly 0", "nobody", None, "tests", parameters, law=initializer_laws.constant)
        monkeypatch.setitem(FAMILIES, name, row)
    assert str(scaled(InitializerSpec("sparse"), 2.0)) == "sparse(sparsity=0.1, stddev=0.02)"
    with pytest.raises(Refusal, match="nothing that a gain multiplies"):
        scaled(InitializerSpec("still"), 2.0)


@pytest.mark.parametrize("text", ["", "fast", "nan", "0", "-1", "1e9"])
def test_no_gain(text):
    with pytest.raises(Refusal, match=r"gain: a number from 0\.001 to 1000"):
        parse_gain(text)
