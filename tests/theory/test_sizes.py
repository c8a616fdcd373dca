"""Sizes as people write them."""

import doctest

import pytest

from initterm.theory import sizes
from initterm.theory.refusal import Refusal


def test_units_count_by_1024_and_may_be_left_out():
    assert doctest.testmod(sizes).failed == 0
    assert [sizes.parse_size(text) for text in ("512", "1K", "2 mib", "0.5g")] == [512, 2**10, 2**21, 2**29]


@pytest.mark.parametrize("text", ["", "-1", "8GiBs", "GiB", "1e9", "8 G iB", "9" * 20])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(Refusal, match="such as 8GiB"):
        sizes.parse_size(text)
