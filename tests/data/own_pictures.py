"""Folders of pictures that the tests of one's own pictures make."""

from pathlib import Path

import numpy as np
from PIL import Image

RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 200, 30), (30, 30, 200), (120, 120, 120)


def noisy(
    colour: tuple[int, int, int], size: tuple[int, int] = (20, 16), seed: int = 0
) -> Image.Image:
    """A picture (width, height) of one colour with some noise of its own."""
    rng = np.random.default_rng(seed)
    pixels = np.array(colour) + rng.integers(-25, 26, (size[1], size[0], 1))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def save(path: Path, picture: Image.Image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def fill(folder: Path, count: int, colour: tuple[int, int, int] = RED, seed: int = 0) -> None:
    """`count` pictures 000.png, 001.png, ... of a colour."""
    for number in range(count):
        save(folder / f"{number:03}.png", noisy(colour, seed=seed + number))
