"""Widgets that were removed are let go of, so that what an app takes doesn't grow with how long it is used."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial, wraps
from typing import Any

from textual.color import Color
from textual.dom import DOMNode

from initterm.tui.textual_privates import forget_removed_watchers

MOST_COLOURS = 1024

Watch = Callable[..., None]


def without_removed(watch: Watch) -> Watch:
    """``DOMNode.watch`` that first forgets those who watched the same attribute and are gone.

    Textual forgets them when the attribute changes, which one such as ``Footer.compact`` never does, while each change
    of bindings makes new keys in the footer that watch it.
    """

    @wraps(watch)
    def watched(node: DOMNode, other: DOMNode, attribute: str, *rest: Any, **options: Any) -> None:
        forget_removed_watchers(other, attribute)
        watch(node, other, attribute, *rest, **options)

    return watched


def of_colours_alone(inner_outer: Any) -> Callable[..., Any]:
    """``StylesCache.get_inner_outer`` that remembers its answers by the colours alone.

    Textual means it to be a class method: as it is, it remembers the last 1,024 widgets that were drawn, with all
    their lines.
    """
    remembered = lru_cache(MOST_COLOURS)(partial(inner_outer.__wrapped__, None))

    @wraps(inner_outer)
    def styles(_: object, base_background: Color, background: Color) -> Any:
        return remembered(base_background, background)

    return styles
