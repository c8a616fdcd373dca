"""Findings of which the same is said are one finding, that names all it is about."""

import pytest
from msgspec import structs

from initterm.engine.audit.alike import told_once
from initterm.experiments.audit.events import Finding

FOUND = Finding("off_law", "error", "one", "what", "p < 0.001", "why", "fix", "kernel", "he_normal")


def others(**changes):
    return [structs.replace(FOUND, layer=name, **changes) for name in ("two", "three")]


def test_what_is_said_in_the_same_words_is_said_once():
    (finding,) = told_once([FOUND, *others()])
    assert finding.paths == ("one/kernel", "two/kernel", "three/kernel")
    assert finding.mends == ()


def test_errors_with_other_figures_stay_apart_and_notes_dont():
    assert len(list(told_once([FOUND, *others(evidence="p < 0.01")]))) == 2
    note = structs.replace(FOUND, severity="note")
    (finding,) = told_once([note, *others(severity="note", evidence="p < 0.01")])
    assert finding.evidence == note.evidence
    assert len(finding.paths) == 3


@pytest.mark.parametrize("change", [{"check": "dependent"}, {"severity": "warning"}, {"why": "other"}, {"tensor": ""}])
def test_what_is_another_thing_stays_apart(change):
    assert len(list(told_once([FOUND, structs.replace(FOUND, **change)]))) == 2


def test_each_keeps_what_mends_it():
    second = structs.replace(FOUND, severity="note", layer="two", fix="another", initializer="lecun_normal")
    (finding,) = told_once([structs.replace(FOUND, severity="note"), second])
    assert [finding.initializer_of(path) for path in finding.paths] == ["he_normal", "lecun_normal"]
    assert finding.fix == "fix, and the others each by its own"
