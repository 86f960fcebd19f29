"""Lesson 11: rows with their states, and the writer."""

from typing import Any

import pytest
import torch

from torchcamp.data.images import load_images
from torchcamp.data.sequences import load_text
from torchcamp.figures import rnn as figures
from torchcamp.recipes.trained import load_trained

IMAGES = load_images("digits")


def test_the_price_of_a_picture_is_the_models_own():
    network: Any = load_trained("rnn").network
    figure = figures.unrolled(network, IMAGES)
    reply, (rows, _, _, drawn) = figure._answer(dict(figure.state) | {"given": 10})
    picture = (IMAGES.test_images[:1] > 127).float()
    with torch.no_grad():
        assert reply["total"] == pytest.approx(network.nats(picture).item(), rel=1e-3)
    assert sum(reply["nats"]) == pytest.approx(reply["total"], rel=1e-4)
    for n in range(figures.NUM_COMPLETIONS):  # the given rows stay
        assert drawn[784 * n : 784 * n + 280] == rows[:280]


def test_one_message_asks_for_some_steps_only():
    writer = figures.Writer(load_text("text"))
    state = {"do": "steps", "steps": 1000, "text": "The ", "temperature": 0.8, "seed": 0}
    reply, _ = writer.answer(state)
    assert reply["numSteps"] == figures.MAX_STEPS


def test_shares_of_the_next_character_follow_the_temperature():
    writer = figures.Writer(load_text("text"))
    state = {"do": "look", "text": "The ", "seed": 0}
    whole, half = (
        writer.answer(state | {"temperature": temperature})[0] for temperature in (1.0, 0.5)
    )
    assert half["next"] == whole["next"]
    # Halving the temperature squares the shares, before they are shares again.
    expected = (whole["shares"][0] / whole["shares"][1]) ** 2
    assert half["shares"][0] / half["shares"][1] == pytest.approx(expected, rel=1e-4)


def test_the_writer_learns_and_repeats_itself_for_the_same_seed():
    writer = figures.Writer(load_text("text"))
    state = {"do": "steps", "steps": 20, "text": "The ", "temperature": 0.8, "seed": 0}
    for _ in range(2):
        writer.answer(state)
    reply, _ = writer.answer(state)
    assert reply["loss"] < reply["guess"] - 1
    again = [writer.answer(state | {"do": "look"})[0]["written"] for _ in range(2)]
    assert again[0] == again[1]
    assert sum(reply["shares"]) <= 1 + 1e-6
    assert writer.answer(state | {"do": "look", "text": "\N{SNOWMAN}"})[0]["typed"] == " "
