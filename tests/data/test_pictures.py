"""Pictures: where each one stands in a grid, and how long the frames of a film stay."""

import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageSequence

from torchcamp.data.pictures import gif_bytes, grid, png_bytes


def test_a_grid_is_filled_row_by_row():
    images = (torch.arange(5, dtype=torch.uint8) * 10).view(5, 1, 1, 1).expand(5, 1, 2, 3)
    sheet = grid(images, columns=3, gap=1)
    assert sheet.shape == (2 * 2 + 1, 3 * 3 + 2)
    corners = [sheet[top, left] for top in (0, 3) for left in (0, 4, 8)]
    assert corners == [0, 10, 20, 30, 40, 64]  # the last place stays grey, like the gaps
    assert set(sheet[2].tolist()) == {64}
    assert grid(images, gap=0).shape == (2 * 2, 3 * 3)  # the root of five, rounded up
    assert grid(torch.tensor([-1.0, 0.5, 2.0]).view(3, 1, 1, 1), 3, 0).tolist() == [[0, 128, 255]]


def test_a_grid_of_colours_keeps_them():
    images = torch.zeros(2, 3, 2, 2)
    images[0, 0], images[1, 2] = 1.0, 0.5
    sheet = grid(images, columns=2, gap=1)
    assert sheet.shape == (2, 5, 3)
    assert sheet[0, 0].tolist() == [255, 0, 0]
    assert sheet[0, 2].tolist() == [64, 64, 64]
    assert sheet[1, 4].tolist() == [0, 0, 128]
    decoded = Image.open(io.BytesIO(png_bytes(sheet)))
    assert decoded.mode == "RGB"
    assert decoded.getpixel((4, 1)) == (0, 0, 128)


def test_a_film_in_colour_stays_in_colour_and_large_ones_become_smaller(tmp_path: Path):
    frames = []
    for number, colour in enumerate([(200, 0, 0), (0, 200, 0)]):
        frames.append(tmp_path / f"{number}.png")
        frames[-1].write_bytes(png_bytes(np.full((300, 600, 3), colour, np.uint8)))
    film = Image.open(io.BytesIO(gif_bytes(frames)))
    assert film.size == (480, 240)
    shown = [f.convert("RGB").getpixel((5, 5)) for f in ImageSequence.Iterator(film)]
    assert shown == [(200, 0, 0), (0, 200, 0)]


def test_a_film_takes_frames_evenly_and_its_last_one_stays(tmp_path: Path):
    frames = []
    for number in range(9):
        path = tmp_path / f"{number}.png"
        path.write_bytes(png_bytes(np.full((4, 4), 20 * number, np.uint8)))
        frames.append(path)
    film = Image.open(io.BytesIO(gif_bytes(frames, num_frames=3, milliseconds=50)))
    shown = [
        (frame.convert("L").getpixel((0, 0)), frame.info["duration"])
        for frame in ImageSequence.Iterator(film)
    ]
    assert shown == [(0, 50), (80, 50), (160, 500)]
