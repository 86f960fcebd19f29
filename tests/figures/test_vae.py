"""Lesson 10: the latent map and the two terms."""

from typing import Any

import pytest
import torch

from torchcamp.data.images import load_images
from torchcamp.figures import hmm
from torchcamp.figures import vae as figures
from torchcamp.models import vae
from torchcamp.recipes.trained import load_trained

IMAGES = load_images("digits")


def test_the_way_between_two_pictures_ends_at_both():
    network: Any = load_trained("vae").network
    figure = figures.latent(network, IMAGES)
    reply, (_, _, moved, between) = figure._answer(dict(figure.state))
    with torch.no_grad():
        mu, logvar = network.encode(IMAGES.test_images[:2].float() / 255)
        ends = torch.sigmoid(network.decode(mu))
    assert between[:784] == hmm.to_bytes(ends[0]) == moved  # the sliders stand at its own code
    assert between[-784:] == hmm.to_bytes(ends[1])
    assert reply["kl"] == pytest.approx(vae.kl_divergence(mu, logvar).tolist(), rel=1e-3)
    other, _ = figure._answer(dict(figure.state) | {"values": [3.0] * figures.NUM_SLIDERS})
    assert other["values"] == [3.0] * figures.NUM_SLIDERS


def test_a_heavy_kl_makes_the_codes_collapse():
    small = figures.SmallVAE(IMAGES)
    kl = {}
    for weight in (1.0, 100.0):
        small.answer({"do": "reset", "steps": 0, "weight": weight})
        for _ in range(9):
            small.answer({"do": "steps", "steps": 20, "weight": weight})
        reply, _ = small.answer({"do": "steps", "steps": 20, "weight": weight})
        kl[weight] = reply["curve"][-1][2]
    assert kl[1.0] > 1 > 0.1 > kl[100.0]
