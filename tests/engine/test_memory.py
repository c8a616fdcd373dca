"""What would not fit is refused before it is tried, and what ran out is told from other errors."""

import psutil
import pytest

from initterm.engine import memory
from initterm.engine.runtime import tf
from initterm.theory.refusal import Refusal

GIB = 2**30


@pytest.fixture(autouse=True)
def _two_gib_free(monkeypatch):
    free = type("Free", (), {"available": 2 * GIB})
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)


def test_what_is_free_can_be_taken_to_the_last_byte():
    assert memory.fits(2 * GIB)
    assert not memory.fits(2 * GIB + 1)
    memory.refuse_if_too_large(2 * GIB, "A kernel")


def test_more_is_refused_with_both_sizes():
    with pytest.raises(Refusal) as refusal:
        memory.refuse_if_too_large(3 * GIB, "A kernel of 1 weight")
    assert str(refusal.value) == (
        "A kernel of 1 weight takes 3.0 GiB of memory, and 2.0 GiB are free; choose a smaller one."
    )


@pytest.mark.parametrize(
    "error", [MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM"), type("ArrayMemoryError", (), {})]
)
def test_memory_that_ran_out_is_known_by_its_error(error):
    raised = error() if isinstance(error, type) else error
    assert memory.ran_out(raised)


@pytest.mark.parametrize("error", [ValueError("memory"), tf.errors.InvalidArgumentError(None, None, "OOM"), OSError()])
def test_other_errors_are_others(error):
    assert not memory.ran_out(error)
