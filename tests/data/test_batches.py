"""Batches: each image once per epoch, repeatable from two numbers; augmentation that only moves."""

import pytest
import torch

from torchcamp.data.augment import distort, shift, to_float
from torchcamp.data.batches import Batches


def numbers(batches: Batches, epoch: int, start: int = 0) -> list[int]:
    return torch.cat([items for (items,) in batches.epoch(epoch, start)]).tolist()


def test_every_item_once_and_another_order_each_epoch():
    batches = Batches(torch.arange(100), batch_size=10, seed=3)
    first, second = numbers(batches, 0), numbers(batches, 1)
    assert sorted(first) == sorted(second) == list(range(100))
    assert first != second
    assert numbers(Batches(torch.arange(100), batch_size=10, seed=3), 1) == second
    assert numbers(Batches(torch.arange(100), batch_size=10, seed=4), 1) != second


def test_an_epoch_goes_on_where_it_stopped():
    batches = Batches(torch.arange(95), batch_size=10, seed=0)
    assert batches.steps_per_epoch == 9
    assert numbers(batches, 5)[30:] == numbers(batches, 5, start=3)
    assert {len(items) for (items,) in batches.epoch(0)} == {10}


def test_refused():
    with pytest.raises(ValueError, match="equal length"):
        Batches(torch.zeros(3), torch.zeros(4), batch_size=1)
    with pytest.raises(ValueError, match="batch_size is 5; expected 1 to 3"):
        Batches(torch.zeros(3), batch_size=5)


def test_shift_moves_and_loses_nothing_of_a_centred_dot():
    images = torch.zeros(200, 1, 28, 28)
    images[:, :, 14, 14] = 1
    moved = shift(images, 2)
    assert moved.shape == images.shape
    assert moved.sum(dim=(1, 2, 3)).tolist() == [1.0] * 200
    places = moved.flatten(1).argmax(dim=1)
    rows, columns = places // 28 - 14, places % 28 - 14
    assert set(rows.tolist()) == set(columns.tolist()) == {-2, -1, 0, 1, 2}
    assert len(set(zip(rows.tolist(), columns.tolist(), strict=True))) == 25  # of each other free


def test_distort_without_amounts_is_the_identity():
    images = to_float(torch.randint(256, (4, 1, 28, 28), dtype=torch.uint8))
    same = distort(images, max_pixels=0, rotation=0, scale=0, shear=0)
    assert torch.allclose(same, images, atol=1e-5)


def test_distort_turns_without_stretching(monkeypatch: pytest.MonkeyPatch):
    """By a quarter: every picture is torch's own, turned."""
    monkeypatch.setattr(torch, "rand", lambda *size, device: torch.ones(*size, device=device))
    images = torch.rand_like(torch.zeros(3, 1, 28, 28))
    turned = distort(images, max_pixels=0, rotation=torch.pi / 2, scale=0, shear=0)
    torch.testing.assert_close(turned, images.rot90(1, dims=(2, 3)), atol=1e-4, rtol=0)


def test_distort_shifts_by_pixels():
    images = torch.zeros(500, 1, 28, 28)
    images[:, :, 13:15, 13:15] = 1
    moved = distort(images, max_pixels=3, rotation=0, scale=0, shear=0)
    mass = moved.sum(dim=(1, 2, 3))
    centre = (moved.sum(dim=(1, 3)) * torch.arange(28)).sum(dim=1) / mass - 13.5
    assert 2.5 < centre.abs().max() <= 3.01


def test_weights_say_how_often_each_item_is_drawn():
    """An item of weight 3 is drawn three times as often as one of weight 1, one of 0 never."""
    items = torch.arange(4000)
    weights = torch.tensor([1.0, 3.0, 0.0, 0.0]).repeat(1000)
    batches = Batches(items, batch_size=100, seed=1, weights=weights)
    drawn = torch.cat([batch for (batch,) in batches.epoch(0)])
    assert len(drawn) == 4000
    assert set((drawn % 4).tolist()) == {0, 1}
    assert (drawn % 4 == 1).float().mean().item() == pytest.approx(0.75, abs=0.03)
    again = torch.cat([batch for (batch,) in batches.epoch(0, start=3)])
    assert torch.equal(again, drawn[300:])
    assert not torch.equal(torch.cat([batch for (batch,) in batches.epoch(1)]), drawn)
