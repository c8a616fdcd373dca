"""A person's own model fitted to a batch in place, by what an initializer's row names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from initterm.engine.keras_types import Variable
from initterm.engine.models.deep_graphs import DeepGraphs
from initterm.engine.models.draws import drawn_by
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import Tensor
from initterm.engine.networks.fitting import fitter_of
from initterm.engine.runtime import keras
from initterm.engine.training.own_fitting import fit_tensors, fitted_last
from initterm.engine.training.redrawing import Redrawn, stream_seeds
from initterm.engine.training.taking_part import refuse_undrawable, taking_part
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal, sentence_of


def fit(opened: OpenedModel, initializer: InitializerSpec, batch: Any, where: str = "", seed: int = 0) -> Redrawn:
    """Draw kernels by what a fitted initializer begins with, and fit them to a batch; an error leaves all as it was.

    Args:
        opened: the model.
        initializer: a fitted one, such as LSUV.
        batch: inputs as the model takes them, arrays or structures of them.
        where: a pattern of paths; empty for the kernels that ``taking_part`` names.
        seed: that of all streams.

    Raises:
        Refusal: there is nothing to draw, a tensor can't be drawn so, or the model doesn't take the batch.
    """
    chosen = taking_part(DeepGraphs.of(opened), opened.recorded, where)
    refuse_undrawable(initializer, chosen)
    seeds = stream_seeds(opened, seed)
    variables = [*(tensor.variable for tensor in chosen), *opened.model.non_trainable_variables]
    kept = [np.array(keras.ops.convert_to_numpy(variable)) for variable in variables]
    try:
        for one in chosen:
            one.variable.assign(drawn_by(initializer, one.dims, one.fans, seeds[id(one.variable)], one.dtype))
        fit_tensors(opened.model, chosen, fitter_of(initializer), keras.tree.map_structure(_tensor, batch))
    except BaseException as error:
        _put_back(variables, kept)
        if isinstance(error, Exception):
            raise Refusal(f"{opened.name} can't be fitted to that batch: {sentence_of(error)}") from error
        raise
    return Redrawn(_told(initializer, chosen), {})


def _tensor(array: Any) -> Any:
    """An array for the device; whole numbers stay so, others are of single precision."""
    values = np.asarray(array)
    return keras.ops.convert_to_tensor(values.astype(np.float32) if values.dtype.kind == "f" else values)


def _put_back(variables: Sequence[Variable], kept: Sequence[Any]) -> None:
    for variable, values in zip(variables, kept, strict=True):
        variable.assign(values)


def _told(initializer: InitializerSpec, chosen: Sequence[Tensor]) -> dict[str, str]:
    """What each tensor has: those that can't be fitted, as those of recurrent cells, are as they were drawn before."""
    fitted = {id(tensor.variable) for tensor in fitted_last(chosen).values()}
    return {one.path: str(initializer if id(one.variable) in fitted else initializer.drawn) for one in chosen}
