"""How many images are trained on and how many validate, and whether these are enough."""

from __future__ import annotations

import itertools

from initterm.theory.numbers import grouped


def too_few(samples: int, validation_split: float, batch_size: int) -> str:
    """What is wrong with so few samples, in words; empty when they are enough."""
    training = training_count(samples, validation_split)
    if samples - training < 1 or training < batch_size:
        return (
            f"{grouped(samples)} samples leave {grouped(training)} to train on, "
            f"less than one batch of {grouped(batch_size)}; "
            f"at least {grouped(fewest_samples(validation_split, batch_size))} are needed"
        )
    return ""


def training_count(samples: int, validation_split: float) -> int:
    """How many of the samples are trained on; the last ones validate, as in ``keras.Model.fit``."""
    return int(samples * (1 - validation_split))


def fewest_samples(validation_split: float, batch_size: int) -> int:
    """The least number of samples that leaves a whole batch to train on and one to validate with."""
    least = max(2, int(batch_size / (1 - validation_split)))
    return next(n for n in itertools.count(least) if batch_size <= training_count(n, validation_split) < n)
