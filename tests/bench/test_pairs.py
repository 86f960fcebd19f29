"""Both sides of a pair do the same work, and what is said of it is right."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.bench.conftest import SMALL, digits
from torchcamp.base.seeding import seed_everything
from torchcamp.bench import pairs, peaks
from torchcamp.bench.pairs import Contest, Side, fraction_of_peak, measure, prepare
from torchcamp.bench.peaks import Bandwidth, Peak, Peaks
from torchcamp.bench.plain_loops import STEPS, PlainDataset, normalised
from torchcamp.bench.work import work_of
from torchcamp.models import mlp
from torchcamp.recipes.mlp import MLPRecipe
from torchcamp.recipes.registry import NAMES, presets

CPU = torch.device("cpu")
pytestmark = pytest.mark.usefixtures("small")
# The number that both sides have of a step.
SAME: dict[str, Callable[[dict[str, Tensor]], Tensor]] = {
    "vae": lambda values: -values["elbo"],
    "rbm": lambda values: values["difference"],
    "gan": lambda values: values["d_loss"],
    "cgan": lambda values: values["d_loss"],
}


def test_every_recipe_has_a_plain_loop():
    assert STEPS.keys() == set(NAMES) == SMALL.keys()


@pytest.mark.parametrize("name", NAMES)
def test_both_sides_begin_with_the_same_weights_and_batches(name: str):
    """A step of each from the same random state has the same loss, also after others were made."""
    contest = prepare(name, CPU, precision="fp32")

    def ours() -> float:
        contest.ours.begin()
        seed_everything(5)
        values = contest.ours.step()
        return SAME.get(name, lambda values: values["loss"])(values).item()

    first = ours()
    contest.ours.seconds(2)
    contest.plain.seconds(2)
    contest.ours.begin()
    step, loader = contest.plain.make_step(), contest.plain.loader()
    images, labels = next(iter(loader))
    seed_everything(5)
    assert step(images, labels) == pytest.approx(first, rel=1e-4)
    assert ours() == pytest.approx(first, rel=1e-6)
    other = next(batch for number, batch in enumerate(loader) if number == 1)
    assert other[0].shape == images.shape
    assert step(*other) != pytest.approx(first, rel=1e-4)
    assert contest.work.flops, "every operation of a recipe has a formula"
    assert contest.work.peak_bytes


@pytest.mark.parametrize("name", ["mlp", "cnn", "resnet", "rnn"])
def test_both_sides_see_the_same_batches_in_every_epoch(name: str):
    contest = prepare(name, CPU)
    loader = contest.plain.loader()
    for epoch in range(2):
        ours = contest.ours.training.batches.epoch(epoch)
        for mine, (images, labels) in zip(ours, loader, strict=True):
            pixels, own_labels = mine if isinstance(mine, tuple) else (mine, labels)
            assert torch.allclose(pixels, images, atol=1e-6)
            assert torch.equal(own_labels, labels)


def test_the_plain_loop_trains():
    """Its loss falls, and it leaves the recipe's own network alone."""
    contest = prepare("mlp", CPU)
    before = [p.clone() for p in contest.ours.training.network.parameters()]
    step = contest.plain.make_step()
    loader = contest.plain.loader()
    epochs = [sum(step(*batch) for batch in loader) for _ in range(5)]
    assert epochs[-1] < 0.8 * epochs[0]
    after = contest.ours.training.network.parameters()
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


def test_a_side_trains_as_many_steps_as_it_is_told(monkeypatch: pytest.MonkeyPatch):
    contest = prepare("mlp", CPU)
    taken: list[str] = []
    inner = contest.ours.training.step
    monkeypatch.setattr(contest.ours.training, "step", lambda b: taken.append("ours") or inner(b))
    make_step = contest.plain.make_step
    plain = replace(contest.plain, make_step=lambda: _counted(make_step(), taken))
    contest = replace(contest, plain=plain)
    contest.pair(13)  # more than an epoch of ten steps
    assert (taken.count("plain"), taken.count("ours")) == (13, 13)


def _counted(
    step: Callable[[Tensor, Tensor], float], taken: list[str]
) -> Callable[[Tensor, Tensor], float]:
    def counted(images: Tensor, labels: Tensor) -> float:
        taken.append("plain")
        return step(images, labels)

    return counted


