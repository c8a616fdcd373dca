"""Results as the text and the pictures of files, and writing them: what can't be written is refused with a sentence."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Json = dict[str, Any]

Forms = Mapping[str, Callable[[], bytes]]
"""What makes the content of a file, by the ending of its name, such as ``.csv``."""


def json_text(values: Json) -> str:
    """One JSON object, indented."""
    return msgspec.json.format(msgspec.json.encode(values)).decode()


def csv_text(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A table with its head, comma-separated; None is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(lines)
    return text.getvalue()


def csv_of(names: Sequence[str], rows: Iterable[Json]) -> str:
    """A table of what objects tell under these names, a line each."""
    return csv_text(names, ([row[name] for name in names] for row in rows))


def check_writable(path: Path) -> None:
    """Refuse before the work, not after it.

    Raises:
        Refusal: the file can't be written.
    """
    try:
        possible = not path.is_dir() and os.access(path if path.exists() else path.parent, os.W_OK)
    except (OSError, ValueError):  # a name that is too long, or has a NUL in it
        possible = False
    if not possible:
        raise _unwritable(path)


def make_folder(path: Path) -> None:
    """Make a folder for files to come, where it isn't there.

    Raises:
        Refusal: nothing can be written into it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        possible = os.access(path, os.W_OK)
    except (OSError, ValueError):
        possible = False
    if not possible:
        raise Refusal(f"{path} can't be written; name a folder that is yours and has room.")


def write(path: Path, content: bytes) -> None:
    """Write a file, over whatever stands there.

    Raises:
        Refusal: the file can't be written.
    """
    try:
        path.write_bytes(content)
    except (OSError, ValueError):
        raise _unwritable(path) from None


def _unwritable(path: Path) -> Refusal:
    return Refusal(f"{path} can't be written; name a file in a folder that exists, is yours and has room.")


DPI = 150
LAW_INK = "#222222"
GRID_INK = "#d8d8d8"


def blank_figure(width: float, height: float) -> Figure:
    """An empty white figure of this size in inches.

    matplotlib is imported here, when a figure is wanted, and without its global state.
    """
    from matplotlib.figure import Figure

    class ShownFigure(Figure):
        """One that a notebook shows as it is."""

        def _repr_html_(self) -> str:
            return svg(self)

    return ShownFigure(figsize=(width, height), dpi=DPI, layout="constrained")


def svg(figure: Figure) -> str:
    """The figure as an element of HTML."""
    content = io.StringIO()
    figure.savefig(content, format="svg")
    return content.getvalue()[content.getvalue().index("<svg") :]


def png(figure: Figure) -> bytes:
    """The figure as a PNG file at 150 dots per inch."""
    content = io.BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()
