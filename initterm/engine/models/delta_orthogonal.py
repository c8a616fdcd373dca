"""Delta-orthogonal kernels: orthogonal in the middle of their field, and zero around it.

Xiao et al. 2018, Dynamical isometry and a mean field theory of CNNs, arXiv:1806.05393, algorithm 1.
"""

from __future__ import annotations

import math

import numpy as np

from initterm.engine.models.draws import drawn_by, seed_of
from initterm.engine.models.tensors import Tensor
from initterm.engine.runtime import keras
from initterm.theory.arrays import Array
from initterm.theory.initializers import InitializerSpec

layers = keras.layers
CONVOLUTIONS = (layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.SeparableConv1D, layers.SeparableConv2D)
DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D)
TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
FIELDS = (*CONVOLUTIONS, *DEPTHWISE, *TRANSPOSED)
"""Layers whose kernels are (spatial..., channels, channels)."""


def delta_orthogonal(tensor: Tensor, seed: int) -> Array:
    """A kernel's numbers, in its shape of two or more dimensions: WᵀW or WWᵀ is 1 of each matrix in it.

    Of a grouped convolution each group is a matrix of its own, of a depthwise one each channel, of a recurrent cell
    each gate; other kernels than a convolution's have no field, and are orthogonal as a whole.
    """
    if not isinstance(tensor.owner, FIELDS):
        rows = _rows(tensor)
        return _in_blocks(seed, rows, math.prod(tensor.dims) // rows, tensor.gates).reshape(tensor.dims)
    values = np.zeros(tensor.dims, np.float32)
    middle = tuple((size - 1) // 2 for size in tensor.dims[:-2])
    rows, columns = tensor.dims[-2:]
    if tensor.role == "depthwise":
        values[middle] = _unit_rows(seed, rows, columns)
    else:
        values[middle] = _in_blocks(seed, rows, columns, int(getattr(tensor.owner, "groups", 1)))
    return values


def _rows(tensor: Tensor) -> int:
    """How many inputs the matrix has: those of the first axes that one output sums over, else all axes but the last."""
    heights = [math.prod(tensor.dims[:axes]) for axes in range(1, len(tensor.dims))]
    return next((height for height in heights if tensor.sums and height == tensor.sums.fan_in), heights[-1])


def _in_blocks(seed: int, rows: int, columns: int, blocks: int) -> Array:
    """Orthogonal matrices (rows, columns/blocks) side by side."""
    orthogonal, dims = InitializerSpec("orthogonal"), (rows, columns // blocks)
    drawn = [drawn_by(orthogonal, dims, None, seed_of(seed, str(block))) for block in range(blocks)]
    return np.concatenate(drawn, axis=1)


def _unit_rows(seed: int, rows: int, columns: int) -> Array:
    """Each row a random direction."""
    values = np.random.default_rng(seed).standard_normal((rows, columns))
    units: Array = values / np.linalg.norm(values, axis=1, keepdims=True)
    return units
