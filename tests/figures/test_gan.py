"""The GAN: the game in the plane, the film, the walk through noise."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.figures.arrays import floats
from torchcamp.data.images import load_images
from torchcamp.figures import gan

IMAGES = load_images("digits")


def plane_gan(steps: int, **changes: Any) -> tuple[gan.PlaneGAN, dict[str, Any], list[bytes]]:
    lab = gan.PlaneGAN()
    state = {"data": "ring", "faults": [], "gRate": 0.002, "dRate": 0.004, "own": [], "steps": 20}
    reply, arrays = lab.answer(state | changes | {"do": "look"})
    for _ in range(steps // 20):
        reply, arrays = lab.answer(state | changes | {"do": "steps"})
    return lab, reply, arrays


@pytest.mark.slow
def test_the_game_covers_the_ring_and_collapses_when_d_sleeps():
    _, reply, _ = plane_gan(2400)
    assert reply["covered"] >= 7
    assert all(math.isfinite(value) for pair in reply["losses"] for value in pair)
    _, asleep, _ = plane_gan(1500, faults=["asleep"])
    assert asleep["covered"] <= 2
    assert asleep["spread"] < 0.5 * reply["spread"]


def test_the_fakes_are_pulled_to_where_d_believes_more():
    lab, _, (_, fakes, pull, _) = plane_gan(200)
    fakes, pull = floats(fakes, -1, 2), floats(pull, -1, 2)
    with torch.no_grad():
        moved = lab.d(fakes + 1e-3 * pull / pull.norm(dim=1, keepdim=True).clamp_min(1e-9))
        assert ((moved - lab.d(fakes)) > -1e-6).float().mean() > 0.98


def test_a_fake_that_is_not_detached_changes_the_game():
    plain, broken = (plane_gan(20, faults=faults)[0] for faults in ([], ["undetached"]))
    gap = max(
        (p - q).abs().max().item()
        for p, q in zip(plain.g.parameters(), broken.g.parameters(), strict=True)
    )
    assert gap > 1e-3


def test_a_discriminator_far_ahead_has_no_loss_and_with_the_saturating_one_no_pull():
    _, reply, _ = plane_gan(300, faults=["ahead", "saturated"])
    assert reply["losses"][-1][0] < 0.001
    assert reply["caught"] == 1
    assert reply["pull"] < 0.01
    assert reply["covered"] == 0
    _, usual, _ = plane_gan(300, faults=["ahead"])
    assert usual["pull"] > 1


def test_a_fake_that_is_not_detached_is_pulled_away_from_where_d_believes():
    def after(num_steps: int) -> tuple[gan.PlaneGAN, Tensor, Tensor, Tensor]:
        lab, _, (_, fakes, pull, _) = plane_gan(num_steps, faults=["undetached"])
        fakes, pull = floats(fakes, -1, 2), floats(pull, -1, 2)
        with torch.no_grad():
            return lab, fakes, pull, lab.d(fakes).squeeze(1) > 0.02

    # When some of the fakes are believed, and some are not.
    states = map(after, range(100, 700, 100))
    lab, fakes, pull, believed = next(state for state in states if 5 < state[3].sum() < 200)
    with torch.no_grad():
        moved = lab.d(fakes + 1e-3 * pull / pull.norm(dim=1, keepdim=True).clamp_min(1e-9))
        rises = (moved - lab.d(fakes)).squeeze(1) > 0
    assert not rises[believed].any()
    assert rises[~believed].float().mean() > 0.9


def test_points_drawn_by_hand_are_the_data():
    lab = gan.PlaneGAN()
    state = {"data": "own", "faults": [], "gRate": 0.01, "dRate": 0.01, "own": [], "steps": 5}
    assert lab.answer(state | {"do": "steps"})[0]["empty"]
    reply, arrays = lab.answer(state | {"do": "steps", "own": [[1.0, 1.5], [1.1, 1.4]]})
    assert not reply["empty"]
    assert reply["numSteps"] == 5
    assert floats(arrays[3], -1, 2).tolist() == [[1.0, 1.5], pytest.approx([1.1, 1.4])]


def test_the_walk_through_noise_stays_normal():
    for share in (0.0, 0.3, 1.0):
        z = gan.walk(0, 4000, share, 5)
        assert z.mean().item() == pytest.approx(0, abs=0.05)
        assert z.std().item() == pytest.approx(1, abs=0.05)
    # The end of one walk is the beginning of the next.
    assert torch.allclose(gan.walk(1, 3, 0.0, 5), gan.walk(0, 3, 1.0, 5), atol=1e-5)


def test_a_frame_changes_only_as_the_generator_does():
    film = gan.DigitGAN(IMAGES)
    look = {"do": "look", "steps": 4}
    assert film.answer(look)[1] == film.answer(look)[1]
    assert film.answer(look | {"do": "steps"})[1] != gan.DigitGAN(IMAGES).answer(look)[1]
