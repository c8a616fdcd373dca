"""What writes the figures of the Guide runs the experiments by the engine, and leaves what was measured as it is."""

from dataclasses import replace

import msgspec
import pytest

from docs import guide_figures
from initterm.experiments.guide.measured import Asked, Measurements
from initterm.experiments.guide.question import signal, training
from initterm.theory.propagation import Chain

TRAINED = replace(training("he_normal", "zeros", hidden="8", seeds=2), epochs=1, samples=160, data="digits")
PASSED = signal("he_normal", "zeros", chain=Chain((16,) * 3), seeds=2)


@pytest.mark.slow
def test_accuracies_losses_and_deaths_are_the_engines_and_tell_where_they_are_from():
    trained, passed = guide_figures.trained(TRAINED), guide_figures.passed(PASSED)
    assert (len(trained.accuracies), len(trained.accuracies[0])) == (2, 2)
    assert trained.accuracies[1] == (pytest.approx(0.1, abs=0.05),) * 2, "zeros learns nothing"
    assert trained.comparison.means[0].mean == pytest.approx(sum(trained.accuracies[0]) / 2)
    assert passed.died == ((False, False), (True, True))
    assert passed.intervals[1] == (pytest.approx(0.158, abs=0.001), 1.0)
    for one in (trained, passed):
        assert one.origin.machine.threads
        assert one.origin.versions["keras"]
    file = guide_figures.file_of(Measurements((trained,), (passed,)))
    assert msgspec.json.decode(file, type=Measurements) == Measurements((trained,), (passed,))


def test_only_what_is_missing_is_measured_and_what_nobody_asks_for_is_dropped(monkeypatch):
    asked = []

    def measured(experiment):
        asked.append(experiment)
        return msgspec.structs.replace(PASSED_ONCE, asked=Asked.of(experiment))

    monkeypatch.setattr(guide_figures, "passed", measured)
    other, dropped = replace(PASSED, seed=1), replace(PASSED, seed=2)
    monkeypatch.setattr(guide_figures, "measured_experiments", lambda: [PASSED, other])
    known = Measurements(
        passed=tuple(msgspec.structs.replace(PASSED_ONCE, asked=Asked.of(one)) for one in (PASSED, dropped))
    )
    *_, last = guide_figures.brought_up_to_date(known)
    assert asked == [other]
    assert [one.asked for one in last.passed] == [Asked.of(PASSED), Asked.of(other)]


PASSED_ONCE = guide_figures.SignalMeasurement(Asked.of(PASSED), guide_figures.Origin("2026-11-30"), (), ())
