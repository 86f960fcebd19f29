"""The interval's arithmetic, on numbers that can be worked out by hand."""

import pytest
import torch

from torchcamp.bench.intervals import coverage, ratio_of


def test_the_coverage_is_that_of_the_binomial_distribution():
    assert coverage(1, 1) == 0
    assert coverage(3, 1) == 1 - 2 / 8
    assert coverage(6, 1) == 1 - 2 / 64
    assert coverage(9, 2) == 1 - 2 * (1 + 9) / 512
    assert coverage(9, 3) == 1 - 2 * (1 + 9 + 36) / 512


def test_few_pairs_give_the_smallest_and_the_largest():
    ratio = ratio_of([3.0, 1.0, 2.0])
    assert (ratio.median, ratio.low, ratio.high) == (2.0, 1.0, 3.0)
    assert (ratio.coverage, ratio.num_pairs) == (0.75, 3)


def test_the_narrowest_interval_with_95_per_cent_is_taken():
    """Of nine values the second and the eighth: with the third and the seventh it were 82 %."""
    ratio = ratio_of([9.0, 1.0, 8.0, 2.0, 7.0, 3.0, 6.0, 4.0, 5.0])
    assert (ratio.median, ratio.low, ratio.high) == (5.0, 2.0, 8.0)
    assert ratio.coverage == pytest.approx(0.9609375)
    assert ratio_of([float(n) for n in range(20)]).low == 5.0  # 95.9 %; the seventh: 88.5 %


def test_no_ratio_has_no_interval():
    with pytest.raises(ValueError, match="one or more"):
        ratio_of([])


def test_the_interval_holds_the_median_as_often_as_it_says():
    """Of skewed values, whose median is 1: the share of 2,000 intervals of nine that hold it."""
    torch.manual_seed(0)
    held = 0
    for row in torch.randn(2000, 9).exp().tolist():
        ratio = ratio_of(row)
        held += ratio.low <= 1 <= ratio.high
    assert held / 2000 == pytest.approx(0.961, abs=0.013)  # three standard errors
