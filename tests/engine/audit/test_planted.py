"""Each planted fault is found and named rightly, and its sound twin is clean."""

import pytest

from tests.engine.audit.planted import PLANTED, audit_of

DEEP = ("signal_explodes", "signal_vanishes", "gradient_vanishes")
"""What takes many layers to plant."""


def test_there_are_enough_faults_of_every_kind():
    assert len(PLANTED) >= 25
    assert len({fault.name for fault in PLANTED}) == len(PLANTED)


@pytest.mark.parametrize(
    "fault",
    [pytest.param(fault, id=fault.name, marks=[pytest.mark.slow] * (fault.check in DEEP)) for fault in PLANTED],
)
def test_a_planted_fault_is_found_and_its_sound_twin_is_clean(fault):
    findings = [finding for finding in audit_of(fault.faulty).at_least(fault.severity) if finding.check == fault.check]
    assert findings
    told = {name for one in findings for name in (one.layer, *(path.rpartition("/")[0] for path in one.others))}
    assert fault.layer in told or not fault.layer
    assert all(finding.what and finding.evidence and finding.why and finding.fix for finding in findings)
    assert audit_of(fault.sound).at_least("warning") == ()


STEADY = (
    "a kernel halved",
    "a grouped convolution drawn by all channels",
    "an infinite bias",
    "transposed with strides",
    "random_normal on ReLU",
    "SELU with He",
    "a gradient that vanishes",
)


@pytest.mark.slow
def test_the_same_model_with_other_seeds_gives_the_same_findings():
    by_name = {fault.name: fault for fault in PLANTED}
    for name in STEADY:
        build = by_name[name].faulty
        named = {tuple((one.check, one.layer) for one in audit_of(build, seed).findings) for seed in (1, 2)}
        assert len(named) == 1
