"""Settings as Python gives them: under the names of a command's options, as values or as they would be typed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from keyword import iskeyword
from typing import Any

from initterm.theory.refusal import Refusal, name_of, shown
from initterm.theory.settings import Setting


def settings_read(settings: Sequence[Setting], given: Mapping[str, Any]) -> dict[str, Any]:
    """Those that are given, by their fields' names.

    Args:
        settings: all there are.
        given: values, or their texts, by the names of options, ``batch_size`` for ``--batch-size``.

    Raises:
        Refusal: no setting is called so, or it can't be set to that.
    """
    by_argument = {argument_of(one): one for one in settings}
    chosen = {by_argument[name_of(name, by_argument, "setting")]: value for name, value in given.items()}
    return {setting.name: _value(setting, value) for setting, value in chosen.items()}


def argument_of(setting: Setting) -> str:
    """What a setting is called in Python: as its option, or where Python keeps that word for itself as its field."""
    option = setting.flag.removeprefix("--").replace("-", "_")
    return setting.name if iskeyword(option) else option


def defaults_of(settings: Sequence[Setting]) -> dict[str, Any]:
    """What everything is set to where nobody says so, by the fields' names."""
    return {setting.name: setting.default for setting in settings}


def _value(setting: Setting, given: Any) -> Any:
    """The value that is given, or that a text says.

    Raises:
        Refusal: it is none of the setting's.
    """
    if isinstance(given, str | os.PathLike):
        return setting.kind.parse(os.fspath(given))
    value = tuple(given) if isinstance(given, list) else given
    try:
        text = setting.kind.text(value)
        setting.check(value)
    except TypeError:
        raise Refusal(f"{argument_of(setting)}: {shown(repr(given))} is none of its values. {setting.help}") from None
    return setting.kind.parse(text)
