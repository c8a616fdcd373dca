"""What a distribution doesn't tell: copies, signs, order and rounding are found, and independent draws pass."""

import numpy as np
import pytest
from scipy import linalg, special

from initterm.engine.weights import score_sums
from initterm.engine.weights.corruptions import CORRUPTIONS
from initterm.engine.weights.dependence import _energy_tails, dependence_checks
from initterm.engine.weights.fits import fit_of_kernel, result_of
from initterm.engine.weights.precision import precision_of
from initterm.engine.weights.repeats import RARE
from initterm.engine.weights.scores import scores_of
from initterm.theory.law import CUT, cut_normal, normal, uniform

SHAPE = (784, 256)
BY_NAME = {corruption.name: corruption for corruption in CORRUPTIONS}
NORMAL, FLAT, CUT_OFF = normal(0.0, 0.05, ""), uniform(-0.05, 0.05, ""), cut_normal(0.0, 0.05)
LAWS = [NORMAL, FLAT, CUT_OFF, uniform(0.0, 2.0, ""), cut_normal(-1.0, 0.1)]


def drawn(law, shape, seed=0):
    """Independent draws, by scipy."""
    shares = np.random.default_rng(seed).random(shape)
    if law.distribution == NORMAL.distribution:
        weights = law.std * special.ndtri(shares)
    elif law.kurtosis == FLAT.kurtosis:
        weights = law.low + (law.high - law.low) * shares
    else:
        end = special.ndtr(-CUT)
        weights = law.mean + (law.high - law.mean) / CUT * special.ndtri(end + (1 - 2 * end) * shares)
    return weights.astype(np.float32)


def corrupted(name, law=NORMAL, shape=SHAPE):
    return fit_of_kernel(BY_NAME[name].of(drawn(law, shape), np.random.default_rng(1)), law)


def test_there_are_31_corruptions():
    assert len(BY_NAME) == len(CORRUPTIONS) == 31


@pytest.mark.parametrize("name", BY_NAME)
def test_each_corruption_is_refused_and_told(name):
    fit = corrupted(name)
    assert fit.p_value < 0.01
    assert fit.misfits
    assert all(fit.misfits)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("rows duplicated", "are equal, and 7 more pairs"),
        ("columns negated copies of others", "are each other's negatives, and 2 more pairs"),
        ("rows half of others", "are proportional (0.5 times), and 7 more pairs"),
        ("halves equal, shuffled", "weights repeat another one, or its negative, by chance 4,802 would"),
        ("one sign a unit", "every column has one sign"),
        ("signs of a checkerboard", "neighbours along rows have the same sign in 0.0% of pairs, by chance in 50%"),
        ("0.1% zeroed", "0.1% of the weights are exactly 0"),
        ("rounded to bfloat16", "all weights are rounded to bfloat16"),
        ("rounded to float16", "all weights are rounded to float16"),
        ("a matrix of rank 1 added", "columns are more correlated than by chance"),
        ("a row half as large", "times the spread"),
        ("tails clipped", "the std is 0.989 times the law's, 6.8 s.e. off"),
    ],
)
def test_it_is_told_by_what(name, says):
    assert says in corrupted(name).misfits[0]


def test_few_values_and_singular_values_are_told():
    assert "there are only 115 different sizes of weights" in corrupted("rounded to 8 bits").misfits
    assert any("the largest singular value is" in told for told in corrupted("a matrix of rank 1 added").misfits)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.words)
