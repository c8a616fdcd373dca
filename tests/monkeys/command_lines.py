"""A monkey of the command line: words that are right, wrong and hostile, up to where TensorFlow would begin to work."""

from __future__ import annotations

import importlib
import io
import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import click

from initterm.cli import commands, run
from tests.monkeys import planted_models
from tests.monkeys.fence import writing_only_in
from tests.monkeys.hunting import Broken, Monkey, Steps
from tests.monkeys.texts import odd_text

STATUSES = (0, 1, 2, 130)
LONGEST_LINE = 1100
LONGEST_WORD = 3000

WORK = (
    *(f"{name}.quiet" for name in ("weights", "train", "sweep", "worker", "signal", "papers", "calibrate")),
    "audit.events_of_audit",
)
"""Where TensorFlow's part begins; what gets there was read and checked."""

VALUES = {
    "--shape": ("784x256", "3,3,64,128", "5", "(10,)"),
    "--hidden": ("64*8", "256,128,64", "1"),
    "--activation": ("relu", "tanh", "softmax", "elu(alpha=0.5)", "log_softmax"),
    "--optimizer": ("adam", "sgd"),
    "--parametrization": ("standard", "mup"),
    "--input": ("pixels", "standardized", "normal"),
    "--data": ("auto", "mnist", "digits", "/nowhere", ".", "/dev/null"),
    "--over": ("hidden=64*5,8", "s=0.5:4:15", "epochs=1:3:3log", "hidden=", "=", "model.depth=1,2", "seed=1"),
    "--scheduler": ("tcp://127.0.0.1:1", "tls://box:8786", "box", "ssh://x:1", ""),
    "--scheduler-file": ("/nowhere", "/dev/null", ".", ""),
    "--hosts": ("box1,user@box2", "-oProxyCommand=x", ",", "a b"),
    "--tls": ("/nowhere", ".", ""),
    "--fail-on": ("error", "warning", "never"),
    "--max-memory": ("8GiB", "1", "0"),
    "--model": planted_models.MODELS,
    "--where": planted_models.OTHERS,
    "--loss": planted_models.OTHERS,
    "--import": ("keras", "my_layers,", "a b", "..", ""),
    "--fans": ("summed", "keras"),
    "--input-shape": ("(6,)", "tokens=(16,) int32", "6x6x3", "()", "x=(0,)", "(6,) int99", "(1e9,)"),
    "--ignore": ("unsuited", "identical:a/*", "unsuitd", ":", "unsuited:[/"),
    "--explain": ("unsuited", "all", "fan convention", "Unsuited"),
    **dict.fromkeys(("--train-data", "--validation-data", "--test-data"), planted_models.EXAMPLES),
}
"""What some options take; the others numbers, or files."""

FILES = ("out.csv", "out.png", "/dev/full", "/dev/null", "/nowhere/at/all", ".", "", "x" * 300, "~", "a\0b", "-")
NUMBERS = ("0", "1", "2", "42", "-1", "0.5", "1e-3", "1e9", "4294967295", "nan", "inf")
ARGUMENTS = {
    "weights": ("he_normal", "orthogonal", "lsuv", "identity", "constant(value=2.0)"),
    "train": ("he_normal", "he_normal@tanh", "zeros", "lecun_normal@selu", *planted_models.CONTENDERS),
    "sweep": ("he_normal", "variance_scaling(scale={s})", "{s}", "he_normal@tanh", "random_normal(stddev={hidden})"),
    "signal": ("he_normal", "lsuv", "orthogonal(gain=2)"),
    "guide": ("gelu", "x*tanh(softplus(x))", "elu(alpha=0.5)", "softmax"),
    "papers": ("all", "he2015", "nope", "he2015 "),
    "runs": (
        "show",
        "compare",
        "resume",
        "export",
        "import",
        "rm",
        "pin",
        "name",
        "note",
        "last",
        "2026",
        "data:mnist",
    ),
    "audit": (
        "model.keras",
        "package.module:function",
        ":",
        "a:b:c",
        "/dev/null",
        "x.h5",
        "x.safetensors",
        "x.weights.h5",
        "json",
        "module.py",
        "module.py:f",
        ".py:f",
    ),
}


class Reached(BaseException):
    """A command has come to where its work begins."""


