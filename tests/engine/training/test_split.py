"""Where the parts of what is trained with stand."""

from __future__ import annotations

from initterm.engine.training.split import Split


def test_validation_comes_after_training_and_the_test_last() -> None:
    split = Split("any examples", 5, 2, 3)
    assert split.validation_indices.tolist() == [5, 6]
    assert split.test_indices.tolist() == [7, 8, 9]
