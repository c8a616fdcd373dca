"""Kernels drawn by Keras follow the laws that theory claims for them."""

import inspect
import math
import tracemalloc

import numpy as np
import pytest

from initterm.engine.runtime import keras
from initterm.engine.weights import drawing
from initterm.engine.weights.drawing import keras_initializer
from initterm.experiments.weights.events import DrawAdvanced
from initterm.pipe.protocol import Reply, decode_reply, encode
from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape
from tests.engine.weights.drawing import sample as draw

RANDOM = [
    "he_normal",
    "he_uniform",
    "glorot_normal",
    "glorot_uniform",
    "lecun_normal",
    "lecun_uniform",
    "variance_scaling(scale=3.0, mode='fan_out', distribution='untruncated_normal')",
    "variance_scaling(scale=0.5, mode='fan_out')",
    "truncated_normal(mean=0.3, stddev=0.1)",
    "random_normal(mean=-1.0, stddev=0.5)",
    "random_uniform(minval=0.0, maxval=2.0)",
]
SHAPES = [Shape((2000, 500)), Shape((250, 4000)), Shape((3, 3, 400, 100))]
NOT_FOR_WEIGHTS = {"STFT", "Initializer"}


@pytest.mark.parametrize(
    "shape", [SHAPES[0], *(pytest.param(one, marks=pytest.mark.slow) for one in SHAPES[1:])], ids=str
)
@pytest.mark.parametrize("text", RANDOM)
def test_sample_is_within_five_standard_errors_of_its_law(text, shape):
    spec = InitializerSpec.parse(text)
    law, sample = law_of(spec, shape), draw(spec, shape, seed=1)
    assert abs(sample.mean - law.mean) < 5 * law.std_error_of_mean(shape.count)
    assert abs(sample.std - law.std) < 5 * law.std_error_of_std(shape.count)
    assert law.low - 1e-6 <= sample.min
    assert sample.max <= law.high + 1e-6


def test_five_standard_errors_tell_swapped_fans_and_a_missing_correction_apart():
    shape = SHAPES[0]
    law = law_of(InitializerSpec("he_normal"), shape)
    swapped = law_of(InitializerSpec("he_normal"), Shape((500, 2000)))
    tolerance = 5 * law.std_error_of_std(shape.count)
    assert abs(law.std - swapped.std) > 10 * tolerance
    assert abs(law.std - 0.87962566 * law.std) > 10 * tolerance


def test_orthogonal_entries_follow_the_law_of_a_haar_matrix():
    spec, shape = InitializerSpec.parse("orthogonal(gain=2.0)"), Shape((400, 100))
    kernel = np.asarray(keras_initializer(spec, 1)(shape.dims))
    assert np.allclose(kernel.T @ kernel, 4 * np.eye(100), atol=1e-4)
    law = law_of(spec, shape)
    share_within_one_std = np.mean(np.abs(kernel) < law.std)
    expected = float(law.cdf(law.std) - law.cdf(-law.std))
    assert share_within_one_std == pytest.approx(expected, abs=5 * math.sqrt(0.25 / kernel.size))


@pytest.mark.parametrize("text", ["zeros", "ones", "constant(value=-2.5)", "identity(gain=3.0)"])
def test_deterministic_kernels_are_their_law(text):
    spec, shape = InitializerSpec.parse(text), Shape((20, 10))
    law, sample = law_of(spec, shape), draw(spec, shape, seed=1)
    assert (sample.mean, sample.std) == pytest.approx((law.mean, law.std))
    assert (sample.min, sample.max) == (law.low, law.high)
    assert sample.fit is None


def test_catalogue_has_every_weight_initializer_of_keras_with_its_defaults():
    members = filter(inspect.isclass, vars(keras.initializers).values())
    classes = {member.__name__: member for member in members if member.__name__ not in NOT_FOR_WEIGHTS}
    families = {family.keras_class: family for family in CATALOGUE if family.keras_class}
    assert families.keys() == classes.keys()
    for keras_class, family in families.items():
        theirs = inspect.signature(classes[keras_class]).parameters
        defaults = {name: theirs[name].default for name in (parameter.name for parameter in family.parameters)}
        assert defaults == {parameter.name: parameter.default for parameter in family.parameters}


