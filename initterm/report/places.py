"""Where files of the person's lie, beside the runs that are kept: what the system has for each kind of them."""

from __future__ import annotations

from pathlib import Path

import platformdirs

PROGRAM = "initterm"


def settings_file() -> Path:
    """What the app keeps from start to start."""
    return Path(platformdirs.user_config_dir(PROGRAM)) / "remembered.json"


def log_folder() -> Path:
    """What engines say."""
    return Path(platformdirs.user_log_dir(PROGRAM))


def cache_folder() -> Path:
    """Figures that were drawn to be looked at."""
    return Path(platformdirs.user_cache_dir(PROGRAM))
