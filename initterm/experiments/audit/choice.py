"""Which model is to be audited, and with what; and what that may take, so that no model takes the machine."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field, replace

from initterm.experiments.audit.input_shape import InputShape, parse_input_shapes
from initterm.experiments.limits import share_of_memory
from initterm.theory.numbers import plain, size
from initterm.theory.refusal import Refusal, refuse_unless_utf8
from initterm.theory.sizes import parse_size


@dataclass(frozen=True)
class ModelChoice:
    """A model to audit.

    ``target`` is a .keras or .h5 file, or ``package.module:function``; ``data`` an .npz file of inputs, empty for
    random inputs; ``inputs`` says what the model takes, texts of ``InputShape``; ``modules`` are imported first, for
    layers of the person's own. ``proves`` asks for the model fixed beside the one as it stands, ``train_data`` names
    examples to train both with, as for Train, empty for none. ``ignore`` are findings that aren't told, ``CHECK`` or
    ``CHECK:PATH``, and ``baseline`` is a file that holds more. ``weights`` is a file whose weights the model of a
    function is given, empty for those that it was drawn with.

    Raises:
        Refusal: there are examples, and no proof that trains with them; an input's shape is none; there are weights,
            and no function that builds their model; or a name isn't UTF-8.
    """

    target: str
    data: str = ""
    modules: tuple[str, ...] = ()
    proves: bool = False
    train_data: str = ""
    inputs: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    baseline: str = ""
    weights: str = ""

    def __post_init__(self) -> None:
        for name in (self.target, self.data, *self.modules, self.train_data, *self._further):
            refuse_unless_utf8(name)
        parse_input_shapes(self.inputs)
        if self.train_data and not self.proves:
            raise Refusal("--train-data says what a proof trains with; add --prove.")
        if self.weights and ":" not in self.target:
            raise Refusal("--weights are for the model that a function builds; name package.module:function.")

    @property
    def _further(self) -> tuple[str, ...]:
        return *self.inputs, *self.ignore, self.baseline, self.weights

    @property
    def shapes(self) -> tuple[InputShape, ...]:
        """What the model takes, as far as the person says so."""
        return parse_input_shapes(self.inputs)

    @property
    def command(self) -> str:
        """The command that audits the same."""
        words = ["initterm", "audit", self.target]
        words += ["--data", self.data] if self.data else []
        words += [word for shape in self.inputs for word in ("--input-shape", shape)]
        words += ["--prove"] if self.proves else []
        words += ["--train-data", self.train_data] if self.train_data else []
        words += [word for module in self.modules for word in ("--import", module)]
        words += ["--weights", self.weights] if self.weights else []
        words += [word for one in self.ignore for word in ("--ignore", one)]
        words += ["--baseline", self.baseline] if self.baseline else []
        return shlex.join(words)

    @property
    def renewal(self) -> str:
        """The command that writes its baseline anew; empty where it has none."""
        again = replace(self, proves=False, train_data="", baseline="").command
        return f"{again} --write-baseline {shlex.quote(self.baseline)}" if self.baseline else ""


SECONDS = 120.0
MEMORY = 8 * 2**30
LEAST_MEMORY = 2**30
"""TensorFlow alone takes more than half of it."""


def usual_memory() -> int:
    """``MEMORY``, or a share of the machine's where that is less."""
    return min(MEMORY, share_of_memory())


@dataclass(frozen=True)
class Bounds:
    """The most that an audit may take.

    Attributes:
        memory: bytes that its process and those it starts have in memory together, TensorFlow's among them.
        seconds: of opening, building and auditing a model; neither TensorFlow's loading nor a proof counts.
    """

    memory: int = field(default_factory=usual_memory)
    seconds: float = SECONDS

    def too_much_memory(self, target: str) -> str:
        """What is said when it takes more memory, with twice as much as ``parse_memory`` reads it."""
        return (
            f"Auditing {target} takes more than {size(self.memory)} of memory, the most it may; "
            f"initterm audit --max-memory {round(2 * self.memory / 2**30)}GiB lets it take more."
        )

    def too_much_time(self, target: str) -> str:
        """What is said when it takes longer."""
        return (
            f"Auditing {target} takes longer than {plain(self.seconds)} s, the most it may; "
            f"initterm audit --max-seconds {plain(2 * self.seconds)} lets it take longer."
        )


def parse_memory(text: str) -> int:
    """Bytes, from a text such as ``8GiB``, ``8G`` or ``512 MiB``; units count by 1024.

    Raises:
        Refusal: it is no size, or less than TensorFlow needs.
    """
    count = parse_size(text)
    if count < LEAST_MEMORY:
        raise Refusal(f"{text} is less than TensorFlow itself needs; take at least {size(LEAST_MEMORY)}.")
    return count


def parse_seconds(text: str) -> float:
    """A number of seconds, one or more.

    Raises:
        Refusal: it is none.
    """
    if not re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text.strip()) or float(text) < 1:
        raise Refusal(f"{text!r} is not a number of seconds from 1 on; write one such as 120.")
    return float(text)