def steps(chance: random.Random) -> Steps:
    """The words of a command line."""
    return [("word", word) for word in _words(chance) if _can_be_given(word)]


def done(line: Steps, until: float = 0.0) -> int:
    """Run the command line; ``until`` doesn't matter to so short a step.

    Raises:
        Broken: it ends in another way than commands do.
    """
    words = [str(word) for _, word in line]
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    try:
        with _elsewhere(), _up_to_the_work(), redirect_stdout(out), redirect_stderr(err):
            status = run(words)
    except Reached:
        return 1
    except BaseException as error:
        raise Broken(f"{type(error).__name__}: {error}") from error
    _check(status, *(stream.buffer.getvalue().decode() for stream in (out, err)))
    return 1


@contextmanager
def _elsewhere() -> Iterator[None]:
    """In a folder of its own, since words name files, some of them elsewhere; with no runs but its own."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(chdir(folder))
        stack.enter_context(patch.dict(os.environ, INITTERM_RUNS=f"{folder}/runs"))
        stack.enter_context(writing_only_in(Path(folder)))
        yield


def _check(status: int, out: str, err: str) -> None:
    if status not in STATUSES:
        raise Broken(f"status {status!r}")
    if "Traceback" in err:
        raise Broken(f"a traceback: {err}")
    if status != 2:
        return
    line = err.removesuffix("\n")
    if not line.startswith("initterm: ") or not line.isprintable() or len(line) > LONGEST_LINE:
        raise Broken(f"status 2 with {err!r}, which is no short line of its own")
    if out:
        raise Broken(f"status 2, and printed {out[:200]!r}")


@contextmanager
def _up_to_the_work() -> Iterator[None]:
    with ExitStack() as stack:
        for place in WORK:
            module, name = place.rsplit(".", 1)
            owner = importlib.import_module(f"initterm.cli.{module}")
            stack.enter_context(patch.object(owner, name, side_effect=Reached))
        yield


def _words(chance: random.Random) -> Iterator[str]:
    """A command with options of its own and of others, values that fit and that don't, in any order."""
    kind = chance.random()
    if kind < 0.1:
        yield from (odd_text(chance, LONGEST_WORD) for _ in range(chance.randint(0, 4)))
        return
    name, *sub = chance.choice([*_named()])
    yield name if kind < 0.95 else odd_text(chance, LONGEST_WORD)
    yield from sub
    for _ in range(chance.choice((0, 1, 1, 2, 3, 5))):
        if chance.random() < 0.5:
            yield _odd_or(chance, chance.choice(ARGUMENTS.get(name, ("x",))))
        else:
            words = (name, *sub) if chance.random() < 0.9 else ("train",)
            yield from _option(chance, _named()[words])


def _named() -> dict[tuple[str, ...], click.Command]:
    """All commands, by the words that call them."""
    named: dict[tuple[str, ...], click.Command] = {}
    for name, command in commands.commands.items():
        subs = command.commands if isinstance(command, click.Group) else {}
        named |= {(name, sub): one for sub, one in subs.items()} or {(name,): command}
    return named


def _option(chance: random.Random, command: click.Command) -> Iterator[str]:
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    if not options:
        return
    option = chance.choice(options)
    name = option.opts[0]
    kind = chance.random()
    if kind < 0.05:
        yield chance.choice(("--help", "-h", "--", "-", "--version", "--" + odd_text(chance, LONGEST_WORD)))
    elif option.is_flag and kind < 0.95:
        yield name
    else:
        value = _odd_or(chance, chance.choice(VALUES.get(name, FILES if _is_file(option) else NUMBERS)))
        yield from (f"{name}={value}",) if kind > 0.8 else (name, value)


def _is_file(option: click.Option) -> bool:
    return isinstance(option.type, click.Path)


def _can_be_given(word: str) -> bool:
    """Whether a program can be started with the word: the system has neither NULs nor every half of a pair."""
    try:
        return b"\0" not in os.fsencode(word)
    except UnicodeEncodeError:
        return False


def _odd_or(chance: random.Random, value: str) -> str:
    return odd_text(chance, LONGEST_WORD) if chance.random() < 0.3 else value


MONKEY = Monkey("command_lines", steps, done)