class Clock:
    """Sides that say how long they took in place of taking it."""

    def __init__(self, per_step: float) -> None:
        self.per_step = per_step
        self.asked: list[int] = []

    def seconds(self, num_steps: int) -> float:
        self.asked.append(num_steps)
        return self.per_step * num_steps


def clocked(
    contest: Contest, monkeypatch: pytest.MonkeyPatch, plain: float, ours: float
) -> list[Clock]:
    """Give both sides of `contest` a clock."""
    clocks = [Clock(plain), Clock(ours)]
    monkeypatch.setattr(type(contest.plain), "seconds", lambda loop, n: clocks[0].seconds(n))
    monkeypatch.setattr(Side, "seconds", lambda side, n: clocks[1].seconds(n))
    return clocks


def known_peaks(fp32: float = 1e9, bf16: float = 4e9) -> Peaks:
    threads = torch.get_num_threads()
    rates = [
        Peak(work=work, precision=precision, threads=threads, flops_per_second=value, size="")
        for work, precision, value in (
            ("matmul", "fp32", fp32),
            ("convolution", "fp32", fp32 / 2),
            ("matmul", "bf16", bf16 / 2),
            ("convolution", "bf16", bf16),
        )
    ]
    return Peaks(rates=tuple(rates), bandwidths=(Bandwidth(threads=1, bytes_per_second=1e9),))


def test_what_is_said_of_a_recipe_follows_from_the_seconds(monkeypatch: pytest.MonkeyPatch):
    """Ours 10 ms a step, the plain loop 30 ms: steps enough for 0.6 s of the plain loop."""
    contest = prepare("mlp", CPU, precision="fp32")
    clocks = clocked(contest, monkeypatch, plain=0.03, ours=0.01)
    expected: list[float] = []
    done: list[int] = []
    result = measure(
        contest, known_peaks(), num_pairs=4, seconds=0.6, expect=expected.append, tell=done.append
    )
    assert [clock.asked[-4:] for clock in clocks] == [[20] * 4, [20] * 4]
    assert result.num_steps == 20
    assert result.items_per_second == pytest.approx(20 / 0.01)
    assert result.plain_items_per_second == pytest.approx(20 / 0.03)
    assert result.speedup.median == pytest.approx(3.0)
    assert result.speedup.num_pairs == 4
    assert expected == [pytest.approx(4 * (0.6 + 0.2))]
    assert done == [1, 2, 3, 4]
    assert result.peak_flops_per_second == 1e9
    assert result.flops_per_item == 2 * (2 * 784 * 8 + 3 * 8 * 10)  # of one of a batch of 20
    assert result.fraction_of_peak == pytest.approx(result.flops_per_item * 2000 / 1e9)
    again = result.against(known_peaks(fp32=2e9))
    assert again.fraction_of_peak == pytest.approx(result.flops_per_item * 2000 / 2e9)


def test_a_slow_step_is_taken_once_and_no_pair_begins_after_the_limit(
    monkeypatch: pytest.MonkeyPatch,
):
    contest = prepare("mlp", CPU)
    clocked(contest, monkeypatch, plain=3.0, ours=2.0)
    result = measure(contest, known_peaks(), num_pairs=9, seconds=0.6, limit=12.0)
    assert result.num_steps == 1
    assert result.speedup.num_pairs == 3  # 5 s each: the third ends behind the limit


def test_a_share_of_the_peak():
    assert fraction_of_peak(2e6, 1000, 1e10) == pytest.approx(0.2)
    assert fraction_of_peak(None, 1000, 1e10) is None
    assert known_peaks().best("bf16", torch.get_num_threads()) == 4e9


def test_the_flops_of_a_known_network():
    """Two hidden layers; the first layer's input needs no gradient."""
    config = mlp.MLPConfig(num_pixels=784, hidden_dims=(30, 20))
    recipe = MLPRecipe(model=config, data="digits", batch_size=10)
    training = recipe.build(CPU, digits())
    batch = next(iter(training.batches.epoch(0)))
    work = work_of(lambda: training.step(batch), training.state)
    first, second, last = 784 * 30, 30 * 20, 20 * 10
    assert work.flops == 10 * 2 * (2 * first + 3 * second + 3 * last)


