"""Lesson 13: classes on request."""

from typing import Any

import numpy as np
import torch
from PIL import Image

from torchcamp.base.paths import CONTENT
from torchcamp.data.images import load_images
from torchcamp.evaluation.reference_networks import reference_classifier
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


def test_the_stored_pictures_show_what_the_lesson_says_of_them():
    """Told to both networks, most pictures are of their row's class; told to G alone, one in ten is."""
    sheet = torch.from_numpy(np.array(Image.open(CONTENT / "lessons" / "cgan" / "told.png")))
    cells = (
        sheet.unfold(0, 28, 30).unfold(1, 28, 30)[:, :, None].float() / 255
    )  # (10, 17, 1, 28, 28)
    with torch.no_grad():
        found = reference_classifier()(cells.flatten(0, 1)).argmax(dim=1).unflatten(0, (10, 17))
    right = found == torch.arange(10)[:, None]
    assert right[:, :8].float().mean() > 0.5
    assert right[:, 9:].float().mean() < 0.15
    assert (cells[:, 9:] - cells[:1, 9:]).abs().mean() < 0.02
