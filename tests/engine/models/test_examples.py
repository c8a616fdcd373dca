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