def test_the_memory_of_a_known_step():
    """Weights and momentum stay; during the step a product, its gradient and the weights' are alive."""
    weight = torch.nn.Parameter(torch.ones(1000, 500))
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=0.9, foreach=False)
    x = torch.ones(20, 1000)

    def step() -> None:
        optimizer.zero_grad()
        (x @ weight).sum().backward()
        optimizer.step()

    network = torch.nn.ParameterDict({"weight": weight})
    work = work_of(step, {"network": network, "optimizer": optimizer})
    matrix, product = 4 * 1000 * 500, 4 * 20 * 500
    assert work.flops == 2 * 2 * 20 * 1000 * 500
    assert 3 * matrix <= work.peak_bytes <= 3 * matrix + 4 * product


def test_quick_takes_the_fast_preset_where_there_is_one():
    assert "fast" in presets("resnet")
    assert prepare("resnet", CPU, quick=True).preset == "fast"
    assert prepare("resnet", CPU).preset == "default"
    assert prepare("mlp", CPU, quick=True).preset == "default"


def test_a_recipe_keeps_its_precision_where_it_does_not_have_the_one_asked_for():
    assert prepare("hmm", CPU, precision="bf16").ours.precision == "fp32"
    assert prepare("mlp", CPU, precision="bf16").ours.precision == "bf16"
    assert prepare("mlp", CPU, precision="fp32").ours.precision == "fp32"


def test_without_mnist_digits_are_repeated(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pairs, "NUM_DIGITS", 500)
    pairs.benchmark_images.cache_clear()
    images = pairs.benchmark_images("auto")
    assert images.name == "digits, 3 times"
    assert len(images.train_images) == len(images.train_labels) == 3 * 200
    assert torch.equal(images.train_images[5], images.train_images[5 + 200])
    assert pairs.benchmark_images("cifar10").image_shape == (3, 32, 32)


def test_a_picture_goes_through_the_usual_transform():
    dataset = PlainDataset(digits())
    pixels, label = dataset[3]
    assert torch.allclose(pixels, digits().train_images[3] / 255)
    assert label == digits().train_labels[3]
    plain = PlainDataset(digits(), normalise=True)[3][0]
    assert torch.allclose(plain, (pixels - 0.1307) / 0.3081)
    with pytest.raises(ValueError, match="std is zero"):
        normalised(pixels, 0.0, 0.0)


def test_peaks_are_the_better_of_two_measurements():
    first, second = known_peaks(fp32=1e9, bf16=5e9), known_peaks(fp32=2e9, bf16=3e9)
    both = peaks.better(first, second)
    threads = torch.get_num_threads()
    assert (both.best("fp32", threads), both.best("bf16", threads)) == (2e9, 5e9)


def test_rates_are_measured_with_their_threads(monkeypatch: pytest.MonkeyPatch):
    seen: list[int] = []
    monkeypatch.setattr(
        peaks, "best_seconds", lambda *args: seen.append(torch.get_num_threads()) or 1.0
    )
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = peaks.measure_peaks(CPU, quick=True)
    finally:
        torch.set_num_threads(before)
    half = 2 * 2 * len(peaks.precisions_of(CPU))  # two sizes of two kinds of work
    assert seen == [1] * half + [2] * half + [1, 2]
    assert found.rates[0].flops_per_second == 2 * 32**3  # the better of both sizes, in a second


def test_the_peaks_of_this_machine(monkeypatch: pytest.MonkeyPatch):
    """One of each work, precision and number of threads; threads are put back."""
    tried: list[str] = []
    inner = peaks.best_seconds
    monkeypatch.setattr(peaks, "best_seconds", lambda *args: tried.append("") or inner(*args))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        found = peaks.measure_peaks(CPU, seconds=0.0)
        assert torch.get_num_threads() == 2
        num_rates = 4 * len(peaks.precisions_of(CPU))
        assert len(tried) == 3 * num_rates + 2
        peaks.measure_peaks(CPU, quick=True, seconds=0.0)
        assert len(tried) == 5 * num_rates + 4
    finally:
        torch.set_num_threads(before)
    kinds = {(peak.work, peak.precision, peak.threads) for peak in found.rates}
    assert len(kinds) == len(found.rates) == num_rates
    assert {threads for _, _, threads in kinds} == {1, 2}
    assert [each.threads for each in found.bandwidths] == [1, 2]
    assert peaks.matmul_flops(10) == 2000
    assert peaks.convolution_flops(2, 3, 5) == 2 * 2 * 25 * 9 * 9
