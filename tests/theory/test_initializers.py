"""A choice of initializer has one text form, which is read without evaluating anything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initterm.theory.initializer_rows import CATALOGUE, DISTRIBUTIONS, MODES
from initterm.theory.initializers import InitializerSpec
from initterm.theory.parameters import LARGEST, SMALLEST
from initterm.theory.refusal import Refusal

sizes = st.floats(SMALLEST, LARGEST)
numbers = sizes | sizes.map(lambda value: -value) | st.just(0.0)


@st.composite
def specs(draw):
    family = draw(st.sampled_from(CATALOGUE))
    given_values = []
    for parameter in family.parameters:
        if draw(st.booleans()):
            numeric = sizes if parameter.positive else numbers
            values = st.sampled_from(parameter.choices) if parameter.choices else numeric
            given_values.append((parameter.name, draw(values)))
    values = {parameter.name: parameter.default for parameter in family.parameters} | dict(given_values)
    if family.name == "random_uniform" and not values["minval"] < values["maxval"]:
        return InitializerSpec(family.name)
    return InitializerSpec(family.name, tuple(given_values))


@given(specs())
def test_printing_and_parsing_are_inverse(spec):
    assert InitializerSpec.parse(str(spec)) == spec


@given(st.text() | st.text(alphabet="he_normal()=,.'\"0123456789[]{}* ", max_size=60))
def test_no_text_raises_more_than_a_refusal(text):
    try:
        InitializerSpec.parse(text)
    except Refusal as refusal:
        assert str(refusal)


@pytest.mark.parametrize(
    "text",
    [
        "he_normal",
        "HeNormal",
        "HeNormal()",
        "keras.initializers.HeNormal()",
        "tf.keras.initializers.he_normal",
        "'he_normal'",
    ],
)
def test_reads_what_keras_users_write(text):
    assert InitializerSpec.parse(text) == InitializerSpec("he_normal")


def test_positional_and_named_parameters_are_the_same():
    written = "variance_scaling(scale=2.0, mode='fan_in', distribution='uniform')"
    assert InitializerSpec.parse("VarianceScaling(2, 'fan_in', 'uniform')") == InitializerSpec.parse(written)
    assert str(InitializerSpec.parse(written)) == written


def test_keras_lines():
    assert InitializerSpec("he_normal").keras_line == 'kernel_initializer="he_normal"'
    spec = InitializerSpec.parse("variance_scaling(scale=2.0, mode='fan_in', distribution='uniform')")
    assert spec.keras_line == (
        "kernel_initializer=keras.initializers.VarianceScaling(scale=2.0, mode='fan_in', distribution='uniform')"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "missing"),
        ("he_norml", "did you mean he_normal?"),
        ("__import__('os')", "No initializer is called '__import__'"),
        ("he_normal.__class__", "is not an initializer"),
        ("variance_scaling(scale=-1)", "greater than 0"),
        ("variance_scaling(scale=0)", "greater than 0"),
        ("variance_scaling(mode='fan_up')", "one of fan_in, fan_out, fan_avg"),
        ("variance_scaling(scale='2')", "is a number"),
        ("variance_scaling(scale=True)", "is a number"),
        ("variance_scaling(scale=1e999)", "is a number"),
        ("variance_scaling(scale=2.0, gain=1)", "no parameter 'gain'"),
        ("variance_scaling(2.0, scale=2.0)", "twice"),
        ("variance_scaling(1, 'fan_in', 'uniform', 4)", "too many"),
        ("constant(1e39)", "1e-30 to 1e+30"),
        ("random_uniform(0.1, -0.1)", "minval is less than maxval"),
        ("he_normal(seed=3)", "seed stands beside"),
        ("constant(*[1])", "is not an initializer"),
        ("constant(**{'value': 1})", "is not an initializer"),
        ("constant(value=(lambda: 1)())", "is not an initializer"),
        ("(" * 5000, "is not an initializer"),
    ],
)
def test_refuses_in_a_sentence(text, says):
    with pytest.raises(Refusal) as refusal:
        InitializerSpec.parse(text)
    assert says in str(refusal.value)
    assert len(str(refusal.value)) < 220


def test_choices_of_variance_scaling_are_complete():
    assert MODES == ("fan_in", "fan_out", "fan_avg")
    assert DISTRIBUTIONS == ("truncated_normal", "untruncated_normal", "uniform")
