"""Lesson 3: the losses and their gradients."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from torchcamp.figures import losses


def rows(**state: Any) -> dict[str, list[Any]]:
    reply, _ = losses.losses()._answer(state)
    return {title: values for title, *values in reply["rows"]}


def test_the_ways_to_write_one_loss():
    found = list(rows(board="logit", z=20, target=0).values())
    assert found[0] == pytest.approx([20, 1])
    assert found[1] == ["inf", "nan"]
    assert found[2] == pytest.approx([18.42068, 0], abs=1e-4)
    assert found[3] == pytest.approx([100, 0])
    for z, target in ((0.5, 1), (-2.0, 0), (3.0, 1)):
        values = list(rows(board="logit", z=z, target=target).values())
        logit = torch.tensor(z)
        expected = F.binary_cross_entropy_with_logits(logit, torch.tensor(float(target))).item()
        assert [v for v, _ in values[:4]] == pytest.approx([expected] * 4, abs=1e-5)


def test_sum_is_the_mean_times_the_batch():
    state = {"board": "row", "logits": [2, 0.5, -1, 0], "label": 1, "count": 8}
    mean, total = (rows(**state, reduction=r) for r in ("mean", "sum"))
    first = "F.cross_entropy(logits, labels)"
    assert total[first] == pytest.approx([8 * v for v in mean[first]], rel=1e-5)
    lecture = "BCE, summed over classes"
    torchs = "torch's BCEWithLogitsLoss('mean')"
    assert mean[lecture] == pytest.approx([4 * v for v in mean[torchs]], rel=1e-5)


def test_squared_and_absolute_error():
    found = list(rows(board="number", prediction=-3, count=4, reduction="mean").values())
    assert found[0] == pytest.approx([9, -6])
    assert found[1] == pytest.approx([3, -1])
    assert found[2] == pytest.approx([3, -1])
