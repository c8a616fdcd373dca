"""What was judged already is known by what is compared, and not by how many seeds it has."""

from dataclasses import replace

import msgspec
import pytest

from initterm.experiments.command import command_line
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.looks import MOST, Looks

FIVE = Experiment(seeds=5)


def told(looks, **changes):
    return looks.told_to(replace(FIVE, **changes)).looked


def test_with_more_seeds_the_looks_before_are_known():
    looks = Looks().after(FIVE)
    assert told(looks, seeds=10) == (5,)
    assert told(looks.after(replace(FIVE, seeds=10)), seeds=20) == (5, 10)
    assert told(looks, seeds=10, margin=2.0, target=0.5, stop_losing=True) == (5,)
    assert told(looks, seeds=10, looked=(3,)) == (3, 5)


@pytest.mark.parametrize(
    "changes",
    [{"epochs": 3}, {"seed": 1}, {"contenders": (Contender.parse("zeros"),)}, {"samples": 99}],
    ids=str,
)
def test_another_comparison_was_not_judged(changes):
    assert told(Looks().after(FIVE), seeds=10, **changes) == ()


def test_the_same_again_is_no_further_look_and_one_seed_is_none():
    looks = Looks().after(FIVE).after(FIVE)
    assert told(looks) == ()
    assert told(Looks().after(replace(FIVE, seeds=1)), seeds=5) == ()


def test_looks_are_kept_but_not_for_ever():
    looks = Looks()
    for seed in range(MOST + 1):
        looks = looks.after(replace(FIVE, seed=seed))
    assert len(looks.seeds) == MOST
    assert told(looks, seed=0, seeds=10) == ()
    assert told(looks, seed=1, seeds=10) == (5,)
    assert msgspec.json.decode(msgspec.json.encode(looks), type=Looks) == looks


def test_the_command_tells_them():
    assert command_line(Looks().after(FIVE).told_to(replace(FIVE, seeds=10))).endswith("--seeds 10 --looked 5")
