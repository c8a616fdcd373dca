"""One selection: what is marked, and what stands beside the catalogue, in every list of initializers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from initterm.theory.initializers import InitializerSpec


@dataclass(frozen=True)
class Selection:
    """What is marked, and the initializers with parameters that were added; both in the order of the lists.

    ``marked`` is None until something is marked: until then each list shows what its pane begins with.
    """

    marked: tuple[InitializerSpec, ...] | None = None
    added: tuple[InitializerSpec, ...] = ()


def listed(catalogue: Iterable[InitializerSpec], added: Iterable[InitializerSpec]) -> list[InitializerSpec]:
    """The catalogue's initializers, each followed by those of its name that were added; others aren't listed."""
    rows = dict.fromkeys(catalogue)
    more = [one for one in dict.fromkeys(added) if one not in rows]
    return [one for row in rows for one in (row, *(one for one in more if one.name == row.name))]
