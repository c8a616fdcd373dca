"""Fans by what one output really sums over, each against a count in a layer's own arithmetic."""

import numpy as np
import pytest

from initterm.theory import fans
from initterm.theory.fans import Fans


@pytest.mark.parametrize(
    ("counted", "fan_in", "fan_out"),
    [
        (fans.matrix((784, 256)), 784, 256),
        (fans.convolution((3, 3, 64, 128)), 576, 1152),
        (fans.convolution((3, 3, 16, 128), groups=4), 144, 288),
        (fans.depthwise((3, 3, 64, 1)), 9, 9),
        (fans.depthwise((3, 3, 64, 2)), 9, 18),
        (fans.transposed((3, 3, 16, 64), (1, 1)), 576, 144),
        (fans.transposed((4, 4, 16, 64), (2, 2)), 256, 256),
        (fans.transposed((1, 1, 16, 64), (2, 2)), 64, 16),
        (fans.gates((32, 256), 4), 32, 64),
        (fans.lookup((10_000, 128)), 1, 128),
        (fans.einsum((8, 2, 4), "abx,xhd->abhd"), 8, 8),
        (fans.einsum((2, 4, 8), "abhd,hdy->aby"), 8, 8),
        (fans.einsum((5, 8, 3), "btk,tkn->btn"), 8, 3),
    ],
)
def test_fans_of_kernels(counted, fan_in, fan_out):
    assert counted == Fans(fan_in, fan_out)


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (4, 2), (3, 1), (6, 3)])
def test_a_transposed_output_sums_over_the_field_by_the_strides(size, stride):
    steps = 50
    hits = np.zeros(steps * stride + size)
    for step in range(steps):
        hits[step * stride : step * stride + size] += 1
    inner = hits[10 * stride : 40 * stride]
    assert inner.mean() == fans.transposed((size, 1, 1), (stride,)).fan_in
