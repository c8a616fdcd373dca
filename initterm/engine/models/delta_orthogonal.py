"""Delta-orthogonal kernels: orthogonal in the middle of their field, and zero around it.

Xiao et al. 2018, Dynamical isometry and a mean field theory of CNNs, arXiv:1806.05393, algorithm 1.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from initterm.engine.models.tensors import Tensor
from initterm.engine.runtime import keras
from initterm.theory.arrays import Floats

layers = keras.layers
CONVOLUTIONS = (layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.SeparableConv1D, layers.SeparableConv2D)
DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D)
TRANSPOSED = (layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose)
FIELDS = (*CONVOLUTIONS, *DEPTHWISE, *TRANSPOSED)
"""Layers whose kernels are (spatial..., channels, channels)."""

CELLS = (layers.LSTMCell, layers.GRUCell, layers.SimpleRNNCell)
"""Layers whose kernels are (inputs, gates·units)."""


def delta_orthogonal(tensor: Tensor, seed: int) -> NDArray[np.float32]:
    """A kernel's numbers, in its shape of two or more dimensions: WᵀW or WWᵀ is 1 of each matrix in it.

    Of a grouped convolution each group is a matrix of its own, of a depthwise one each channel, of a recurrent cell
    each gate; other kernels than a convolution's have no field, and are orthogonal as a whole.
    """
    random = np.random.default_rng(seed)
    if not isinstance(tensor.owner, FIELDS):
        rows = _rows(tensor)
        return _in_blocks(random, rows, math.prod(tensor.dims) // rows, _gates(tensor)).reshape(tensor.dims)
    values = np.zeros(tensor.dims, np.float32)
    middle = tuple((size - 1) // 2 for size in tensor.dims[:-2])
    rows, columns = tensor.dims[-2:]
    if tensor.role == "depthwise":
        values[middle] = _in_blocks(random, 1, rows * columns, rows).reshape(rows, columns)
    else:
        values[middle] = _in_blocks(random, rows, columns, int(getattr(tensor.owner, "groups", 1)))
    return values


def _rows(tensor: Tensor) -> int:
    """How many inputs the matrix has: those of the first axes that one output sums over, else all axes but the last."""
    heights = [math.prod(tensor.dims[:axes]) for axes in range(1, len(tensor.dims))]
    return next((height for height in heights if tensor.sums and height == tensor.sums.fan_in), heights[-1])


def _gates(tensor: Tensor) -> int:
    """How many matrices a recurrent cell's kernel holds side by side; 1 of any other kernel."""
    return round(tensor.dims[-1] / tensor.sums.fan_out) if isinstance(tensor.owner, CELLS) and tensor.sums else 1


def _in_blocks(random: np.random.Generator, rows: int, columns: int, blocks: int) -> NDArray[np.float32]:
    """Orthogonal matrices (rows, columns/blocks) side by side."""
    matrices = [_orthogonal(random, rows, columns // blocks) for _ in range(blocks)]
    return np.concatenate(matrices, axis=1).astype(np.float32)


def _orthogonal(random: np.random.Generator, rows: int, columns: int) -> Floats:
    """Orthonormal columns or rows, whichever are fewer, by Haar measure (Mezzadri 2007, arXiv:math-ph/0609050)."""
    q, r = np.linalg.qr(random.standard_normal((max(rows, columns), min(rows, columns))))
    q = q * np.sign(np.diagonal(r))
    return q if rows >= columns else q.T
