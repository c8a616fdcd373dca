"""What is said of recurrent kernels is what their recurrences do."""

import numpy as np
import pytest

from initterm.engine.audit.auditing import audited
from initterm.engine.audit.recurrent_checks import BOUNDED
from initterm.engine.runtime import keras
from tests.engine.audit.planted import chain, convolved, head, recurrent, simple

layers = keras.layers


def disturbance(growth, units=64, steps=100):
    """How many times a step makes a small disturbance of a tanh state that standard normal numbers drive a little."""
    random = np.random.default_rng(4)
    kernel = random.normal(0, growth / np.sqrt(units), (units, units))
    state, tangent = np.zeros((8, units)), random.standard_normal((8, units))
    logs = []
    for _ in range(steps):
        state = np.tanh(state @ kernel + 0.5 * random.standard_normal(state.shape))
        tangent = (tangent @ kernel) * (1 - state**2)
        size = np.linalg.norm(tangent, axis=1, keepdims=True)
        logs.append(np.log(size).mean())
        tangent /= size
    return np.exp(np.mean(logs))


def test_a_saturating_recurrence_is_chaotic_where_it_is_said_to_be():
    assert disturbance(2**0.5) < 1 < disturbance(BOUNDED[0]) < disturbance(BOUNDED[1])


def checks(model, name):
    return [one for one in audited(model).findings if one.check == name]


@pytest.mark.parametrize(
    ("build", "severities"),
    [
        (lambda: simple("relu", "he_normal"), ["warning"]),
        (lambda: simple("relu", keras.initializers.RandomNormal(stddev=1.0)), ["error"]),
        (lambda: simple("relu", "orthogonal"), []),
        (lambda: simple("tanh", keras.initializers.RandomNormal(stddev=1.0)), ["error"]),
        (lambda: simple("tanh", keras.initializers.RandomUniform(0.0, 0.1)), ["warning"]),
        (lambda: recurrent(), []),
        (lambda: convolved(recurrent_initializer=keras.initializers.RandomNormal(stddev=1.0)), ["error"]),
        (convolved, []),
    ],
)
def test_a_recurrence_that_grows_is_as_grave_as_it_grows(build, severities):
    assert [one.severity for one in checks(build(), "recurrent_growth")] == severities


@pytest.mark.parametrize(("layer", "gates"), [(layers.LSTM, 4), (layers.GRU, 3)])
def test_an_orthogonal_kernel_of_several_gates_has_a_note_whose_code_draws_each(layer, gates):
    def model(**more):
        return chain(layer(16, name="here", **more), head(), shape=(9, 8))

    (finding,) = checks(model(), "gate_orthogonality")
    assert finding.severity == "note"
    name, expression = finding.fix.split("=", 1)
    by_gate = model(**{name: eval(expression, {"keras": keras})})
    kernel = np.asarray(by_gate.get_layer("here").cell.recurrent_kernel.value)
    for gate in np.split(kernel, gates, axis=1):
        assert gate.T @ gate == pytest.approx(np.eye(16), abs=1e-5)
    assert checks(by_gate, "gate_orthogonality") == []


def test_one_gate_or_columns_that_are_orthogonal_have_no_note():
    assert checks(simple("tanh", "orthogonal"), "gate_orthogonality") == []
    assert checks(convolved(), "gate_orthogonality") == []
