"""The text form of an experiment: the command line that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from initterm.engine.experiment import Experiment, hidden_text

OF_NETWORK = (
    "hidden",
    "activation",
    "batch_norm",
    "residual",
    "dropout",
    "bias_std",
    "initialize_output",
    "parametrization",
)
OF_RUN = (
    "source",
    "optimizer",
    "data",
    "learning_rate",
    "epochs",
    "batch_size",
    "samples",
    "validation_split",
    "seed",
    "seeds",
    "target",
)
OPTIONS = {"source": "--input"}
"""Options that are called otherwise than the setting."""


def command_line(experiment: Experiment) -> str:
    """``initterm train he_normal glorot_uniform --hidden 64*30``: every setting that is not the default."""
    return shlex.join(("initterm", "train", *map(str, experiment.contenders), *_options(experiment)))


def _options(experiment: Experiment) -> Iterator[str]:
    default = Experiment()
    for names, chosen, usual in (
        (OF_NETWORK, experiment.network, default.network),
        (OF_RUN, experiment, default),
    ):
        for name in names:
            if (value := getattr(chosen, name)) != getattr(usual, name):
                yield from _option(name, value)


def _option(name: str, value: object) -> Iterator[str]:
    """The option, and its value where it is no flag."""
    yield OPTIONS.get(name, f"--{name.replace('_', '-')}")
    if value is not True:
        yield _text(value)


def _text(value: object) -> str:
    """A setting as a person would type it, numbers with as few digits as give them back."""
    if isinstance(value, tuple):
        return hidden_text(value)
    return repr(value).removesuffix(".0") if isinstance(value, float) else str(value)
