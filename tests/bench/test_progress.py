"""How long is left, and what is said of the machine."""

from pathlib import Path

import pytest
import torch

from torchcamp.bench import machine, progress, report
from torchcamp.bench.progress import Plan, Progress


def test_the_time_left_follows_the_pace_so_far(monkeypatch: pytest.MonkeyPatch):
    """Ten of 40 expected seconds took 20: the other 30 will take 60."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "perf_counter", lambda: now[0])
    told: list[Progress] = []
    plan = Plan({"a": 10.0, "b": 10.0, "c": 20.0}, told.append)
    plan.at("a")
    assert told[-1] == Progress(part="a", share=0.0, seconds_left=40.0, begins=True)
    now[0] += 20
    plan.at("b")
    assert told[-1] == Progress(part="b", share=0.25, seconds_left=60.0, begins=True)
    plan.expect("b", 30.0)  # now ten of 60, and the other 50 take 100
    plan.at("b")
    assert told[-1].seconds_left == pytest.approx(100.0)
    now[0] += 10
    plan.at("b", 0.5)  # 25 of 60 in 30 s
    assert (told[-1].share, told[-1].begins) == (pytest.approx(25 / 60), False)
    assert told[-1].seconds_left == pytest.approx(35 * 30 / 25)


def test_a_processor_tells_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "cpuinfo").write_text(
        "processor\t: 0\nmodel name\t: A Fast One  \nmodel name\t: B\n"
    )
    monkeypatch.setattr(machine, "CPU_INFO", tmp_path / "cpuinfo")
    assert machine.processor_name() == "A Fast One"
    monkeypatch.setattr(machine, "CPU_INFO", tmp_path / "none")
    assert machine.processor_name()


def test_a_busy_machine_is_said_to_be_busy():
    busy = machine.describe(torch.device("cpu"), 0.7)
    idle = machine.describe(torch.device("cpu"), 0.2)
    assert (report.was_busy(busy), report.was_busy(idle)) == (True, False)
    assert busy.load_before == 0.7
    assert f"torch {torch.__version__}" in report.machine_in_words(busy)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (report.rate(12_345), "12,300"),
        (report.rate(98.44), "98.4"),
        (report.in_flops(4.52e10), "45.2 GFLOP/s"),
        (report.in_flops(1.2e12), "1.2 TFLOP/s"),
        (report.in_bytes(6.61e9), "6.61 GB"),
        (report.percent(0.3149), "31 %"),
        (report.percent(0.0471), "4.7 %"),
        (report.percent(1.65), "165 %"),
        (report.percent(None), "–"),
        (report.times(2.936), "2.94"),
        (report.times(71.93), "71.9"),
    ],
)
def test_numbers_are_written_for_people(made: str, words: str):
    assert made == words
