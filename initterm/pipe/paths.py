"""What a path can be completed to, on the machine of those who ask."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

MOST_LISTED = 200


def paths_matching(text: str, endings: Sequence[str]) -> list[str]:
    """What the text can be completed to: folders, with a slash, and files with these endings; hidden ones if asked for.

    An empty list where the text is no beginning of a path, or the folder can't be read.
    """
    folder, _, start = text.rpartition("/")
    try:
        inside = Path(f"{folder}/" if "/" in text else ".").expanduser()
        found = sorted(inside.iterdir(), key=lambda path: path.name.lower())
        return [f"{text[: len(text) - len(start)]}{name}" for name in _fitting(found, start, endings)][:MOST_LISTED]
    except (OSError, ValueError, RuntimeError):  # no such folder, a NUL in its name, no such home
        return []


def _fitting(found: Sequence[Path], start: str, endings: Sequence[str]) -> list[str]:
    folders = [f"{path.name}/" for path in found if path.is_dir()]
    files = [path.name for path in found if path.suffix.lower() in endings and path.is_file()]
    hidden = start.startswith(".")
    return [name for name in files + folders if name.startswith(start) and (hidden or not name.startswith("."))]
