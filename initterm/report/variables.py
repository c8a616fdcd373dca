"""Environment variables that matter: what each does, and what may be told of it to others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from initterm.theory.refusal import printable

OWN = "INITTERM_"
"""Begins the names of the program's own."""

SET = "set"
"""Stands for what is no one else's affair: addresses, passwords."""


class EnvironmentVariable(NamedTuple):
    """An environment variable; ``words`` say what it does, empty where that isn't for this program to say.

    Of one that is ``private`` is told that it is set, and not to what.
    """

    name: str
    words: str = ""
    private: bool = False


VARIABLES = (
    EnvironmentVariable("INITTERM_RUNS", "The folder that runs are kept in."),
    EnvironmentVariable("INITTERM_MNIST", "The file of MNIST that auto and mnist take."),
    EnvironmentVariable("KERAS_HOME", "Where Keras keeps MNIST; ~/.keras unless set."),
    EnvironmentVariable("TERM", "What kind of terminal it is; one that is dumb can't show the app."),
    EnvironmentVariable("COLORTERM", "truecolor where the terminal shows every colour."),
    EnvironmentVariable("NO_COLOR", "Nothing is coloured where it is set."),
    EnvironmentVariable("FORCE_COLOR"),
    EnvironmentVariable("TERM_PROGRAM"),
    EnvironmentVariable("TMUX", private=True),
    EnvironmentVariable("SSH_CONNECTION", private=True),
    EnvironmentVariable("COLUMNS", "How wide commands print."),
    EnvironmentVariable("LINES"),
    EnvironmentVariable("LANG"),
    EnvironmentVariable("LC_ALL"),
    EnvironmentVariable("LC_CTYPE"),
    EnvironmentVariable("PYTHONPATH"),
    EnvironmentVariable("PYTHONUTF8"),
    EnvironmentVariable("VIRTUAL_ENV"),
    EnvironmentVariable("CONDA_PREFIX"),
    EnvironmentVariable("XDG_CONFIG_HOME"),
    EnvironmentVariable("XDG_CACHE_HOME"),
    EnvironmentVariable("XDG_DATA_HOME"),
    EnvironmentVariable("XDG_STATE_HOME"),
    EnvironmentVariable("HTTPS_PROXY", private=True),
    EnvironmentVariable("https_proxy", private=True),
    EnvironmentVariable("CUDA_VISIBLE_DEVICES", "Which GPUs TensorFlow sees; none where it is empty."),
    EnvironmentVariable("TF_CPP_MIN_LOG_LEVEL"),
    EnvironmentVariable("TF_ENABLE_ONEDNN_OPTS"),
    EnvironmentVariable("TF_FORCE_GPU_ALLOW_GROWTH"),
    EnvironmentVariable("TF_XLA_FLAGS"),
    EnvironmentVariable("XLA_FLAGS"),
    EnvironmentVariable("OMP_NUM_THREADS"),
    EnvironmentVariable("LD_LIBRARY_PATH"),
)


def told(environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """Those that are set, as they may stand in a report that anybody reads.

    >>> told({"TERM": "xterm", "TMUX": "/tmp/of-me", "TOKEN": "x", "INITTERM_RUNS": "/home/me/runs"}, Path("/home/me"))
    {'INITTERM_RUNS': '~/runs', 'TERM': 'xterm', 'TMUX': 'set'}
    """
    known = {one.name: one for one in VARIABLES}
    others = [name for name in sorted(environment) if name.startswith(OWN) and name not in known]
    known |= {name: EnvironmentVariable(name) for name in others}
    return {
        name: SET if one.private else without_home(environment[name], home)
        for name, one in known.items()
        if name in environment
    }


def without_home(text: str, home: Path) -> str:
    """A path, or several, in which the person's home, and with it their name, is ``~``; printable.

    >>> without_home("/home/me/a:/home/me:/home/meal", Path("/home/me"))
    '~/a:~:/home/meal'
    """
    parts = (
        f"~{part[len(str(home)) :]}" if part == str(home) or part.startswith(f"{home}/") else part
        for part in text.split(":")
    )
    return printable(":".join(parts) if home != Path("/") else text)
