"""Weights that were rounded to a smaller type are told as that, whatever law drew them; and what else is wrong, too."""

import numpy as np
import pytest

from initterm.engine.audit.auditing import measured, subjects, tensor_findings
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras, tf
from tests.engine.audit.planted import chain, changed, dense

ORTHOGONAL = keras.initializers.Orthogonal(seed=1)
LAWS = ("he_normal", "glorot_uniform", "random_normal", ORTHOGONAL)


def found(initializer, change, units=64):
    """What the checks find in a kernel of 64 rows that is drawn and then changed, and the first one's evidence."""
    keras.utils.set_random_seed(1)
    opened = OpenedModel(changed(chain(dense(units, initializer, name="one")), "one", change))
    kernel = subjects(opened, [measured(tensor) for tensor in opened.tensors])[0]
    of_values = [one for one in tensor_findings(kernel, trained=False) if one.check != "unsuited"]
    return [one.check for one in of_values], "".join(one.evidence for one in of_values[:1])


def rounded_to(dtype):
    return lambda values: tf.cast(tf.cast(values, dtype), "float32").numpy()


@pytest.mark.parametrize("units", [1, 64, 512])
@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
@pytest.mark.parametrize("initializer", LAWS, ids=["he_normal", "glorot_uniform", "random_normal", "orthogonal"])
def test_a_rounded_kernel_is_told_as_one(initializer, dtype, units):
    checks, evidence = found(initializer, rounded_to(dtype), units)
    assert checks == ["rounded"]
    assert evidence == f"all weights are rounded to {dtype}, and kept in float32"


def with_a_row_copied(values):
    values[17] = values[3]
    return values


@pytest.mark.parametrize(
    ("change", "check"),
    [(with_a_row_copied, "dependent"), (lambda values: values / 2, "off_law"), (np.sort, "dependent")],
)
def test_what_else_is_wrong_with_a_rounded_kernel_is_told(change, check):
    checks, _ = found("he_normal", lambda values: rounded_to("bfloat16")(change(values)))
    assert checks == [check]
