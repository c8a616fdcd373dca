"""The figure that an export would write: on the terminal where that can show images, else in a viewer, else a path."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import click

from initterm.report import places
from initterm.report.files import make_folder, write

HAS_IMAGES = find_spec("textual_image") is not None
"""Whether what the extra ``images`` brings along is there."""


def written(name: str, figure: Callable[[], bytes]) -> Path:
    """The file that a figure was written to, over the last one of this name.

    Raises:
        Refusal: it can't be written.
    """
    folder = places.cache_folder()
    make_folder(folder)
    path = folder / f"{name}.png"
    write(path, figure())
    return path


def shown_on_terminal(path: Path) -> bool:
    """Show a figure on the terminal, which nobody else uses meanwhile, until a key; False where it shows no images.

    The terminal is asked what it can show when the library is imported.
    """
    from rich.console import Console
    from textual_image import renderable

    if renderable.Image not in (renderable.SixelImage, renderable.TGPImage):
        return False
    console, image = Console(file=sys.__stdout__), renderable.Image(path, width="auto", height="auto")
    console.clear()
    console.print(image)
    console.print("Any key goes back.", end="")
    with suppress(KeyboardInterrupt, EOFError):
        click.getchar()
    image.cleanup()
    return True


def opened_by_viewer(path: Path) -> bool:
    """Have the system's viewer open a figure; False where there is no screen for one."""
    has_screen = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return has_screen and click.launch(str(path)) == 0
