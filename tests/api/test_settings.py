"""Settings are given under the names of options, as values or as texts."""

import pytest

from initterm.api.settings import argument_of, defaults_of, settings_read
from initterm.experiments.signal.experiment import SIGNAL_SETTINGS, SignalExperiment
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal


def test_values_and_texts_are_read_alike():
    given = {"hidden": [64, 64], "learning_rate": 1, "looked": (5, 10), "stop_losing": True}
    typed = {"hidden": "64,64", "learning_rate": "1", "looked": "5,10", "stop_losing": "True"}
    assert settings_read(TRAIN_SETTINGS, given) == settings_read(TRAIN_SETTINGS, typed)
    assert settings_read(SIGNAL_SETTINGS, {"input": "pixels", "bias-std": 0.1}) == {"source": "pixels", "bias_std": 0.1}


def test_every_setting_can_be_given_by_a_name_of_python():
    for settings in (SIGNAL_SETTINGS, TRAIN_SETTINGS):
        defaults = defaults_of(settings)
        by_argument = {argument_of(one): defaults[one.name] for one in settings}
        assert all(name.isidentifier() for name in by_argument)
        assert settings_read(settings, by_argument) == defaults
    assert Experiment.of(Experiment.contenders, defaults_of(TRAIN_SETTINGS)) == Experiment()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"deepth": 3}, "No setting is called 'deepth'; did you mean depth?"),
        ({"depth": "many"}, "a whole number from 1 to 1,000"),
        ({"depth": [3]}, "a whole number"),
        ({"depth": 2.5}, "a whole number"),
        ({"bias_std": None}, "bias_std: None is none of its values"),
        ({"residual": 1}, "It is none or residual"),
    ],
)
def test_what_is_no_setting_or_no_value_is_refused(given, says):
    with pytest.raises(Refusal, match=says.replace("?", r"\?")):
        settings_read(SIGNAL_SETTINGS, given)


def test_data_without_an_input_are_standardized():
    asked = (InitializerSpec("he_normal"),), defaults_of(SIGNAL_SETTINGS) | {"data": "digits"}
    assert SignalExperiment.asked(*asked, {"data"}).source == "standardized"
    assert SignalExperiment.asked(*asked, {"data", "source"}).source == "normal"
