"""The profile of a step: its parts add up, and FLOPs and bytes are those that one counts by hand."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from torchcamp.bench.peaks import Bandwidth, Peak, Peaks

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "bounds.py"
spec = importlib.util.spec_from_file_location("bounds", SCRIPT)
assert spec
assert spec.loader
bounds = importlib.util.module_from_spec(spec)
sys.modules["bounds"] = bounds  # where dataclasses look for it
spec.loader.exec_module(bounds)

PEAKS = Peaks(
    rates=(
        Peak(work="matmul", precision="fp32", threads=1, flops_per_second=1e12, size=""),
        Peak(work="matmul", precision="bf16", threads=1, flops_per_second=2e12, size=""),
    ),
    bandwidths=(Bandwidth(threads=1, bytes_per_second=1e11),),
)


def event(name: str, start: float, own: float):
    return SimpleNamespace(
        name=name, self_cpu_time_total=own, time_range=SimpleNamespace(start=start)
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("aten::addmm", "products"),
        ("aten::addmv_", "products"),
        ("aten::mkldnn_convolution", "convolutions"),
        ("aten::convolution_backward", "convolutions"),
        ("aten::native_batch_norm_backward", "batch norm"),
        ("aten::max_pool2d_with_indices_backward", "pooling"),
        ("aten::rand_like", "random numbers"),
        ("aten::normal_", "random numbers"),
        ("aten::copy_", "copies"),
        ("aten::threshold_backward", "elementwise"),
        ("aten::_fused_adamw_", "optimizer"),
        ("Optimizer.step#AdamW.step", "optimizer"),
        ("aten::as_strided", "the rest"),
        ("autograd::engine::evaluate_function: MmBackward0", "the rest"),
    ],
)
def test_operations_have_the_kind_that_a_reader_expects(name: str, kind: str):
    assert bounds.kind_of(name) == kind


def test_what_belongs_to_no_operation_is_the_rest_of_its_turn():
    events = [
        event("aten::mm", 3, 5),
        event("aten::before", 0, 1),
        event(bounds.STEP, 2, 0.5),
        event("aten::add", 9, 2),
        event(bounds.STEP, 20, 0.5),
        event("aten::after", 21, 1),
    ]
    (turn,) = bounds.turns(events)
    assert turn == [("aten::mm", 5), ("aten::add", 2), ("outside of operations", 18 - 5 - 2)]


def test_an_operation_counts_with_its_shortest_time_over_turns_that_do_the_same():
    found = [[("a", 3.0), ("b", 1.0)], [("a", 2.0), ("b", 4.0)], [("a", 0.1)]]
    assert bounds.shortest(found) == (2, [("a", 2.0), ("b", 1.0)])


def test_flops_and_bytes_are_those_counted_by_hand():
    x, weight = torch.randn(4, 8), torch.randn(8, 16)
    target, table = torch.zeros(4, 16), torch.zeros(1000, 4)
    with bounds.Moved() as moved:
        y = x @ weight
        F.relu(y)  # reads and writes
        y.mul_(2)  # reads and writes
        torch.add(y, torch.zeros(()).expand(4, 16))  # reads, reads one number, writes
    numbers = 4 * 16
    assert moved.flops["products"] == 2 * 4 * 8 * 16
    assert "products" not in moved.num_bytes
    # y * 2 has the 2 as an argument that is no tensor.
    assert moved.num_bytes["elementwise"] == 4 * (6 * numbers + 1)
    with bounds.Moved() as moved:
        target.copy_(y)  # does not read what it overwrites
        table[torch.tensor([5, 3])]  # of the table, two rows
    assert moved.num_bytes["copies"] == 4 * (2 * numbers + 2 * 2 * 4)


def test_the_parts_of_a_recipe_add_up():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = bounds.measure("mlp", PEAKS, at_least=0.0, precision="fp32")
    finally:
        torch.set_num_threads(threads)
    parts = {part.kind: part for part in found.parts}
    assert found.num_turns >= 2
    assert sum(part.share for part in found.parts) == pytest.approx(1)
    assert parts["products"].share > 0.1
    assert parts["convolutions"].share == parts["pooling"].share == 0
    # Three products of each layer, but for the pixels' gradient.
    layers = 3 * 384 * 384 + 3 * 384 * 10 + 2 * 784 * 384
    assert parts["products"].flops == 2 * found.batch_size * layers
    assert found.of_peak == pytest.approx(parts["products"].flops / 1e12 / found.seconds)
    assert parts["products"].rate == pytest.approx(found.alone)
    assert found.of_peak == pytest.approx(found.alone * parts["products"].share)
    assert found.of_peak < found.at_best_rate < 1
    (header, _, shares, *_) = bounds.tables([found]).splitlines()
    assert header.count("|") == shares.count("|")


@pytest.mark.slow
def test_the_benchmark_of_bounds_runs():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--quick", "--seconds", "0.1", "--only", "cnn", "--json"],
        capture_output=True,
        text=True,
        timeout=250,
    )
    assert done.returncode == 0, done.stderr
    (cnn,) = json.loads(done.stdout)["profiles"]
    assert sum(part["share"] for part in cnn["parts"]) == pytest.approx(1)
