"""Which model is to be audited, and with what: a value with a command line."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from initterm.theory.refusal import Refusal


@dataclass(frozen=True)
class ModelChoice:
    """A model to audit.

    ``target`` is a .keras or .h5 file, or ``package.module:function``; ``data`` an .npz file of inputs, empty for
    random inputs; ``modules`` are imported first, for layers of the person's own. ``proves`` asks for the model to
    be built again, fixed, ``train_data`` names an .npz file of examples to train both with, empty for none.

    Raises:
        Refusal: there are examples, and no proof that trains with them.
    """

    target: str
    data: str = ""
    modules: tuple[str, ...] = ()
    proves: bool = False
    train_data: str = ""

    def __post_init__(self) -> None:
        if self.train_data and not self.proves:
            raise Refusal("--train-data says what a proof trains with; add --prove.")

    @property
    def command(self) -> str:
        """The command that audits the same."""
        words = ["initterm", "audit", self.target]
        words += ["--data", self.data] if self.data else []
        words += ["--prove"] if self.proves else []
        words += ["--train-data", self.train_data] if self.train_data else []
        words += [word for module in self.modules for word in ("--import", module)]
        return shlex.join(words)
