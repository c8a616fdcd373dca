"""A law's moments, limits, density and formula agree with each other."""

import math

import numpy as np
import pytest

from initterm.theory.initializer_rows import CATALOGUE, FAMILIES, Family
from initterm.theory.initializers import InitializerSpec, scaled
from initterm.theory.law import CUT_KURTOSIS, CUT_STD, points
from initterm.theory.laws import law_of
from initterm.theory.parameters import Parameter
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

DENSE = Shape((784, 256))
CONTINUOUS = [
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "glorot_uniform",
    "lecun_normal",
    "lecun_uniform",
    "variance_scaling(scale=3.0, mode='fan_out', distribution='untruncated_normal')",
    "truncated_normal(mean=0.3, stddev=0.1)",
    "random_normal(mean=-1.0, stddev=0.5)",
    "random_uniform(minval=0.0, maxval=2.0)",
    "orthogonal(gain=2.0)",
]


def law(text, shape=DENSE):
    return law_of(InitializerSpec.parse(text), shape)


def test_a_row_that_tells_no_law_is_refused_and_there_is_none_of_an_unknown_name():
    with pytest.raises(ValueError, match="needs one of a law"):
        Family("odd", "Odd", "w = ?", "nobody", None, "nothing")
    with pytest.raises(ValueError, match="needs one of a class of Keras and code"):
        Family("odd", "", "w = 0", "nobody", None, "nothing", special=("constant", ()))
    with pytest.raises(Refusal, match="No initializer is called 'odd'"):
        law_of(InitializerSpec("odd"), DENSE)


def test_a_row_brings_a_law_of_its_own(monkeypatch):
    def coin(values, _):
        value = float(values["value"])
        return points(f"w = ±{value:g}", "a coin tossed", ((-value, 0.5), (value, 0.5)))

    row = Family("coin", "Coin", "w = ±value", "nobody", None, "tests", (Parameter("value", 1.0, power=1),), law=coin)
    monkeypatch.setitem(FAMILIES, "coin", row)
    assert (law("coin").mean, law("coin").std) == (0.0, 1.0)
    assert law("coin(value=3)").std == 3.0
    assert law(str(scaled(InitializerSpec.parse("coin"), 0.5))).std == 0.5


def grid(a_law, points=200_001):
    """Fine enough to integrate over: the limits, or ten std where those are closer."""
    low, high = max(a_law.low, a_law.mean - 10 * a_law.std), min(a_law.high, a_law.mean + 10 * a_law.std)
    return np.linspace(low, high, points)


def integral(y, x):
    return float(np.sum((y[1:] + y[:-1]) / 2 * np.diff(x)))


@pytest.mark.parametrize("text", CONTINUOUS)
def test_density_has_the_moments_it_claims(text):
    a_law = law(text)
    x = grid(a_law)
    density = a_law.density(x)
    assert integral(density, x) == pytest.approx(1, abs=1e-6)
    assert integral(density * x, x) == pytest.approx(a_law.mean, abs=1e-6)
    variance = integral(density * (x - a_law.mean) ** 2, x)
    assert math.sqrt(variance) == pytest.approx(a_law.std, rel=1e-6)
    assert integral(density * (x - a_law.mean) ** 4, x) / variance**2 == pytest.approx(a_law.kurtosis, rel=1e-5)


@pytest.mark.parametrize("text", CONTINUOUS)
def test_cdf_is_the_integral_of_the_density(text):
    a_law = law(text)
    x = grid(a_law)
    density = a_law.density(x)
    summed = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(x))])
    assert np.max(np.abs(a_law.cdf(x) - summed)) < 5e-6


@pytest.mark.parametrize("text", CONTINUOUS)
def test_density_is_zero_outside_the_limits(text):
    a_law = law(text)
    outside = [edge for edge in (a_law.low - 1e-3, a_law.high + 1e-3) if math.isfinite(edge)]
    assert not a_law.density(outside).any()


@pytest.mark.parametrize(
    ("text", "variance"),
    [
        ("he_normal", 2 / 784),
        ("he_uniform", 2 / 784),
        ("glorot_normal", 2 / (784 + 256)),
        ("glorot_uniform", 2 / (784 + 256)),
        ("lecun_normal", 1 / 784),
        ("lecun_uniform", 1 / 784),
        ("orthogonal", 1 / 784),
        ("variance_scaling(mode='fan_out')", 1 / 256),
    ],
)
def test_variance_by_the_published_formula(text, variance):
    assert law(text).std ** 2 == pytest.approx(variance, rel=1e-12)


def test_truncated_normals_are_corrected_only_where_keras_corrects_them():
    assert pytest.approx(0.87962566103423978, abs=1e-15) == CUT_STD
    assert pytest.approx(2.3655, abs=1e-3) == CUT_KURTOSIS
    assert law("truncated_normal(stddev=0.05)").std == pytest.approx(0.05 * 0.87962566103423978)
    assert law("he_normal").high == pytest.approx(2 * math.sqrt(2 / 784) / 0.87962566103423978)


def test_formulas_have_the_numbers_in_them():
    assert law("he_normal").formula == "σ² = 2/fan_in = 2/784 = 0.002551"
    assert law("he_uniform").formula == "limit = √(6/fan_in) = √(6/784) = 0.0874818"
    assert law("glorot_normal").formula == "σ² = 2/(fan_in + fan_out) = 2/(784 + 256) = 0.001923"
    assert law("he_normal").words == "N(0, 0.0505²) cut at ±0.1148"


def test_convolutions_count_their_receptive_field():
    assert law("he_normal", Shape((3, 3, 64, 128))).std == pytest.approx(math.sqrt(2 / 576))


def test_single_points():
    assert law("zeros").atoms == ((0.0, 1.0),)
    assert law("ones").mean == 1
    assert law("constant(value=-2.5)").atoms == ((-2.5, 1.0),)
    identity = law("identity(gain=3.0)", Shape((4, 2)))
    assert identity.atoms == ((0.0, 0.75), (3.0, 0.25))
    assert identity.cdf([-1, 0, 1, 3]).tolist() == [0, 0.75, 0.75, 1]


@pytest.mark.parametrize(("text", "shape"), [("orthogonal", (5,)), ("identity", (5,)), ("identity", (3, 3, 4, 4))])
def test_shapes_that_cannot_be_served_are_refused(text, shape):
    with pytest.raises(Refusal, match="write, for example"):
        law(text, Shape(shape))


def test_an_orthogonal_entry_of_a_huge_kernel_is_still_a_density():
    huge = law("orthogonal", Shape((2_000_000_000, 2_000_000_000, 5)))
    assert float(huge.density(0.0)) * huge.std == pytest.approx(0.39894, rel=1e-4)
    near, far = (law("orthogonal", Shape((n, 2))) for n in (99_999, 100_001))
    assert float(near.density(near.std)) == pytest.approx(float(far.density(far.std)), rel=1e-4)


@pytest.mark.parametrize("shape", [(1,), (1, 1), (2, 2), (1, 2), (3, 3, 1, 1), (5000, 3)])
@pytest.mark.parametrize("family", CATALOGUE, ids=lambda family: family.name)
def test_every_law_can_be_drawn_for_every_shape_it_serves(family, shape):
    try:
        a_law = law_of(InitializerSpec(family.name), Shape(shape))
    except Refusal:
        return
    x, y = a_law.curve()
    assert np.isfinite(x).all()
    assert np.isfinite(y).all()
    assert (y >= 0).all()
