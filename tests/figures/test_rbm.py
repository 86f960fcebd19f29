"""Lesson 9: Gibbs chain and the small RBM."""

from typing import Any

import pytest
import torch

from torchcamp.data.images import load_images
from torchcamp.evaluation.log_partition import exact_log_partition
from torchcamp.figures import rbm as figures
from torchcamp.models import rbm
from torchcamp.recipes.trained import load_trained

IMAGES = load_images("digits")


def test_the_chain_holds_the_upper_half_and_tells_the_free_energy():
    network: Any = load_trained("rbm").network
    chain = figures.Chain(network, IMAGES)
    chain.answer({"do": "example", "clamp": False, "soft": False, "steps": 1})
    begun = chain.start[: 14 * 28].clone()
    reply, (bits, _, _) = chain.answer({"do": "steps", "clamp": True, "soft": False, "steps": 5})
    seen = torch.frombuffer(bytearray(bits), dtype=torch.uint8).float() / 255
    assert torch.equal(seen[: 14 * 28], begun)
    assert reply["numSteps"] == 5
    assert reply["energies"][-1] == pytest.approx(
        rbm.free_energy(network, seen[None]).item(), abs=0.1
    )


def test_without_a_draw_the_hidden_layer_hands_down_its_probabilities():
    network: Any = load_trained("rbm").network
    chain = figures.Chain(network, IMAGES)
    for soft in (True, False):
        chain.answer({"do": "example", "clamp": False, "soft": soft, "steps": 1})
        smooth = network.visible_probs(network.hidden_probs(chain.visible[None]))[0]
        chain.answer({"do": "steps", "clamp": False, "soft": soft, "steps": 1})
        assert torch.allclose(chain.probs, smooth) == soft


def test_the_small_rbm_learns_and_annealing_closes_in():
    small = figures.SmallRBM(IMAGES)
    before = small.curve[-1][1]
    for _ in range(5):
        small.answer({"do": "steps", "steps": 50, "rate": 0.05})
    reply, filters = small.answer({"do": "steps", "steps": 50, "rate": 0.05})
    assert len(filters) == figures.SMALL
    assert reply["curve"][-1][1] > before + 5
    assert reply["logZ"] == pytest.approx(exact_log_partition(small.rbm))
    estimates = small.answer({"do": "anneal", "steps": 0, "rate": 0.05})[0]["estimates"]
    off = [abs(value - reply["logZ"]) for _, value, _ in estimates]
    assert off[-1] < max(0.5, off[0])
