"""Lesson 2: each curve with its derivative."""

import pytest
import torch

from torchcamp.figures import activations


@pytest.mark.parametrize("name", list(activations.ACTIVATIONS))
def test_the_derivative_is_that_of_the_curve(name: str):
    reply, _ = activations._activation({"name": name, "range": 5, "x": 0.7})
    (_, function) = activations.ACTIVATIONS[name][0]
    x = torch.tensor([0.7], dtype=torch.float64)
    expected = (function(x + 1e-6) - function(x - 1e-6)) / 2e-6
    assert reply["at"][0]["slope"] == pytest.approx(expected.item(), abs=1e-5)


def test_where_float32_gives_up():
    reply, _ = activations._activation({"name": "sigmoid", "range": 120, "x": 100})
    assert reply["at"][0] == {"value": 1.0, "slope": 0.0, "flat": True}
    assert reply["at"][1]["value"] == "nan"
    (band,) = reply["lost"]["value"]
    assert 87 < band["from"] < 90
