"""Settings stand at the fields that hold them, and say what is made from them."""

from dataclasses import dataclass, fields
from typing import Annotated

import pytest

from initterm.experiments.signal.experiment import SIGNAL_SETTINGS, SignalExperiment
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal
from initterm.theory.settings import Setting, arranged, check, line, number, one_of, settings_of, switch, whole


@dataclass(frozen=True)
class Oven:
    """What is set of an oven."""

    degrees: Annotated[int, Setting("Heat", whole("degrees", 30, 250, 180), words="{}°".format, told=True)] = 180
    mode: Annotated[str, Setting("Mode", one_of("the mode", ("air", "grill")), told=True, joined=True)] = "air"
    light: Annotated[bool, Setting("Light", switch("off", "on"), words=lambda _: "lit", before="degrees")] = False
    salt: Annotated[float, Setting("Salt", number("salt", 0, 1, 0.5, above_low=True), words="salt {:g}".format)] = 0.5
    unset: int = 0

    def __post_init__(self):
        check(self)


def test_name_and_default_are_the_fields():
    assert [(one.name, one.default) for one in settings_of(Oven)] == [
        ("degrees", 180), ("mode", "air"), ("light", False), ("salt", 0.5),
    ]  # fmt: skip


def test_a_form_has_them_in_its_own_order():
    assert [one.name for one in arranged(*settings_of(Oven))] == ["light", "degrees", "mode", "salt"]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"degrees": 20}, "degrees: a whole number from 30 to 250, such as 180, not 20"),
        ({"degrees": 30.5}, "degrees: a whole number"),
        ({"mode": "steam"}, "The mode is one of air, grill, not steam"),
        ({"light": 2}, "It is off or on, not 2"),
        ({"salt": 0.0}, "Salt is greater than 0 and at most 1, such as 0.5, not 0"),
        ({"salt": float("nan")}, "Salt is greater than 0"),
    ],
)
def test_values_outside_the_limits_are_refused(settings, says):
    with pytest.raises(Refusal, match=says):
        Oven(**settings)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "180° air"),
        ({"mode": "grill", "salt": 1.0}, "180° grill · salt 1"),
        ({"light": True, "salt": 0.25}, "180° air · lit · salt 0.25"),
    ],
)
def test_a_line_tells_what_differs_and_what_is_always_told(values, words):
    settings = settings_of(Oven)
    assert line(settings, {one.name: values.get(one.name, one.default) for one in settings}) == words


@pytest.mark.parametrize(
    ("settings", "owners", "apart"),
    [
        (TRAIN_SETTINGS, (NetworkSpec, ModelSpec, Experiment), {"network", "own", "contenders"}),
        (SIGNAL_SETTINGS, (Chain, SignalExperiment), {"chain", "contenders", "hidden"}),
    ],
)
def test_every_field_of_an_experiment_is_a_setting_once(settings, owners, apart):
    names = [one.name for one in settings]
    assert len(names) == len(set(names))
    assert set(names) - {"depth", "width", "gain"} == {field.name for one in owners for field in fields(one)} - apart
    for one in settings:
        one.check(one.default)
        assert one.label


def _another(setting):
    """A value that isn't the default, where one can be had without knowing the setting."""
    others = [value for _, value in setting.kind.choices if value != setting.default]
    return others[0] if others else setting.kind.step(setting.default, 1) if setting.kind.step else "other"


@pytest.mark.parametrize("setting", [*TRAIN_SETTINGS, *SIGNAL_SETTINGS], ids=lambda one: one.name)
def test_every_setting_has_words_for_a_value_that_is_not_the_default(setting):
    assert setting.words(_another(setting))
