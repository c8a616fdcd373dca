"""Activations with parameters of their own: ``leaky_relu(negative_slope=0.3)``, ``elu(alpha=0.5)``."""

from __future__ import annotations

from collections.abc import Mapping

from initterm.theory.activation import Activation, ActivationRow
from initterm.theory.activations import ROWS
from initterm.theory.parameters import call_of, checked
from initterm.theory.refusal import Refusal, shown

PARAMETRIC: Mapping[str, ActivationRow] = {row.name: row for row in ROWS if row.parameters}


def parametric_of(text: str) -> Activation:
    """Read an activation with its parameters by name, as Keras spells them.

    Raises:
        Refusal: no such activation or parameter, or a value that makes no sense.
    """
    call = call_of(text)
    if call is None or call.positional or not call.brackets:
        raise Refusal("Write an activation with its parameters such as leaky_relu(negative_slope=0.3).")
    row = PARAMETRIC.get(call.name)
    if row is None:
        raise Refusal(f"{shown(call.name)} takes no parameters here; those that do are {', '.join(PARAMETRIC)}.")
    return row.activation(checked(row.name, row.parameters, dict(call.named)))
