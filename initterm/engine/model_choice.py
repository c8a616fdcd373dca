"""Which model is to be audited, and with what: a value with a command line."""

from __future__ import annotations

import shlex
from dataclasses import dataclass


@dataclass(frozen=True)
class ModelChoice:
    """A model to audit.

    ``target`` is a .keras or .h5 file, or ``package.module:function``; ``data`` an .npz file of inputs, empty for
    inputs by chance; ``modules`` are imported first, for layers of the person's own.
    """

    target: str
    data: str = ""
    modules: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command that audits the same."""
        words = ["initterm", "audit", self.target]
        words += ["--data", self.data] if self.data else []
        words += [word for module in self.modules for word in ("--import", module)]
        return shlex.join(words)
