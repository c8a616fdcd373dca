"""What PyTorch and others call an initializer is understood as what it is here, and that is said."""

import math

import pytest

from initterm.theory.initializers import InitializerSpec, other_name
from initterm.theory.laws import law_of
from initterm.theory.other_names import OTHER_NAMES
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

SHAPE = Shape((3, 3, 64, 128))


@pytest.mark.parametrize(
    ("text", "stands_for"),
    [
        ("kaiming_normal_", "he_normal"),
        ("kaiming_normal", "he_normal"),
        ("torch.nn.init.kaiming_uniform_", "he_uniform"),
        ("nn.init.xavier_normal_()", "glorot_normal"),
        ("xavier_uniform", "glorot_uniform"),
        ("MSRA", "he_normal"),
        ("lecun", "lecun_normal"),
        ("kaiming_normal_(nonlinearity='relu')", "he_normal"),
        ("xavier_uniform_(gain=1.5)", "variance_scaling(scale=2.25, mode='fan_avg', distribution='uniform')"),
        (
            "kaiming_normal_(mode='fan_out')",
            "variance_scaling(scale=2.0, mode='fan_out', distribution='untruncated_normal')",
        ),
        (
            "kaiming_normal_(nonlinearity='linear')",
            "variance_scaling(scale=1.0, mode='fan_in', distribution='untruncated_normal')",
        ),
    ],
)
def test_names_of_others_stand_for_the_catalogues(text, stands_for):
    assert str(InitializerSpec.parse(text)) == stands_for
    assert stands_for in other_name(text)


def test_pytorchs_uniforms_have_the_bounds_of_its_documentation():
    """https://docs.pytorch.org/docs/stable/nn.init.html"""
    kaiming, xavier = (law_of(InitializerSpec.parse(name), SHAPE) for name in ("kaiming_uniform_", "xavier_uniform_"))
    assert kaiming.high == pytest.approx(math.sqrt(2) * math.sqrt(3 / SHAPE.fan_in))
    assert xavier.high == pytest.approx(math.sqrt(6 / (SHAPE.fan_in + SHAPE.fan_out)))


@pytest.mark.parametrize("name", [one.name for one in OTHER_NAMES if one.cut])
def test_of_a_normal_it_is_said_that_it_is_cut_here_and_what_is_its_equal(name):
    sentence = other_name(name)
    assert "cut at two stddevs" in sentence
    uncut = InitializerSpec.parse(sentence.partition("uncut it is ")[2].removesuffix("."))
    cut, whole = law_of(InitializerSpec.parse(name), SHAPE), law_of(uncut, SHAPE)
    assert cut.std == pytest.approx(whole.std)
    assert (math.isinf(cut.high), math.isinf(whole.high)) == (False, True)


@pytest.mark.parametrize("text", ["he_normal", "variance_scaling(scale=2.0)", "nobody", "(((", ""])
def test_kerass_own_names_need_no_word(text):
    assert other_name(text) == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("xavier_uniform_(gian=2)", "xavier_uniform_ has no parameter 'gian'; it takes gain"),
        ("kaiming_normal_(mode='fan_avg')", "one of fan_in, fan_out"),
        ("msra(gain=2)", "msra is he_normal here, which takes no parameters"),
        ("kaiming_nrmal_", "did you mean he_normal?"),
    ],
)
def test_what_they_do_not_take_is_refused(text, says):
    with pytest.raises(Refusal, match=says):
        InitializerSpec.parse(text)
