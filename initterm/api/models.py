"""A person's model changed in place: drawn anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from initterm.api.process import chance_kept, refuse_other_backends
from initterm.api.result import ShownResult
from initterm.report.audit.results import audit_table
from initterm.report.files import Json
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import parse_seed
from initterm.theory.wording import counted

if TYPE_CHECKING:
    from rich.console import RenderableType


@dataclass(frozen=True, eq=False, repr=False)
class Reinitialized(ShownResult):
    """What was drawn anew in a model, and what wasn't.

    Attributes:
        seed: of all draws.
        drawn: what drew each tensor, by its path.
        left: why each of the others, of those that were meant, is as it was.
    """

    seed: int
    drawn: Mapping[str, str]
    left: Mapping[str, str]

    def parts(self) -> Iterable[RenderableType]:
        """A line a tensor."""
        table = audit_table("tensor", "drawn by", "or left as it was")
        for path, by in self.drawn.items():
            table.add_row(path, by, "")
        for path, why in self.left.items():
            table.add_row(path, "", why)
        return (table, f"{self._words[0].upper()}{self._words[1:]}.")

    def _json(self) -> Json:
        return {"seed": self.seed, "drawn": dict(self.drawn), "left": dict(self.left)}

    @property
    def _words(self) -> str:
        left = f", {len(self.left)} left" if self.left else ""
        return f"{counted('tensor', len(self.drawn))} drawn by seed {self.seed}{left}"


def reinitialize(model: Any, initializer: str | None = None, *, where: str = "", seed: int = 0) -> Reinitialized:
    """Draw a model's tensors anew in place, each from a stream of its own; the same seed gives the same numbers.

    Calling Keras's initializers again doesn't do that: each keeps its seed, draws the same for every layer that shares
    it, counts other fans than some layers sum over, forgets the forget gate, and knows nothing of moving statistics and
    of the optimizer's moments. Frozen layers stay as they are, and so do tensors of which nobody knows what drew them.

    Args:
        model: a Keras model that is built.
        initializer: draws the trained kernels before the output that are declared by fans, or those that ``where``
            names, and is what their layers declare from then on; all else, and all where it is None, as declared.
        where: a pattern of paths, ``"block*/kernel"``: nothing else is touched. Without one the whole model begins
            anew, its optimizer too.
        seed: of all draws.

    Raises:
        Refusal: it is no such model, there is nothing to draw, or the initializer can't draw a tensor.

    >>> import keras
    >>> hidden = keras.layers.Dense(64, "relu", name="hidden")
    >>> model = keras.Sequential([keras.Input((32,)), hidden, keras.layers.Dense(10, name="output")])
    >>> reinitialize(model, "he_normal", seed=1).drawn["hidden/kernel"]
    'he_normal'
    >>> list(reinitialize(model, where="output/kernel", seed=2).drawn)
    ['output/kernel']
    """
    spec = None if initializer is None else InitializerSpec.parse(initializer)
    seed = parse_seed(str(seed))
    refuse_other_backends()
    from initterm.engine.models.source import open_given
    from initterm.engine.training.redrawing import redraw

    with chance_kept():
        made = redraw(open_given(model, str(getattr(model, "name", "the argument"))), spec, where, seed)
    return Reinitialized(seed, made.drawn, made.left)