@pytest.mark.parametrize("shape", [(3, 3, 1, 8), pytest.param((10, 10), marks=pytest.mark.slow)], ids=str)
def test_independent_draws_are_refused_as_seldom_as_is_promised(law, shape):
    kernels = drawn(law, (300, *shape))
    refused = sum(fit_of_kernel(kernel, law).p_value < 0.01 for kernel in kernels)
    assert refused <= 10  # exceeded once in 4,000 by what is refused once in a hundred


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (40, 1), (2, 2), (3, 5), (5, 1000)], ids=str)
def test_every_shape_can_be_tested(shape):
    fit = fit_of_kernel(drawn(FLAT, shape, seed=3), FLAT)
    assert fit.p_value > 0.01
    assert fit.tested == "its distribution and its independence"


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.words)
def test_scores_are_standard_normal(law):
    scores = scores_of(drawn(law, (400, 500)), law).astype(np.float64)
    expected = special.ndtri(law.cdf(drawn(law, (400, 500)).astype(np.float64)))
    assert np.median(np.abs(scores - expected)) < 1e-4
    assert abs(np.mean(scores)) * 447 < 4
    assert abs(np.mean(scores**2) - 1) * 316 < 4


def test_sums_of_pieces_are_those_of_the_whole(monkeypatch):
    weights = drawn(NORMAL, (103, 36))
    whole = result_of(score_sums.score_sums(weights, NORMAL))
    monkeypatch.setattr(score_sums, "PIECE", 300)
    pieces = result_of(score_sums.score_sums(weights, NORMAL))
    assert (pieces.signs, pieces.sizes) == (whole.signs, whole.sizes)
    assert whole.signs[0].pairs == 103 * 35
    assert whole.signs[1].pairs == 102 * 36
    assert pieces.patches == pytest.approx(whole.patches)
    for ours, theirs in ((pieces.columns, whole.columns), (pieces.rows, whole.rows)):
        assert ours.sums == pytest.approx(theirs.sums, abs=1e-4)
        assert ours.squares == pytest.approx(theirs.squares, rel=1e-5)
    assert np.array_equal(pieces.block, whole.block)


def test_the_largest_singular_value_is_scipys():
    weights = drawn(NORMAL, (300, 40))
    checks = {check.name: check for check in dependence_checks(result_of(score_sums.score_sums(weights, NORMAL)))}
    edge = np.sqrt(300) + np.sqrt(40)
    largest = linalg.svdvals(scores_of(weights, NORMAL))[0]
    assert checks["largest singular value"].statistic == pytest.approx(largest / edge, rel=1e-5)


@pytest.mark.parametrize(("count", "length"), [(8, 9), (4, 12), (10, 64)])
def test_the_energy_of_correlations_has_the_tails_of_simulated_ones(count, length):
    vectors = np.random.default_rng(0).standard_normal((20_000, count, length))
    vectors /= np.linalg.norm(vectors, axis=2, keepdims=True)
    energies = (np.sum(np.square(vectors @ vectors.swapaxes(1, 2)), axis=(1, 2)) - count) / 2
    for share in (0.01, 0.001):
        high, low = np.quantile(energies, [1 - share, share])
        assert _energy_tails(high, count, length)[1] == pytest.approx(share, rel=0.5)
        assert share / 2 < _energy_tails(low, count, length)[0] < 10 * share  # cautious


@pytest.mark.slow
def test_orthogonal_columns_that_pass_as_normal_ones_are_refused():
    weights = np.linalg.qr(np.random.default_rng(0).standard_normal(SHAPE))[0] * 0.05 * np.sqrt(784)
    fit = fit_of_kernel(weights.astype(np.float32), NORMAL)
    assert fit.p_distribution > 0.01
    assert "columns are less correlated than by chance" in fit.misfits[0]


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.words)
def test_what_a_type_rounds_is_no_misfit(dtype, law):
    kernel = drawn(law, SHAPE)
    rounded = kernel.astype(np.float16).astype(np.float32) if dtype == "float16" else bfloat16(kernel)
    fit = fit_of_kernel(rounded, law, precision_of(dtype))
    assert fit.p_value > 0.01
    assert fit.tested.endswith(f"up to rounding to {dtype}")
    assert fit_of_kernel(rounded, law).p_value < RARE


def bfloat16(kernel):
    return BY_NAME["rounded to bfloat16"].of(kernel, np.random.default_rng(0))
