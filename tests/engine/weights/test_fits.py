"""The test of fit passes what follows its law, and rejects what doesn't, at the size of the notebook's kernel."""

import numpy as np
import pytest
from scipy import stats

from initterm.engine.audit.auditing import spread_of
from initterm.engine.weights.drawing import keras_initializer
from initterm.engine.weights.fits import WeightMoments, chance_of_distance, fit_of_kernel, result_of
from initterm.engine.weights.orthogonality import orthogonality, orthogonality_residual
from initterm.engine.weights.precision import precision_of
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.shapes import Shape
from tests.engine.weights.drawing import sample

SHAPE = Shape((784, 256))
DOUBTFUL = 0.01
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 5))]


def kernel(name, seed, shape=SHAPE):
    return np.asarray(keras_initializer(InitializerSpec.parse(name), seed)(shape.dims)).ravel().copy()


def fit(weights, name, shape=SHAPE):
    return fit_of_kernel(weights.reshape(shape.dims), law_of(InitializerSpec.parse(name), shape))


@pytest.mark.parametrize(
    ("name", "seeds", "doubted"),
    [
        ("he_normal", 20, 1),
        *(
            pytest.param(name, 100, 3, marks=pytest.mark.slow)
            for name in ("he_normal", "glorot_uniform", "random_normal")
        ),
    ],
)
def test_true_samples_pass(name, seeds, doubted):
    p_values = [fit(kernel(name, seed), name).p_value for seed in range(seeds)]
    assert sum(p_value < DOUBTFUL for p_value in p_values) <= doubted


def test_moments_of_chunks_are_scipys_of_the_whole():
    chunks = np.split(np.random.default_rng(0).gamma(2.0, 3.0, 1000), [10, 600])
    moments = WeightMoments.of(chunks[0]) + WeightMoments.of(chunks[1]) + WeightMoments.of(chunks[2])
    whole = stats.describe(np.concatenate(chunks), ddof=0)
    assert (moments.count, moments.low, moments.high) == (whole.nobs, *whole.minmax)
    assert (moments.mean, moments.std) == pytest.approx((whole.mean, np.sqrt(whole.variance)), rel=1e-12)


@pytest.mark.parametrize("name", ["he_normal", "glorot_uniform"])
@pytest.mark.parametrize("law", ["he_normal", "random_normal"])
def test_the_test_of_the_shape_is_scipys(name, law):
    weights = kernel(name, 0)
    check = fit(weights, law).checks[0]
    scipys = stats.ks_1samp(weights.astype(np.float64), law_of(InitializerSpec(law), SHAPE).cdf, method="exact")
    assert check.name == "Kolmogorov-Smirnov"
    assert check.statistic == pytest.approx(scipys.statistic, rel=1e-9)
    assert check.p_value == pytest.approx(chance_of_distance(scipys.statistic, weights.size), rel=1e-9)


@pytest.mark.parametrize("count", [20, 1000, 1001, 5000, 40_000])
@pytest.mark.parametrize(("roots", "within"), [(0.6, 0.006), (0.9, 0.008), (1.36, 0.002), (1.9, 0.02), (4.0, 0.06)])
def test_the_chance_of_a_distance_is_scipys(count, roots, within):
    """Exact for few weights, and for many as near as is said."""
    exact = stats.kstwo.sf(roots / np.sqrt(count), count)
    within = 1e-12 if count <= 1000 else within
    assert chance_of_distance(roots / np.sqrt(count), count) == pytest.approx(exact, rel=within)


def test_kurtosis_is_scipys():
    weights = np.random.default_rng(0).gamma(2.0, 3.0, 1000).astype(np.float32)
    assert spread_of(weights).kurtosis == pytest.approx(stats.kurtosis(weights.astype(np.float64)) + 3, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("drawn", "law"),
    [("he_normal", "glorot_normal"), ("he_uniform", "glorot_uniform"), ("he_normal", "he_uniform")],
)
def test_another_law_is_rejected(drawn, law, seed):
    assert fit(kernel(drawn, seed), law).p_value < 1e-12


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("factor", [0.98, 1.02])
@pytest.mark.parametrize("name", ["he_normal", "he_uniform", "random_normal"])
def test_a_scale_wrong_by_two_percent_is_rejected(name, factor, seed):
    assert fit(kernel(name, seed) * np.float32(factor), name).p_value < 1e-6


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["he_normal", "he_uniform", "random_normal"])
def test_one_outlier_in_a_thousand_is_rejected(name, seed):
    weights, rng = kernel(name, seed), np.random.default_rng(seed)
    at = rng.choice(weights.size, weights.size // 1000, replace=False)
    weights[at] = 10 * weights.std() * rng.choice([-1, 1], at.size)
    assert fit(weights, name).p_value < 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_a_single_weight_beyond_what_chance_reaches_is_rejected(seed):
    weights = kernel("random_normal", seed)
    weights[0] = 10 * weights.std()
    assert fit(weights, "random_normal").p_value < 1e-6


@pytest.mark.parametrize(
    "shape", [(784, 256), pytest.param((256, 784), marks=pytest.mark.slow), (3, 3, 16, 32), (2, 2), (4, 4)], ids=str
)
def test_orthogonal_kernels_pass_their_own_check(shape):
    samples = [sample(InitializerSpec.parse("orthogonal(gain=1.5)"), Shape(shape), seed) for seed in range(10)]
    assert sum(one.fit.p_value < DOUBTFUL for one in samples) <= 1
    assert all(one.fit.checks[1].statistic < 1e-5 for one in samples)


def test_what_is_not_orthogonal_is_rejected():
    matrix = kernel("orthogonal", 1).reshape(SHAPE.dims)
    matrix[:, 1] = matrix[:, 0]
    found = fit(matrix, "orthogonal")
    assert found.p_value < DOUBTFUL
    assert found.misfits[0].startswith("WᵀW is 8.8% off")


def test_the_orthogonality_is_tested_instead_of_independence():
    found = fit(kernel("orthogonal", 1), "orthogonal")
    assert found.tested == "its distribution and its orthogonality"
    assert not {"equal rows", "correlations", "row means"} & {check.name for check in found.checks}


@pytest.mark.parametrize("shape", [(784, 256), (64, 64)], ids=str)
def test_orthogonality_is_up_to_the_rounding_of_the_weights_type(shape):
    matrix = kernel("orthogonal", 1, Shape(shape)).reshape(shape).astype(np.float16).astype(np.float32)
    residual = result_of(orthogonality_residual(matrix, 1.0))
    assert orthogonality(residual, matrix, precision_of("float16")).p_value == 1
    assert orthogonality(residual, matrix, precision_of("float32")).p_value == 0
