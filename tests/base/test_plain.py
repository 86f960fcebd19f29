"""Tensors and what holds them as plain JSON."""

import json
import math

import torch

from torchcamp.base.plain import plain


def test_tensors_say_their_shape_and_values():
    value = {"a": torch.tensor([[1, 2]]), 3: (True, None, "x", 1.5)}
    assert plain(value) == {
        "a": {"shape": [1, 2], "values": [[1.0, 2.0]]},
        "3": [True, None, "x", 1.5],
    }


def test_numbers_that_json_has_no_word_for_are_strings():
    value = plain([math.nan, math.inf, -math.inf, torch.tensor(math.nan)])
    assert value == ["nan", "inf", "-inf", {"shape": [], "values": "nan"}]
    json.dumps(value, allow_nan=False)


def test_what_is_not_data_is_named_by_its_class():
    assert plain(torch.nn.ReLU()) == "a ReLU"
