"""The range test: what it does to the rates, which one it suggests, and when it refuses."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from torch import nn

from torchcamp.base.errors import RecipeError
from torchcamp.recipes.find_lr import draw, draw_file, range_test, render_range_test
from torchcamp.recipes.registry import find_recipe
from torchcamp.recipes.settings import with_settings
from torchcamp.recipes.train import Prepared
from torchcamp.training.loop import Training

CPU = torch.device("cpu")


class Valley:
    """A training whose loss is a function of the rate alone; remembers the rates it saw."""

    def __init__(self, loss: Any) -> None:
        first, second = nn.Linear(1, 1), nn.Linear(1, 1)
        groups = [{"params": first.parameters()}, {"params": second.parameters(), "lr": 0.01}]
        self.optimizer = torch.optim.SGD(groups, lr=0.1)
        self.loss = loss
        self.seen: list[list[float]] = []

    def step(self, batch: int) -> dict[str, torch.Tensor]:
        self.seen.append([group["lr"] for group in self.optimizer.param_groups])
        return {"loss": torch.tensor(self.loss(self.seen[-1][0]))}

    def prepared(self) -> Prepared:
        training = Training(
            step=self.step,
            batches=cast(Any, SimpleNamespace(epoch=lambda epoch: iter(range(7)))),
            state={"optimizer": self.optimizer},
            network=nn.Linear(1, 1),
            evaluate=dict,
        )
        recipe = with_settings(find_recipe("mlp"), ["lr=0.1"])
        return Prepared(
            recipe=recipe, dataset=cast(Any, None), training=training, device=CPU, precision="fp32"
        )


def falls_until(rate: float) -> Any:
    return lambda lr: 2.0 if lr < 1e-4 else (1.0 if lr < rate else 50.0)


def test_the_rates_rise_evenly_on_a_logarithmic_axis_through_as_many_epochs_as_it_takes():
    valley = Valley(lambda lr: 2.0 if lr < 1e-4 else 1.0)
    found = range_test(valley.prepared(), 50)
    assert len(valley.seen) == 50
    assert [lr for lr, _ in valley.seen] == pytest.approx(
        torch.logspace(-6, 1, 50, dtype=torch.float64).tolist()
    )
    assert found.rates == [lr for lr, _ in valley.seen]
    assert found.ended == "highest"


def test_a_group_with_a_rate_of_its_own_keeps_its_share():
    valley = Valley(lambda lr: 2.0 if lr < 1e-4 else 1.0)
    range_test(valley.prepared(), 30)
    assert all(second == pytest.approx(0.1 * first) for first, second in valley.seen)


def test_the_suggestion_is_a_tenth_of_where_the_smoothed_loss_has_come_to_its_lowest():
    found = range_test(Valley(falls_until(0.5)).prepared(), 100)
    mean, smoothed = 0.0, []
    for number, lr in enumerate(found.rates, 1):
        mean = 0.9 * mean + 0.1 * falls_until(0.5)(lr)
        smoothed.append(mean / (1 - 0.9**number))
    assert found.losses == pytest.approx(smoothed)
    bottom = min(smoothed) + 0.02 * (2.0 - min(smoothed))
    where = next(lr for lr, loss in zip(found.rates, smoothed, strict=True) if loss <= bottom)
    assert found.lowest == where
    assert found.suggestion == pytest.approx(where / 10, rel=0.05)
    assert found.ended == "diverged"
    assert found.rates[-1] < 1.0  # it stopped soon after the loss blew up
    assert max(loss for _, loss in found.points) <= 2.5  # the picture leaves that out


def test_a_loss_that_is_not_finite_ends_it():
    found = range_test(Valley(lambda lr: 2 - 1e4 * lr if lr < 1e-4 else float("nan")).prepared())
    assert found.ended == "diverged"
    assert found.rates[-1] < 1e-4


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gan", "2 learning rates (g_lr, d_lr)"),
        ("rbm", "no loss that a rate could be judged by"),
        ("hmm", "no learning rate `lr`"),
    ],
)
def test_recipes_without_one_rate_or_a_loss_are_refused(name: str, words: str):
    recipe = with_settings(find_recipe(name), ["data=digits"])
    images = recipe.load()
    prepared = Prepared(
        recipe=recipe,
        dataset=images,
        training=recipe.for_data(images).build(CPU, images),
        device=CPU,
        precision="fp32",
    )
    with pytest.raises(RecipeError) as refusal:
        range_test(prepared)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("loss", "steps", "words"),
    [
        (lambda lr: 1.0 + lr, 50, "no rate between 1e-06 and 10 lowered the loss"),
        (lambda lr: float("nan"), 50, "no rate between"),
        (lambda lr: 1.0, 19, "a range test needs 20 or more"),
    ],
)
def test_a_test_that_says_nothing_is_refused(loss: Any, steps: int, words: str):
    with pytest.raises(RecipeError) as refusal:
        range_test(Valley(loss).prepared(), steps)
    assert words in str(refusal.value)


def test_the_pictures_show_the_curve_and_the_suggestion():
    found = range_test(Valley(falls_until(0.5)).prepared())
    page = render_range_test(found, title="A rate", own_rate=0.1, command="torchcamp train mlp")
    assert str(draw(found)) in page
    assert f"lr = {found.suggestion:g}" in draw(found)
    assert "torchcamp train mlp" in page
    drawing = draw_file(found)
    assert drawing.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert drawing.count("<polyline") == 1
    assert "--series-0" in drawing  # it has its colours with it
