"""Lesson 14: races on this machine."""

import pytest
import torch

from torchcamp.figures import devices
from torchcamp.recipes.trained import load_trained


@pytest.mark.parametrize("key", ["sizes", "batches", "threads", "precision"])
def test_a_race_measures(key: str):
    threads = torch.get_num_threads()
    reply, _ = devices.race(load_trained("cnn").network)._answer({"do": key})
    assert len(reply["bars"]) >= 3
    assert all(bar["seconds"] > 0 for bar in reply["bars"])
    assert torch.get_num_threads() == threads
