"""Weights of a file in the model of a function, which may have been saved by a Keras that is older."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from initterm.engine import memory
from initterm.engine.models.opened import ENDINGS, OpenedModel
from initterm.engine.models.saved import numbers_checked, steps_in
from initterm.theory.refusal import Refusal, sentence_of


def with_weights(opened: OpenedModel, path: Path) -> OpenedModel:
    """A model that holds the numbers of a file instead of those that it was drawn with.

    Args:
        opened: the model, whose variables are set.
        path: a ``.weights.h5`` file, or one that holds a whole model.

    Raises:
        Refusal: the file can't be read, or isn't of this model.
    """
    if not path.name.lower().endswith(ENDINGS):
        raise Refusal(f"{path} holds no weights that Keras has saved; name a .weights.h5, .h5 or .keras file.")
    memory.refuse_if_too_large(8 * numbers_checked(path), f"Loading {path}")
    try:
        opened.model.load_weights(str(path))
    except Exception as error:  # Keras raises a dozen kinds
        memory.raise_if_ran_out(error)
        raise Refusal(f"The weights of {path} aren't those of {opened.name}: {sentence_of(error)}") from error
    # a file's numbers are always others than were drawn: as it was drawn means there, as it would be drawn anew
    recorded = replace(opened.recorded, changed=frozenset())
    return replace(opened, steps=max(opened.steps, steps_in(path)), recorded=recorded)
