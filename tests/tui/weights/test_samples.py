"""What Explore looks at, and the kernels that were drawn for it: kept, the oldest let go, refusals tried again."""

import pytest

from initterm.experiments.weights.events import Draw
from initterm.theory.initializers import InitializerSpec
from initterm.theory.shapes import Shape
from initterm.tui.weights.choice import KernelChoice
from initterm.tui.weights.samples import MOST_KEPT, KernelSamples
from tests.tui.fakes import sample_of

HE, ZEROS, SCALED = (
    InitializerSpec.parse(text) for text in ("he_normal", "zeros", "variance_scaling(scale=2.0, mode='fan_in')")
)
SHAPE = Shape((8, 4))


def request(initializer, seed=42):
    return Draw(initializer, SHAPE, seed)


@pytest.mark.parametrize(
    ("marked", "view", "shown"),
    [((), "one", (HE,)), ((ZEROS,), "one", (HE,)), ((ZEROS, SCALED), "grid", (ZEROS, SCALED)), ((), "overlay", (HE,))],
)
def test_one_is_shown_or_all_that_are_marked(marked, view, shown):
    assert KernelChoice(HE, SHAPE, 42, marked, view).shown == shown


def test_the_command_is_one_that_a_shell_reads():
    command = KernelChoice(SCALED, SHAPE, 7).command
    assert command == "initterm weights \"variance_scaling(scale=2.0, mode='fan_in')\" --shape 8x4 --seed 7" or (
        command.startswith("initterm weights 'variance_scaling(") and command.endswith(" --shape 8x4 --seed 7")
    )


def test_what_was_drawn_is_there_and_the_rest_is_missing():
    samples, choice = KernelSamples(), KernelChoice(HE, SHAPE, 42, (HE, ZEROS), "grid")
    assert list(samples.missing(choice)) == [request(HE), request(ZEROS)]
    samples.keep(request(HE), sample_of(request(HE)))
    assert list(samples.missing(choice)) == [request(ZEROS)]
    assert [one.sample is not None for one in samples.compared(choice)] == [True, False]


def test_what_was_refused_is_not_asked_for_again_until_it_is_forgotten():
    samples, choice = KernelSamples(), KernelChoice(HE, SHAPE, 42)
    samples.refuse(request(HE), "No room.")
    assert list(samples.missing(choice)) == []
    assert samples.one(HE, choice).refusal == "No room."
    samples.forget_refusals()
    assert list(samples.missing(choice)) == [request(HE)]


def test_what_no_law_allows_is_refused_at_once():
    one = KernelSamples().one(InitializerSpec("orthogonal"), KernelChoice(HE, Shape((5,)), 42))
    assert one.law is None
    assert "two or more dimensions" in one.refusal


def test_the_oldest_makes_room():
    samples = KernelSamples()
    for seed in range(MOST_KEPT + 1):
        samples.keep(request(HE, seed), sample_of(request(HE, seed)))
    missing = [seed for seed in range(MOST_KEPT + 1) if list(samples.missing(KernelChoice(HE, SHAPE, seed)))]
    assert missing == [0]
