"""The models to try an audit with: what is wrong with one is found, and nothing with the other."""

from initterm.engine.audit.auditing import audited
from initterm.engine.models import examples


def errors(model):
    return {f"{finding.layer}/{finding.tensor}" for finding in audited(model).at_least("error")}


def test_the_faults_of_the_faulty_one_are_found():
    found = errors(examples.faulty())
    assert {place.split("/")[0] for place in found} == {"depthwise", "second_twin"}


def test_the_sound_one_has_none():
    assert errors(examples.sound()) == set()


def test_the_one_to_train_is_as_deep_as_is_asked_for():
    model = examples.deep(3)
    assert [layer.name for layer in model.layers if "dense" in layer.name] == ["dense_1", "dense_2", "dense_3"]
    assert (model.input_shape, model.output_shape) == ((None, 28, 28), (None, 10))
