"""An axis has one text form, which gives it back, and tells which of its values can't be."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initterm.experiments.sweep.axis import Axis
from initterm.experiments.sweep.axis_kinds import SETTINGS, WHY_NOT
from initterm.experiments.sweep.axis_range import AxisRange
from initterm.experiments.training.experiment import TRAIN_SETTINGS
from initterm.theory.refusal import Refusal
from tests.experiments.sweep.axes import AXES


@settings(max_examples=100)
@given(AXES)
def test_an_axis_is_read_as_it_is_written(axis):
    assert Axis.parse(str(axis), ("s",)) == axis


@settings(max_examples=50)
@given(
    st.sampled_from(("learning_rate", "s", "model.depth")),
    st.integers(1, 9),
    st.integers(10, 99),
    st.integers(2, 9),
    st.booleans(),
)
def test_a_range_has_its_ends_and_is_read_as_it_is_written(name, first, last, count, log):
    axis = Axis.parse(f"{name}={first}:{last}:{count}{'log' * log}", ("s",))
    assert (axis.values[0], axis.values[-1], len(axis.values)) == (str(first), str(last), count)
    assert Axis.parse(str(axis), ("s",)) == axis


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("hidden = 64*5, [64,64,64] ,(256, 128)", ("64*5", "64*3", "256,128")),
        ("learning-rate=0.0003:0.01:4log", ("0.0003", "0.000965489", "0.00310723", "0.01")),
        ("epochs=1:10:4", ("1", "4", "7", "10")),
        ("s=4:0.5:3", ("4", "2.25", "0.5")),
        ("residual=False,True", ("none", "residual")),
        ("input=pixels,standardized", ("pixels", "standardized")),
        ("data=auto,C:1:2", ("auto", "C:1:2")),
        ("model.depth=4,'a',b,None", ("4", "a", "b", "None")),
    ],
)
def test_values_have_one_text_each(text, written):
    assert Axis.parse(text, ("s",)).values == written


@pytest.mark.parametrize("text", ["learning_rate=0.0003:0.01:4log", "s=0.5:4:15", "hidden=64*5,64*10", "epochs=5,10"])
def test_a_range_is_told_as_one_where_that_is_short(text):
    assert str(Axis.parse(text, ("s",))) == text


@settings(max_examples=100)
@given(
    st.sampled_from(("hidden", "s", "model.depth", "data", "activation", "epochs")),
    st.text("(1:,a2'\"[)]=.log* -", max_size=9),
)
def test_any_text_is_an_axis_or_refused_in_a_sentence(name, text):
    try:
        axis = Axis.parse(f"{name}={text}", ("s",))
    except Refusal:
        return
    assert Axis.parse(str(axis), ("s",)) == axis


def test_every_setting_of_train_is_an_axis_or_says_why_it_is_none():
    assert {setting.name for setting in TRAIN_SETTINGS} == (SETTINGS.keys() | WHY_NOT.keys()) - {"depth", "width"}
    for name in WHY_NOT:
        with pytest.raises(Refusal, match="is no axis of a sweep"):
            Axis.parse(f"{name}=1")


def test_ratios_of_a_range_are_even():
    numbers = AxisRange.parse("0.001:10:5log", "s").numbers
    assert numbers == (0.001, 0.01, 0.1, 1.0, 10.0)


@pytest.mark.parametrize("values", [("64,64,64",), ("064",), ("64", "64"), ()])
def test_values_in_another_form_are_refused(values):
    with pytest.raises(Refusal):
        Axis("hidden", values)