SCALED = [spec for spec in (InitializerSpec(family.name) for family in CATALOGUE) if spec.scaling]


@pytest.mark.parametrize("spec", SCALED, ids=str)
def test_named_scalings_are_keras_own(spec):
    initializer = keras_initializer(spec)
    assert (initializer.scale, initializer.mode, initializer.distribution) == spec.scaling


def test_same_seed_same_kernel_and_another_seed_another():
    spec, shape = InitializerSpec("he_normal"), Shape((30, 20))
    assert draw(spec, shape, 42) == draw(spec, shape, 42)
    assert draw(spec, shape, 42) != draw(spec, shape, 43)


def test_statistics_are_those_of_the_kernel():
    spec, shape = InitializerSpec("he_normal"), Shape((300, 200))
    kernel = np.asarray(keras_initializer(spec, 7)(shape.dims), dtype=np.float64)
    sample = draw(spec, shape, 7)
    assert (sample.mean, sample.std) == pytest.approx((kernel.mean(), kernel.std()), rel=1e-9)
    assert (sample.min, sample.max) == (kernel.min(), kernel.max())


def test_histogram_is_a_density_between_the_laws_edges():
    spec, shape = InitializerSpec("he_normal"), Shape((784, 256))
    law, histogram = law_of(spec, shape), draw(spec, shape, 42, bins=50).histogram
    assert len(histogram.density) == 50
    assert np.sum(np.diff(histogram.edges) * histogram.density) == pytest.approx(1)
    assert (histogram.edges[0], histogram.edges[-1]) == pytest.approx((law.low, law.high))


def test_a_kernel_that_was_left_does_not_hold_up_the_next():
    slow = drawing.draw(InitializerSpec("orthogonal"), Shape((2500, 2500)), 1)
    assert next(slow) == DrawAdvanced("drawing", None)
    slow.close()
    assert draw(InitializerSpec("he_normal"), Shape((30, 20)), 1)
    assert drawing.KerasCall.under_way == 1


@pytest.mark.slow
def test_drawing_and_measuring_takes_no_second_copy():
    """Beyond Keras's own call there is the kernel itself, and pieces of it in double precision."""
    shape, spec = Shape((3000, 3000)), InitializerSpec("he_uniform")
    np.asarray(keras_initializer(spec, 1)((10, 10)))
    tracemalloc.start()
    draw(spec, shape, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * 4 * shape.count


@pytest.mark.parametrize(
    ("text", "shape", "says"),
    [
        ("he_normal", (100_000, 100_000), "37.3 GiB"),
        ("identity", (3, 3, 4, 4), "matrices only"),
        ("orthogonal", (5,), "two or more"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_it_is_tried(text, shape, says):
    with pytest.raises(Refusal, match=says):
        draw(InitializerSpec.parse(text), Shape(shape), 1)


@pytest.mark.parametrize(
    "text",
    [
        "random_normal(stddev=1e30)",
        "random_normal(mean=1e20, stddev=1.0)",
        "truncated_normal(mean=-1e30, stddev=1e-30)",
        "random_uniform(minval=1.0, maxval=1.0000001)",
        "constant(value=1e30)",
        "constant(value=1e-30)",
        "identity(gain=1e30)",
        "variance_scaling(scale=1e-30)",
        "orthogonal(gain=0.0)",
    ],
)
@pytest.mark.parametrize("shape", [(1, 1), (30, 20)], ids=str)
def test_extreme_parameters_give_statistics_that_can_travel(text, shape):
    sample = draw(InitializerSpec.parse(text), Shape(shape), 1)
    assert decode_reply(encode(Reply(1, sample))).event == sample
    assert np.isfinite(sample.histogram.density).all()
