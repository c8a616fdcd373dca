"""An activation by any text that a person may type for it: its name, name and parameters, or a formula in x."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from initterm.theory.activation import Activation, ActivationRow
from initterm.theory.activations import ROWS, activation_named
from initterm.theory.formula import activation_of
from initterm.theory.grammar import EXAMPLE
from initterm.theory.numbers import grouped, plain, short
from initterm.theory.parameters import LONGEST, call_of, checked
from initterm.theory.refusal import Refusal, shown

NAME = re.compile(r"[A-Za-z][\w -]*")

SMALLEST_MOMENT, LARGEST_MOMENT = 1e-20, 1e20
"""What a typed activation's mean squares may be, well inside what an initializer's scale can make up for."""


@lru_cache(maxsize=256)
def activation(text: str) -> Activation:
    """The activation that a text names or describes; its ``name`` is the text's one form, which gives the same again.

    Raises:
        Refusal: the text is no name, no name with parameters, and no formula.
    """
    text = text.strip()
    if not text:
        raise Refusal("An activation is missing; write a name such as relu, or a formula such as x*tanh(softplus(x)).")
    if len(text) > LONGEST:
        raise Refusal(
            f"An activation or formula has at most {LONGEST} characters, not {grouped(len(text))}; {EXAMPLE}."
        )
    if NAME.fullmatch(text) and text != "x":
        return activation_named(text)
    call = call_of(text)
    typed = parametric_of(text) if call and call.brackets and not call.positional else activation_of(text)
    _check_moments(typed)
    return typed


def check_activation(text: str) -> None:
    """Whether a text is the one form of an activation.

    Raises:
        Refusal: it is no activation, or written otherwise.
    """
    if (name := activation(text).name) != text:
        raise Refusal(f"The activation '{shown(text)}' is written {shown(name)}.")


def elementwise(text: str) -> Activation:
    """The activation of this text, of those that act on one number.

    Raises:
        Refusal: there is none, or it acts on a whole layer.
    """
    found = activation(text)
    if found.function is None:
        raise Refusal(f"{found.name} acts on a whole layer, not on one number; choose one such as relu.")
    return found


def _check_moments(typed: Activation) -> None:
    moments = typed.moments(1.0)
    for name, mean_square in (("E[φ²]", moments.square), ("E[φ′²]", moments.slope_square)):
        if not SMALLEST_MOMENT <= mean_square <= LARGEST_MOMENT:
            raise Refusal(
                f"`{shown(typed.name)}` has {name} = {short(float(mean_square))} over a unit normal, from which no "
                f"gain follows; it has to be {plain(SMALLEST_MOMENT)} to {plain(LARGEST_MOMENT)}."
            )


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
