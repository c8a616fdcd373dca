"""A select of a setting's values, to which one that isn't offered, such as a typed activation, is added."""

from __future__ import annotations

from typing import Any

from textual.widgets import Select

from initterm.theory.settings import Choices, Kind


def options_of(kind: Kind, chosen: object) -> Choices:
    """Titles with values; ``chosen`` too where it isn't among them."""
    offered = chosen in [value for _, value in kind.choices]
    return kind.choices if offered else (*kind.choices, (kind.text(chosen), chosen))


def choose(select: Select[Any], kind: Kind, chosen: object) -> None:
    """Choose a value, also one that isn't offered yet."""
    if (options := options_of(kind, chosen)) != kind.choices:
        select.set_options(options)
    select.value = chosen
