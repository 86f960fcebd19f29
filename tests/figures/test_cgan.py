"""Lesson 13: classes on request."""

from typing import Any

import torch

from torchcamp.data.images import load_images
from torchcamp.figures import gan
from torchcamp.recipes.trained import load_trained

IMAGES = load_images("digits")


def test_a_column_is_one_noise_and_what_is_asked_for_is_drawn():
    network: Any = load_trained("cgan").network
    figure = gan.draw_classes(network, IMAGES, conditional=True)
    reply, (grid, wanted) = figure._answer(dict(figure.state) | {"asked": "31x4"})
    assert reply["asked"] == [3, 1, 4]
    assert len(wanted) == 3 * 784
    with torch.no_grad():
        z = gan.walk(0, 8, 0.0, network.config.latent_dim)
        again = network(z[2:3].expand(2, -1), torch.tensor([0, 7]))
    cells = [grid[784 * (8 * row + 2) :][:784] for row in (0, 7)]
    for cell, picture in zip(cells, again, strict=True):
        shown = torch.frombuffer(bytearray(cell), dtype=torch.uint8).float() / 255
        assert torch.allclose(shown, picture.flatten(), atol=0.01)
    assert reply["agreement"] > 0.9
