"""Numbers as text: the examples hold, and what two faces show of one quantity is the same text."""

from __future__ import annotations

import doctest
import math

import pytest

from initterm.theory import numbers


def test_the_examples_of_every_format_hold() -> None:
    """Each format stands in its docstring with examples."""
    shown = [name for name, one in vars(numbers).items() if getattr(one, "__module__", "") == numbers.__name__]
    without = [name for name in shown if ">>>" not in (getattr(numbers, name).__doc__ or "")]
    assert sorted(without) == ["parse_number", "parse_seed", "parse_whole_number"]
    results = doctest.testmod(numbers)
    assert results.attempted >= len(shown) - len(without)
    assert results.failed == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (numbers.grouped(2**32 - 1), "4,294,967,295"),
        (numbers.grouped(10_000.0), "10,000"),
        (numbers.amount(9_999.0), "9999"),
        (numbers.amount(10_000.0), "10,000"),
        (numbers.with_decimals(-1.0, 1), "−1.0"),
        (numbers.statistic(-math.inf), "none"),
        (numbers.statistic(1500.0, 4, 1e3), "1.5000e+03"),
        (numbers.ratio(9.96), "10"),
        (numbers.ratio(0.00002, 1e-4), "2.0e-05"),
        (numbers.ratio(12_345.0), "1.2e+04"),
        (numbers.ratio(math.inf), "inf"),
        (numbers.factor(None), "–"),
        (numbers.points(0.0005), "0.1 points"),
        (numbers.signed_points(0.02), "+2.0"),
        (numbers.p_value(0.5), "0.5"),
        (numbers.p_words(0.0009, 0.001), "p < 0.001"),
        (numbers.size(1024), "1.0 KiB"),
        (numbers.megabytes(0, 0), "0.0 MB"),
    ],
)
def test_at_the_ends_of_a_format(text: str, expected: str) -> None:
    """Where one way of writing gives way to another."""
    assert text == expected


def test_a_number_as_typed_is_read_back() -> None:
    """No digit is lost."""
    for value in (0.1 + 0.2, 1e-7, 1e22, 3.0, -0.25):
        assert numbers.parse_number(numbers.as_typed(value), "it", 1.0) == value


def test_rounding_gives_a_number() -> None:
    """To so many digits, whatever the size."""
    assert [numbers.rounded(value, 2) for value in (0.0123, 123.0, -7.77e9)] == [0.012, 120.0, -7.8e9]
