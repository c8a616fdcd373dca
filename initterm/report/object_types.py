"""Types of JSON objects, put together of the fields of structs and dataclasses, and of what stands beside them."""

from __future__ import annotations

from dataclasses import is_dataclass
from types import GenericAlias
from typing import Any, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType

from initterm.experiments.message import Machine

Fields = dict[str, Any]
"""Types by the names of keys."""

COMPUTED: Fields = {"device": str, "versions": dict[str, str], "machine": Machine}
"""What something was computed with."""


def of(owner: type, *names: str, but: tuple[str, ...] = ()) -> Fields:
    """The keys of a struct or of a dataclass, those that are named or all but some."""
    hints = get_type_hints(owner)
    known = tuple(owner.__dataclass_fields__) if is_dataclass(owner) else owner.__struct_fields__  # type: ignore[attr-defined]
    return {name: hints[name] for name in names or known if name not in but}


def shape(called: str, /, *parts: Fields, **more: Any) -> Any:
    """An object of these keys, the later parts over the earlier ones."""
    fields: Fields = {}
    for part in (*parts, more):
        fields |= part
    optional = [(key, kind, UNSET) for key, kind in fields.items() if _may_be_missing(kind)]
    needed = [(key, kind) for key, kind in fields.items() if not _may_be_missing(kind)]
    return msgspec.defstruct(called, [*needed, *optional], kw_only=True)


def _may_be_missing(kind: Any) -> bool:
    return UnsetType in getattr(kind, "__args__", ())


def sometimes(fields: Fields) -> Fields:
    """The same keys, which needn't be there."""
    return {key: kind | UnsetType for key, kind in fields.items()}


def several(kind: Any) -> Any:
    """A list of these."""
    return GenericAlias(list, (kind,))


def named(kind: Any) -> Any:
    """These by name."""
    return GenericAlias(dict, (str, kind))


def each(kind: Any, *names: str) -> Fields:
    """Keys that have one type.

    >>> each(int, "seed", "count")
    {'seed': <class 'int'>, 'count': <class 'int'>}
    """
    return dict.fromkeys(names, kind)
