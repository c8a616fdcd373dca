"""The guide: the field's conventions, what is computed for the rest, and both side by side."""

import pytest

from initterm.theory.activations import CATALOGUE
from initterm.theory.fixed_points import variance_map
from initterm.theory.guide import (
    CONVENTIONS,
    ROWS,
    advice_for,
    comparison,
    derivation,
    problem,
    row_of,
    rows_matching,
    rows_of,
)
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

SQUARE = Shape((500, 500))


def row(name):
    return next(row for row in ROWS if row.activation.name == name)


def test_the_fields_conventions_come_first():
    he, lecun, glorot = ("he_normal",), ("lecun_normal",), ("glorot_uniform",)
    expected = dict.fromkeys(("relu", "leaky_relu", "prelu", "elu"), he)
    expected |= {"selu": lecun} | dict.fromkeys(("tanh", "sigmoid", "softmax"), glorot)
    assert {row.activation.name: (str(row.initializer),) for row in CONVENTIONS} == expected
    assert ROWS[: len(CONVENTIONS)] == CONVENTIONS
    assert not any(row.computed for row in CONVENTIONS)


def test_every_activation_has_one_row():
    assert sorted(row.activation.name for row in ROWS) == sorted(activation.name for activation in CATALOGUE)


@pytest.mark.parametrize("row", [row for row in ROWS if row.computed], ids=lambda row: row.activation.name)
def test_what_is_computed_keeps_a_unit_variance(row):
    weight_variance = law_of(row.initializer, SQUARE).std ** 2 * SQUARE.fan_in
    assert variance_map(row.activation, 1.0, weight_variance) == pytest.approx(1, rel=1e-3)
    assert dict(row.initializer.values) | {"mode": "fan_in", "distribution": "truncated_normal"} == dict(
        row.initializer.values
    )


def test_gelu_stands_there_with_its_nearest_name():
    assert row("gelu").initializer == InitializerSpec("variance_scaling", (("scale", 2.352),))
    assert row("gelu").reason == "E[φ²] = 0.4252: he_normal (scale 2) loses 15% of the variance a layer."


@pytest.mark.parametrize(
    ("name", "scale"), [("he_normal", 2), ("lecun_normal", 1), ("glorot_uniform", 1)], ids=lambda value: str(value)
)
def test_named_scales_are_those_of_the_laws(name, scale):
    assert law_of(InitializerSpec(name), SQUARE).std ** 2 * SQUARE.fan_in == pytest.approx(scale)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("relu", "Computation agrees: E[φ²] = 0.5, so scale 2 keeps a unit variance."),
        ("selu", "Computation agrees"),
        ("elu", "scale 1.551 keeps a unit variance; he_normal (scale 2 at equal fans) adds 29% of the variance"),
        ("tanh", "scale 2.536 keeps a unit variance; glorot_uniform (scale 1 at equal fans) loses 61% of the variance"),
        ("tanh", "die out, though ever more slowly"),
        ("sigmoid", "the pre-activations' variance settles at 0.265"),
    ],
)
def test_convention_and_computation_stand_side_by_side(name, says):
    assert says in comparison(row(name).activation, row(name).initializer)


def test_what_acts_on_a_whole_layer_has_no_numbers():
    softmax = row("softmax")
    assert advice_for(softmax.activation) is None
    assert comparison(softmax.activation, softmax.initializer) == ""
    assert list(derivation(softmax.activation)) == []
    assert "no gain" in softmax.caveats[0]


def test_a_little_smaller_need_not_die_out():
    """Of cosh(x) it settles."""
    assert any("a variance of 0.9 settles at 0.368" in caveat for caveat in row_of("cosh(x)").caveats)


def test_the_derivation_has_its_numbers():
    words = "\n".join(derivation(row("gelu").activation))
    for number in ("0.42522", "2.352", "1.53353", "0.45585", "2.194", "1.48111", "2.27", "unstable", "chaotic"):
        assert number in words


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gelu", "a variance of 0.9 is 2.9e-08 after 50 layers and dies out; one of 1.1 is 268 after 50 layers"),
        ("gelu", "Inputs of variance 1 give the first layer 2.35, which is 4818 after 50 layers and grows without end"),
        ("exponential", "a variance of 0.9 settles at 0.203; one of 1.1 grows without end"),
        ("sigmoid", "85% of what it passes on is its mean"),
        ("sigmoid", "leaves 15%"),
        ("relu", ""),
    ],
)
def test_caveats_say_what_the_numbers_warn_of(name, says):
    assert any(says in caveat for caveat in row(name).caveats)


@pytest.mark.parametrize(
    ("text", "name", "gain"),
    [
        ("GELU", "gelu", 1.53353),
        ("leaky_relu(negative_slope=0.3)", "leaky_relu(negative_slope=0.3)", (2 / 1.09) ** 0.5),
        ("elu( alpha = 1.0 )", "elu(alpha=1.0)", 1.24520),
        ("x*tanh(softplus(x))", "x*tanh(softplus(x))", 1.48685),
        ("where(x>0, x, 0.1*x)", "where(x>0, x, 0.1*x)", (2 / 1.01) ** 0.5),
        ("max_value", "", 0),
        ("elu(beta=1)", "", 0),
        ("x.__class__", "", 0),
    ],
)
def test_a_row_is_found_by_name_by_parameters_or_by_formula(text, name, gain):
    if name:
        found = row_of(text)
        assert found.activation.name == name
        assert found.activation.gain_forward == pytest.approx(gain, abs=1e-5)
    else:
        with pytest.raises(Refusal):
            row_of(text)


def test_search_looks_at_activation_initializer_reason_and_reference():
    assert [row.activation.name for row in rows_matching("gel")] == ["gelu"]
    assert "selu" in [row.activation.name for row in rows_matching(" LECUN ")]
    assert [row.activation.name for row in rows_matching("calculate_gain")] == ["selu"]
    assert len(rows_matching("")) == len(ROWS)
    assert not rows_matching("no such thing")


def test_the_problem_is_told_with_computed_numbers():
    assert "0.5 for Glorot: after 30 layers 9.3e-10" in problem()
    assert "For He it is 1:" in problem()
    assert "it is 2: after 30 layers 1.1e+09" in problem()


def test_what_others_call_an_initializer_finds_what_it_suits():
    he = [row.activation.name for row in ROWS if str(row.initializer) == "he_normal"]
    for text in ("kaiming_normal_", "torch.nn.init.kaiming_normal_", "msra"):
        assert [row.activation.name for row in rows_of(text)] == he
    assert {str(row.initializer) for row in rows_matching("kaiming")} == {"he_normal"}
    with pytest.raises(Refusal, match=r"xavier_normal_ is glorot_normal here.* for no activation"):
        rows_of("xavier_normal_")
    assert [row.activation.name for row in rows_of("tanh")] == ["tanh"]
