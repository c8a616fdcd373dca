"""What tests call: a model that must begin as it should."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from initterm.api.audit import Audit, FailOn, FaultsFound, audit


def assert_initialized(
    model: Any,
    *,
    fail_on: FailOn = "warning",
    data: Any = None,
    input_shape: str | Sequence[int] | Sequence[str] = (),
    ignore: str | Iterable[str] = (),
    baseline: str | os.PathLike[str] = "",
    name: str = "",
) -> Audit:
    """Fail where a model isn't initialized as it declares, or as it should be; else what was found that isn't so grave.

    Args:
        model: as in ``initterm.audit``, and so are ``data``, ``input_shape``, ``ignore``, ``baseline`` and ``name``.
        fail_on: how grave a finding fails: ``"warning"`` and errors, or ``"error"`` alone.

    Raises:
        AssertionError: the model has such findings, which are its message, each with what mends it.
        Refusal: it can't be audited, or not as asked.

    >>> import keras
    >>> hidden = keras.layers.Dense(64, "relu", kernel_initializer="he_normal", name="hidden")
    >>> sound = keras.Sequential([keras.Input((32,)), hidden, keras.layers.Dense(10, "softmax", name="output")])
    >>> assert_initialized(sound).errors
    ()
    """
    __tracebackhide__ = True
    found = audit(model, data=data, input_shape=input_shape, ignore=ignore, baseline=baseline, name=name)
    try:
        return found.raise_for(fail_on)
    except FaultsFound as faults:
        raise AssertionError(str(faults)) from None
