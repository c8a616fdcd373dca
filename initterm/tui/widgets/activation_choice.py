"""A select of activations by name, to which a typed one is added when it is sent here."""

from __future__ import annotations

from typing import Any

from textual.widgets import Select

from initterm.theory.activations import BY_NAME, TRAINABLE

Options = list[tuple[str, Any]]


def activation_options(chosen: str, *, elementwise: bool = False) -> Options:
    """Titles with names; ``chosen`` too where it is a typed one.

    Args:
        chosen: what is to be among them.
        elementwise: whether only those that act on one number are offered.
    """
    rows = [BY_NAME[name] for name in TRAINABLE if BY_NAME[name].curve or not elementwise]
    typed = [] if chosen in BY_NAME else [(chosen, chosen)]
    return [*((row.title, row.name) for row in rows), *typed]


def choose_activation(select: Select[Any], chosen: str, *, elementwise: bool = False) -> None:
    """Choose an activation in a select of them, also one that isn't offered yet."""
    if chosen not in BY_NAME:
        select.set_options(activation_options(chosen, elementwise=elementwise))
    select.value = chosen
