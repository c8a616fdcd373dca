"""The loss of a person's own model: named in the settings, the model's own, or what its outputs ask for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from initterm.engine.data.example_set import Tree
from initterm.engine.models.keras_privates import compiled_loss, has_own_loss
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.engine.training.on_device import leaves_of
from initterm.experiments.training.events import SettledBy
from initterm.theory.refusal import Refusal, shown


@dataclass(frozen=True, eq=False)
class PutOut:
    """What one output of a model is for a few examples, and the activation that makes it, empty where unknown."""

    scores: Any
    activation: str = ""

    @property
    def is_shares(self) -> bool:
        """Whether they are probabilities of classes, by the activation, else by their values."""
        if self.activation:
            return self.activation == "softmax"
        return self._within and bool(np.allclose(self.scores.sum(axis=-1), 1.0, atol=1e-2))

    @property
    def is_probability(self) -> bool:
        """Whether each is a probability of its own."""
        return self.activation == "sigmoid" if self.activation else self._within

    @property
    def _within(self) -> bool:
        return bool(((self.scores >= 0) & (self.scores <= 1)).all())


def loss_for(opened: OpenedModel, named: str, y: Tree, output: Tree) -> tuple[Any, str, SettledBy]:
    """The loss to compile a model with, None for the one that it has; in words, and where it comes from.

    Args:
        opened: the model.
        named: a loss of Keras by its name, or empty.
        y: targets of a few examples.
        output: what the model makes of them.

    Raises:
        Refusal: there is no loss of that name, or none that suits.
    """
    activations = [one.activation for one in opened.outputs]
    put_out = [
        PutOut(np.asarray(scores, np.float32), activation or "")
        for scores, activation in zip_longest(leaves_of(output), activations[: len(leaves_of(output))])
    ]
    if named:
        return *_named_loss(named, put_out), "settings"
    own = compiled_loss(opened.model)
    if own is not None:
        return None, loss_words(own), "model"
    if getattr(opened.model, "compiled", False) and has_own_loss(opened.model):
        return None, "its own loss", "model"
    targets = leaves_of(y)
    if len(targets) != len(put_out):
        raise Refusal(
            f"The model puts out {len(put_out)} arrays, and the targets are {len(targets)}; give targets for each, or "
            "compile the model with a loss."
        )
    losses = [_inferred(np.asarray(target), one) for target, one in zip(targets, put_out, strict=True)]
    words = ", ".join(dict.fromkeys(words for _, words in losses))
    return (losses[0][0] if len(losses) == 1 else [loss for loss, _ in losses]), words, "inferred"


def _named_loss(name: str, put_out: list[PutOut]) -> tuple[Any, str]:
    """A loss of Keras by its name; of logits where the outputs are no probabilities."""
    try:
        found = keras.losses.get(name)
    except (ValueError, TypeError):
        raise Refusal(f"'{shown(name)}' is not a loss of Keras; take one such as mean_squared_error.") from None
    words = str(getattr(found, "__name__", name)).replace("_", " ")
    if len(put_out) == 1 and words in KINDS.values():
        kind = next(kind for kind, known in KINDS.items() if known == words)
        one = put_out[0]
        return _crossentropy(kind, not (one.is_probability if kind == "Binary" else one.is_shares))
    return found, words


def loss_words(loss: Any) -> str:
    """A loss as it was given to ``compile``, in words."""
    if isinstance(loss, dict):
        return ", ".join(f"{name}: {loss_words(one)}" for name, one in loss.items() if one is not None)
    if isinstance(loss, list | tuple):
        return ", ".join(dict.fromkeys(loss_words(one) for one in loss if one is not None))
    if isinstance(loss, str):
        return loss.replace("_", " ")
    name = str(getattr(loss, "name", "") or getattr(loss, "__name__", "") or type(loss).__name__)
    of_logits = loss.get_config().get("from_logits") is True if isinstance(loss, keras.losses.Loss) else False
    return name.replace("_", " ") + (" of logits" if of_logits else "")


def _inferred(y: Any, put_out: PutOut) -> tuple[Any, str]:
    """The loss that targets and outputs ask for, by their shapes and values."""
    target, shape = tuple(y.shape), tuple(put_out.scores.shape)
    whole = y.dtype.kind in "iub" or bool((y == np.rint(y)).all())
    several = len(shape) > 1 and shape[-1] > 1
    if several and whole and put_out.activation != "sigmoid" and target in (shape[:-1], (*shape[:-1], 1)):
        return _crossentropy("SparseCategorical", logits=not put_out.is_shares)
    if target != shape and int(np.prod(target)) != int(np.prod(shape)):
        raise Refusal(f"The targets are of shape {target}, and the model puts out {shape}; they don't belong together.")
    shares = bool(((y >= 0) & (y <= 1)).all())
    if shares and put_out.activation == "sigmoid":
        return _crossentropy("Binary", logits=False)
    if shares and several and np.allclose(y.sum(axis=-1), 1.0, atol=1e-3):
        return _crossentropy("Categorical", logits=not put_out.is_shares)
    if shares and put_out.is_probability:
        return _crossentropy("Binary", logits=False)
    return keras.losses.MeanSquaredError(), "mean squared error"


KINDS = {
    "SparseCategorical": "sparse categorical crossentropy",
    "Categorical": "categorical crossentropy",
    "Binary": "binary crossentropy",
}


def _crossentropy(kind: str, logits: bool) -> tuple[Any, str]:
    loss = getattr(keras.losses, f"{kind}Crossentropy")(from_logits=logits)
    return loss, KINDS[kind] + (" of logits" if logits else "")
