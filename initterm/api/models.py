"""A person's model changed in place: drawn anew, mended as an audit proposes, or fitted to a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from initterm.api.audit import Audit
from initterm.api.process import chance_kept, refuse_other_backends
from initterm.api.result import ShownResult
from initterm.report.audit.results import audit_table
from initterm.report.files import Json, csv_text
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import parse_seed
from initterm.theory.wording import counted

if TYPE_CHECKING:
    from rich.console import RenderableType

    from initterm.engine.models.opened import OpenedModel


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

    def to_csv(self) -> str:
        """A line for each tensor: what drew it, or why it is as it was."""
        drawn = ((path, by, None) for path, by in self.drawn.items())
        left = ((path, None, why) for path, why in self.left.items())
        return csv_text(("tensor", "drawn_by", "left"), [*drawn, *left])

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
    from initterm.engine.training.redrawing import redraw

    with chance_kept():
        made = redraw(_opened(model), spec, where, seed)
    return Reinitialized(seed, made.drawn, made.left)


def mend(model: Any, audit: Audit | None = None, *, seed: int = 0) -> Reinitialized:
    """Draw the tensors of a model that an audit finds fault with as it proposes, in place; nothing else is touched.

    Their layers declare from then on what drew them, so that the model's configuration is mended too. What no draw
    mends is left: another activation, a normalization, a Dropout that AlphaDropout should replace.

    Args:
        model: a Keras model that is built, and not trained yet.
        audit: of this model, whose findings are mended and nothing else. Without one it is audited here, and once more
            when its errors are mended, since they may have hidden others.
        seed: of all draws.

    Raises:
        Refusal: it is no such model, its weights are trained, or the audit is of another model.

    >>> import keras
    >>> hidden = keras.layers.Dense(64, "relu", kernel_initializer="zeros", name="hidden")
    >>> model = keras.Sequential([keras.Input((32,)), hidden, keras.layers.Dense(10, "softmax", name="output")])
    >>> mend(model, seed=1).drawn
    {'hidden/kernel': 'he_normal'}
    >>> type(hidden.kernel_initializer).__name__
    'HeNormal'
    """
    seed = parse_seed(str(seed))
    refuse_other_backends()
    from initterm.engine.training import mending_in_place

    with chance_kept():
        opened = _opened(model)
        found = (
            mending_in_place.mend(opened, audit.board, seed)
            if audit
            else mending_in_place.audit_and_mend(partial(_opened, model), seed)
        )
    return Reinitialized(seed, found.drawn, found.left)


def lsuv(model: Any, batch: Any, *, where: str = "", seed: int = 0) -> Reinitialized:
    """Let a batch leave each layer with variance 1, in place: kernels drawn orthogonal, then scaled, layer after layer.

    Mishkin & Matas 2016, All you need is a good init, arXiv:1511.06422. Layers go on to declare what they did before.

    Args:
        model: a Keras model that is built.
        batch: some hundred inputs, as the model takes them: an array, or a dict or list of them.
        where: a pattern of paths, ``"block*/kernel"``; without one the trained kernels before the output that are
            declared by fans. Kernels of recurrent cells are drawn orthogonal and not scaled.
        seed: of all draws.

    Raises:
        Refusal: it is no such model, there is nothing to fit, or it doesn't take the batch.

    >>> import keras, numpy
    >>> hidden = keras.layers.Dense(64, "relu", name="hidden")
    >>> model = keras.Sequential([keras.Input((32,)), hidden, keras.layers.Dense(10, name="output")])
    >>> batch = numpy.random.default_rng(0).normal(3, 7, (256, 32))
    >>> lsuv(model, batch).drawn
    {'hidden/kernel': 'lsuv'}
    >>> abs(float((batch @ keras.ops.convert_to_numpy(hidden.kernel)).var()) - 1) < 0.02
    True
    """
    seed = parse_seed(str(seed))
    refuse_other_backends()
    from initterm.engine.training.fitting_in_place import fit

    with chance_kept():
        made = fit(_opened(model), InitializerSpec("lsuv"), batch, where, seed)
    return Reinitialized(seed, made.drawn, made.left)


def _opened(model: Any) -> OpenedModel:
    """The model, built where it isn't and tells its input.

    Raises:
        Refusal: it is no model, or can't be built.
    """
    from initterm.engine.models.source import open_given

    return open_given(model, str(getattr(model, "name", "the argument")))
