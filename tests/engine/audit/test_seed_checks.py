"""How grave it is that a model begins alike each time, by why it does."""

import pytest

from initterm.engine.audit.audited_tensor import AuditedTensor
from initterm.engine.audit.auditing import measured, tensor_findings
from initterm.engine.audit.seed_checks import SAID, SEED_CHECKS
from initterm.engine.models.graph import Surroundings
from initterm.engine.models.recording import Recorded, Repeat
from initterm.engine.models.tensors import tensors_of
from initterm.engine.runtime import keras


@pytest.mark.parametrize(("kind", "severity"), [("kept", "warning"), ("written", "note"), ("set", "note")])
def test_only_a_seed_that_nobody_chose_is_a_warning(kind, severity):
    layer = keras.layers.Dense(6, name="one")
    model = keras.Sequential([keras.Input((8,)), layer])
    drawing = layer.kernel_initializer
    known = {id(layer.kernel): drawing}
    repeats = {id(layer.kernel): Repeat(drawing, kind)}
    kernel, bias = tensors_of(model, Recorded(known, frozenset(), repeats))
    (row,) = SEED_CHECKS
    finding = row.check(AuditedTensor(kernel, measured(kernel), Surroundings(), 1))
    assert (finding.severity, finding.why) == (severity, SAID[kind].why)
    assert finding.initializer == ""
    assert row.check(AuditedTensor(bias, measured(bias), Surroundings(), 1)) is None
    assert finding not in tensor_findings(AuditedTensor(kernel, measured(kernel), Surroundings(), 1), trained=True)
