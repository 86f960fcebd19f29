"""Lesson 6: every term of every sum."""

import pytest
import torch

from torchcamp.figures import convolution

SIZES = {
    "size": 7, "kernel": 3, "padding": 1, "stride": 2, "dilation": 1, "inChannels": 2,
    "outChannels": 3, "row": 1, "column": 2, "channel": 2, "wantedInput": 28, "wantedOutput": 14,
}  # fmt: skip


@pytest.mark.parametrize("dilation", [1, 2])
def test_the_terms_sum_to_the_output(dilation: int):
    reply = convolution._convolve(SIZES | {"dilation": dilation, "padding": dilation})
    terms = reply["terms"].replace("−", "-").replace("·", "*").replace("bias ", "")
    assert eval(terms) == reply["value"] == reply["output"][1][2]
    assert reply["size"] == len(reply["output"]) == 4


@pytest.mark.parametrize("changes", [{"dilation": 2}, {"padding": 0}, {"kernel": 1}, {"stride": 4}])
def test_the_formula_is_pytorchs(changes: dict[str, int]):
    sizes = SIZES | changes | {"size": 9}
    reply = convolution._convolve(sizes)
    layer = torch.nn.Conv2d(
        2, 3, sizes["kernel"], sizes["stride"], sizes["padding"], sizes["dilation"]
    )
    assert reply["size"] == layer(torch.zeros(1, 2, 9, 9)).shape[2]
    assert f"{sum(p.numel() for p in layer.parameters())} numbers" in reply["numbers"]


def test_a_filter_that_does_not_fit():
    reply = convolution._convolve(SIZES | {"size": 3, "kernel": 5, "padding": 0})
    assert reply["size"] is None
    assert "PyTorch refuses" in reply["refused"]


def test_the_inverse_gives_what_it_says():
    found = convolution.settings_for(28, 14)
    assert "k=5 p=2 s=2" in found
    for words in found:
        k, p, s = (int(part[2:]) for part in words.split())
        assert torch.nn.Conv1d(1, 1, k, s, p)(torch.zeros(1, 1, 28)).shape[2] == 14
    assert convolution.settings_for(3, 100) == []
