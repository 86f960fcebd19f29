"""The model of scaling: its parts against what they can be worked out from otherwise."""

import itertools
import json
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

from torchcamp.bench.scaling import (
    Link,
    Steps,
    efficiency,
    exponent,
    fitted,
    longest,
    most_that_pay,
    step_seconds,
)

ROOT = Path(__file__).parents[2]
LINK = Link(name="wire", alpha=1e-3, beta=1e-6)
STEPS = Steps(seconds=[0.9, 1.0, 1.1], batch_size=10, reductions=[4000, 8000])


def rung(num_bytes: int, num_devices: int, link: Link) -> float:
    """A ring, played: each device holds parts, sends one at a time, and the last to have all sums ends it."""
    size = num_bytes / num_devices
    parts = [{part: {device} for part in range(num_devices)} for device in range(num_devices)]
    seconds = 0.0
    for turn in range(2 * (num_devices - 1)):
        moving = [(device, (device - turn) % num_devices) for device in range(num_devices)]
        sent = [(device, part, parts[device][part]) for device, part in moving]
        for device, part, summed in sent:
            parts[(device + 1) % num_devices][part] = (
                parts[(device + 1) % num_devices][part] | summed
            )
        seconds += link.alpha + size * link.beta
    everyone = set(range(num_devices))
    assert all(summed == everyone for device in parts for summed in device.values())
    return seconds


@pytest.mark.parametrize("num_devices", [2, 3, 8])
def test_a_ring_takes_what_the_formula_says(num_devices: int):
    found = LINK.all_reduce(6000, num_devices)
    assert found == pytest.approx(rung(6000, num_devices, LINK))
    packing = Link(name="", alpha=LINK.alpha, beta=LINK.beta, gamma=1e-6, speed=2)
    assert packing.all_reduce(6000, num_devices) == pytest.approx(found + 6000e-6 / 2)


def test_one_device_reduces_nothing():
    assert LINK.all_reduce(6000, 1) == 0
    assert efficiency(STEPS, LINK, 1) == 1


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_longest_of_several_steps_is_the_mean_over_all_draws(number: int):
    seconds = [3.0, 1.0, 4.0, 1.5]
    draws = itertools.product(seconds, repeat=number)
    assert longest(seconds, number) == pytest.approx(statistics.fmean(map(max, draws)))


def test_a_step_of_several_devices_is_the_sum_of_its_parts():
    steps = Steps(seconds=[1.0, 3.0], batch_size=10, reductions=[4000, 8000], shuffle=1e-3)
    two = 2.5 + 1e-3 * 2 * 10 + 2 * 2e-3 + 12000e-6
    assert step_seconds(steps, LINK, 2) == pytest.approx(two)
    assert efficiency(steps, LINK, 2) == pytest.approx((2.0 + 1e-3 * 10) / two)
    fast = Link(name="", alpha=1e-3, beta=1e-6, speed=10)
    assert step_seconds(steps, fast, 2) == pytest.approx((2.5 + 0.02) / 10 + 0.016)


def test_the_most_devices_that_pay_are_the_last_ones():
    most = most_that_pay(STEPS, LINK)
    assert 1 < most < 10**6
    assert efficiency(STEPS, LINK, most) >= 0.5 > efficiency(STEPS, LINK, most + 1)
    free = Link(name="", alpha=0, beta=0)
    assert most_that_pay(STEPS, free, limit=5000) == 5000
    slow = Link(name="", alpha=100, beta=0)
    assert most_that_pay(STEPS, slow) == 1


def test_alpha_and_beta_are_found_again():
    sizes = [4, 4096, 10**6, 10**7]
    alpha, beta = fitted(sizes, [LINK.all_reduce(size, 2) for size in sizes])
    assert (alpha, beta) == pytest.approx((LINK.alpha, LINK.beta))
    noisy = [
        LINK.all_reduce(size, 2) * share
        for size, share in zip(sizes, (0.9, 1.1, 1.1, 0.9), strict=True)
    ]
    assert fitted(sizes, noisy) == pytest.approx((LINK.alpha, LINK.beta), rel=0.15)


def test_neither_alpha_nor_beta_is_negative():
    alpha, beta = fitted([10, 1000], [1.0, 0.5])
    assert alpha > 0
    assert beta == 0
    alpha, beta = fitted([10, 1000], [0.001, 1.0])
    assert alpha == 0
    assert beta > 0
    with pytest.raises(ValueError, match="two sizes"):
        fitted([10, 10], [1.0, 1.0])


def test_an_exponent_is_found_again():
    sizes = [8, 16, 32, 64]
    assert exponent(sizes, [3 * size**1.5 for size in sizes]) == pytest.approx(1.5)
    with pytest.raises(ValueError, match="two sizes"):
        exponent([8, 8], [1.0, 1.0])


@pytest.mark.slow
def test_the_benchmark_of_scaling_runs(tmp_path: Path):
    picture = tmp_path / "scaling.svg"
    value = ran("scaling.py", "--quick", "--rounds", "1", "--only", "mlp", "--svg", str(picture))
    (mlp,) = value["recipes"]
    assert sum(mlp["joined"]["reductions"]) > 1_000_000
    assert 0 < mlp["joined"]["efficiency"]["median"] < 2
    assert 0 < mlp["joined"]["predicted"] < 2
    gloo, *assumed = value["links"]
    assert gloo["beta"] > 0
    assert len(assumed) == 3
    assert picture.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.slow
def test_the_benchmark_of_cost_runs(tmp_path: Path):
    page = tmp_path / "cost.html"
    value = ran("cost.py", "--quick", "--only", "mlp", "--html", str(page), may_end_with=(0, 1))
    assert [each["what"] for each in value["growths"]] == ["data", "batch", "width"]
    batch = value["growths"][1]
    assert len(batch["sizes"]) == len(batch["seconds"]) == 4
    assert 0.5 < batch["memory"] < 1.15
    assert "</html>" in page.read_text(encoding="utf-8")


def ran(script: str, *options: str, may_end_with: tuple[int, ...] = (0,)):
    done = subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / script), *options, "--json"],
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.returncode in may_end_with, done.stderr
    return json.loads(done.stdout)
