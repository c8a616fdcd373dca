"""Starts of a person's own model that aren't one initializer for all tensors which take part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.models.deep_graphs import DeepGraphs
from initterm.engine.models.delta_orthogonal import delta_orthogonal
from initterm.engine.models.output_layers import output_tensors
from initterm.engine.models.residuals import branch_ends
from initterm.engine.models.tensors import Tensor
from initterm.engine.training.starts import TensorDraws
from initterm.theory.arrays import Array, Floats
from initterm.theory.refusal import Refusal

Labels = NDArray[np.integer[Any]]
"""The class of each example, (count,)."""

LEAST_EXAMPLES = 0.5
"""As how many examples a class counts of which there are none, whose logarithm would have no end."""


def residuals_at_zero(graphs: DeepGraphs) -> TensorDraws:
    """Zeros for what each residual branch ends with, so that each block begins as its shortcut alone.

    Goyal et al. 2017, arXiv:1706.02677, section 5.1; Zhang et al. 2019, Fixup, arXiv:1901.09321, section 3.

    Raises:
        Refusal: there is no residual branch, or none that can be seen.
    """
    ends = branch_ends(graphs)
    if not ends:
        raise Refusal("zero_residual needs residual branches, and none are to be seen in the model; leave it out.")
    return {id(tensor.variable): partial(_constant, np.zeros(tensor.dims)) for tensor in ends}


def delta_orthogonals(tensors: Sequence[Tensor]) -> TensorDraws:
    """Every tensor that takes part delta-orthogonal.

    Raises:
        Refusal: one is no kernel.
    """
    for tensor in tensors:
        if len(tensor.dims) < 2:
            raise Refusal(f"delta_orthogonal draws kernels, and {tensor.path} has one dimension; see --where.")
    return {id(tensor.variable): partial(delta_orthogonal, tensor) for tensor in tensors}


def log_prior(graphs: DeepGraphs, labels: Labels | None) -> TensorDraws:
    """The output's bias at the logarithm of each class's share, of two classes with one output at its log-odds.

    Lin et al. 2017, Focal loss for dense object detection, arXiv:1708.02002, section 4.1.

    Raises:
        Refusal: there are no classes, or no one bias that has a number for each.
    """
    if labels is None:
        raise Refusal(f"{LOG_PRIOR} needs labels of classes; leave it out for these targets.")
    owners = {id(tensor.owner) for tensor in output_tensors(graphs)}
    biases = [tensor for tensor in graphs.tensors if id(tensor.owner) in owners and tensor.role == "bias"]
    if len(biases) != 1:
        raise Refusal(f"{LOG_PRIOR} needs an output layer with a bias; the model has {len(biases)}.")
    (bias,) = biases
    return {id(bias.variable): partial(_constant, _log_prior(labels, bias.dims))}


LOG_PRIOR = "output_bias=log_prior"


def _log_prior(labels: Labels, dims: tuple[int, ...]) -> Floats:
    classes = max(2, dims[0])
    if len(dims) != 1 or labels.max() >= classes:
        raise Refusal(
            f"{LOG_PRIOR} needs an output for each class, and there are {dims[0]} for labels to {labels.max()}."
        )
    shares = np.maximum(np.bincount(labels.ravel(), minlength=classes), LEAST_EXAMPLES) / labels.size
    logarithms = np.log(shares)
    return logarithms if dims[0] > 1 else logarithms[1:] - logarithms[:1]


def _constant(values: Array, _: int) -> Array:
    return values
