"""The order in which examples are trained with."""

from __future__ import annotations

import numpy as np

from initterm.theory.arrays import Indices


def batches(seed: int, epoch: int, count: int, batch_size: int) -> tuple[Indices, ...]:
    """The order in which a trial sees its training examples; the same for all trials of a seed.

    Args:
        seed: the trial's seed.
        epoch: from 1.
        count: how many training examples there are.
        batch_size: examples a batch.

    Returns:
        Indices of the whole batches, (count // batch_size, batch_size), and, where examples are left over, those of a
        last, smaller one, (1, rest).
    """
    order = np.random.default_rng([seed, epoch]).permutation(count).astype(np.int32)
    whole = count // batch_size * batch_size
    parts = (order[:whole].reshape(-1, batch_size), order[whole:].reshape(1, -1))
    return tuple(part for part in parts if part.size)
