"""The learning-rate range test: raise the rate step by step and watch the loss.

Smith, "Cyclical Learning Rates for Training Neural Networks", 2015 (arXiv:1506.01186), section 3.3,
with the exponential rise and the smoothed loss that fastai made usual. With the rates r_1 .. r_n,
evenly spaced on a logarithmic axis, and the loss l_t of the step made with r_t,

    m_t = beta m_(t-1) + (1 - beta) l_t,   s_t = m_t / (1 - beta^t)

and the suggestion is a tenth of the rate at which s has come to its lowest value, up to 2 % of its
fall: the bottom is often flat, and its very lowest point then says little. Against whole trainings
of a few epochs at rates a factor of three apart (mlp and cnn on digits and MNIST, rnn on digits), it
lay between the best rate and a ninth of it, where rates too low cost little. Where s falls fastest, the
other rule in use, lay lower still for the mlp and the rnn.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup
from torch.optim import Optimizer

from torchcamp.base.errors import RecipeError
from torchcamp.pages.charts import Series, line_chart, standalone
from torchcamp.pages.page import render_page
from torchcamp.recipes.recipe import Recipe
from torchcamp.recipes.settings import field_names
from torchcamp.recipes.train import Prepared
from torchcamp.training.devices import autocast
from torchcamp.training.loop import Training

LOWEST, HIGHEST = 1e-6, 10.0  # rates of the first and of the last step
SMOOTHING = 0.9  # beta
BLOWN_UP = 4.0  # the test ends where the smoothed loss is this multiple of its minimum
GRACE = 10  # steps before it may end
MIN_STEPS = 20
BOTTOM = 0.02  # share of the fall that still counts as the lowest value
RULE = "a tenth of the rate at which the smoothed loss was lowest"


@dataclass(frozen=True, kw_only=True)
class RangeTest:
    """What a range test found.

    rates: of each step, rising.
    losses: the smoothed loss after each, as many.
    suggestion: for the recipe's field `lr`, with two digits.
    lowest: the rate at which the smoothed loss had come to its lowest, up to 2 % of its fall.
    ended: why it ended: "diverged", or "highest" if the loss was still falling at the highest rate
        or had not yet risen far.
    """

    rates: list[float]
    losses: list[float]
    suggestion: float
    lowest: float
    ended: str

    @property
    def points(self) -> list[tuple[float, float]]:
        """Rates with their smoothed losses, without those far above the first."""
        limit = self.losses[0] + 0.5 * (self.losses[0] - min(self.losses))
        pairs = zip(self.rates, self.losses, strict=True)
        return [(rate, loss) for rate, loss in pairs if loss <= limit]


def range_test(prepared: Prepared, num_steps: int = 100) -> RangeTest:
    """Train for a few steps, each with a higher rate.

    The recipe's schedule is left out: the number is for `lr`, the highest rate that a schedule
    reaches. Nothing is written; the network is of no use afterwards.

    Raises:
        RecipeError: the recipe has not exactly one learning rate or no loss, there are too few
            steps, or no rate lowered the loss.
    """
    if num_steps < MIN_STEPS:
        raise RecipeError(f"--steps is {num_steps}; a range test needs {MIN_STEPS} or more")
    training = prepared.training
    optimizer, own_rate = _optimizer(prepared.recipe, training)
    # A recipe may give a part of its network another multiple of `lr`.
    multiples = [
        group.get("initial_lr", group["lr"]) / own_rate for group in optimizer.param_groups
    ]
    rates: list[float] = []
    losses: list[float] = []
    mean = 0.0
    ended = "highest"
    for number, batch in zip(range(num_steps), _batches(training), strict=False):
        rate = LOWEST * (HIGHEST / LOWEST) ** (number / (num_steps - 1))
        for group, multiple in zip(optimizer.param_groups, multiples, strict=True):
            group["lr"] = rate * multiple
        with autocast(prepared.device, prepared.precision):
            values = training.step(batch)
        if "loss" not in values:
            raise RecipeError(
                f"a step of this recipe returns {', '.join(values)}, but no loss that a rate could "
                "be judged by: try rates with --set lr=... instead"
            )
        loss = values["loss"].item()
        if not math.isfinite(loss):
            ended = "diverged"
            break
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        rates.append(rate)
        losses.append(mean / (1 - SMOOTHING ** (number + 1)))
        if number >= GRACE and losses[-1] > BLOWN_UP * min(losses) > 0:
            ended = "diverged"
            break
    return _judged(rates, losses, ended)


def draw(test: RangeTest) -> Markup:
    """The smoothed loss over the rate, with the suggestion marked, as an `<svg>`."""
    return line_chart(
        "Smoothed loss",
        [Series(name="", points=test.points)],
        "learning rate",
        log_x=True,
        mark=test.suggestion,
        mark_label=f"lr = {test.suggestion:g}",
    )


def render_range_test(test: RangeTest, *, title: str, own_rate: float, command: str) -> str:
    """One offline page: the picture, the suggestion, and what to type next."""
    return render_page(
        "recipes/find_lr.html",
        title=title,
        test=test,
        rule=RULE,
        own_rate=own_rate,
        command=command,
        chart=draw(test),
    )


def draw_file(test: RangeTest) -> str:
    """The picture as an SVG file."""
    return standalone(draw(test))


def _judged(rates: list[float], losses: list[float], ended: str) -> RangeTest:
    lowest = min(losses, default=math.inf)
    if not losses or losses.index(lowest) < GRACE:
        raise RecipeError(
            f"no rate between {LOWEST:g} and {HIGHEST:g} lowered the loss: look at the data and at "
            "the recipe's other settings first"
        )
    bottom = lowest + BOTTOM * (losses[0] - lowest)
    rate = next(rate for rate, loss in zip(rates, losses, strict=True) if loss <= bottom)
    return RangeTest(
        rates=rates,
        losses=losses,
        suggestion=float(f"{rate / 10:.2g}"),
        lowest=rate,
        ended=ended,
    )


def _optimizer(recipe: Recipe, training: Training) -> tuple[Optimizer, float]:
    """The only optimizer of a training, and the recipe's `lr`."""
    optimizers = [value for value in training.state.values() if isinstance(value, Optimizer)]
    names = field_names(recipe)
    if "lr" in names and len(optimizers) == 1:
        return optimizers[0], getattr(recipe, "lr")  # noqa: B009 (not every recipe has it)
    rates = [name for name in names if name.endswith("_lr")]
    if rates:
        raise RecipeError(
            f"this recipe has {len(rates)} learning rates ({', '.join(rates)}), which work against "
            "each other: a range test cannot judge one alone; compare whole runs with torchcamp sweep"
        )
    raise RecipeError("this recipe has no learning rate `lr` to find")


def _batches(training: Training) -> Iterator[Any]:
    """Batches of as many epochs as are asked for."""
    epoch = 0
    while True:
        yield from training.batches.epoch(epoch)
        epoch += 1
