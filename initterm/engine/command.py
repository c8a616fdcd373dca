"""The text form of an experiment: the command line that repeats it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from initterm.engine.experiment import Experiment, hidden_text

WORDS = {"source": "--input", "optimizer": "--optimizer", "data": "--data"}
NUMBERS = ("learning_rate", "epochs", "batch_size", "samples", "validation_split", "seed", "seeds", "target")


def command_line(experiment: Experiment) -> str:
    """``initterm train he_normal glorot_uniform --hidden 64*30``: every setting that is not the default."""
    return shlex.join(("initterm", "train", *map(str, experiment.contenders), *_options(experiment)))


def _options(experiment: Experiment) -> Iterator[str]:
    network, default = experiment.network, Experiment()
    if network.hidden != default.network.hidden:
        yield from ("--hidden", hidden_text(network.hidden))
    if network.activation != default.network.activation:
        yield from ("--activation", network.activation)
    if network.batch_norm:
        yield "--batch-norm"
    if network.residual:
        yield "--residual"
    if network.dropout:
        yield from ("--dropout", _number(network.dropout))
    for name, option in WORDS.items():
        if (text := getattr(experiment, name)) != getattr(default, name):
            yield from (option, text)
    for name in NUMBERS:
        if (value := getattr(experiment, name)) != getattr(default, name):
            yield from (f"--{name.replace('_', '-')}", _number(value))


def _number(value: float) -> str:
    """As few digits as give the same number back."""
    return repr(value).removesuffix(".0")
