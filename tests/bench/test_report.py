"""What stands on the pages, and where in the pictures."""

import re
from dataclasses import replace

from tests.bench.made import BENCHMARK, SPEEDRUN
from torchcamp.bench.intervals import ratio_of
from torchcamp.bench.report import render_benchmark, render_speedrun


def test_bars_and_dots_stand_where_their_numbers_are():
    """A share of 0.19 on an axis to 0.2, and a ratio of 3 (1 to 5) on an axis to 5."""
    model = replace(BENCHMARK.models[0], flops_per_item=1e6, items_per_second=72_200.0)
    model = replace(model, speedup=ratio_of([1.0, 3.0, 5.0]))
    page = render_benchmark(replace(BENCHMARK, models=(model,), peers=(), not_installed=()))
    assert re.findall(r'"fill" style="width: ([\d.]+)%', page) == ["95.00"]
    assert re.findall(r'"dot" style="left: ([\d.]+)%', page) == ["50.00"]
    assert re.findall(r'"range" style="left: ([\d.]+)%; width: ([\d.]+)%', page) == [
        ("16.67", "66.67")
    ]
    assert set(re.findall(r'"par" style="left: ([\d.]+)%', page)) == {"16.67"}
    assert "Against other libraries" not in page


def test_a_share_that_was_not_counted_has_no_bar():
    page = render_benchmark(BENCHMARK)
    assert page.count('class="fill"') == len(BENCHMARK.models) - 1
    assert page.count('class="dot"') == len(BENCHMARK.models) + len(BENCHMARK.peers)
    assert 'resnet <span class="soft">fast</span>' in page
    assert "Not installed here, so not measured: pomegranate." in page
    assert "torchcamp bench --quick" in page


def test_a_page_says_that_the_machine_was_busy():
    idle = replace(BENCHMARK.machine, load_before=0.1)
    assert "The machine was busy" in render_benchmark(BENCHMARK)
    assert "The machine was busy" not in render_benchmark(replace(BENCHMARK, machine=idle))
    assert "The machine was busy" in render_speedrun(SPEEDRUN)
    assert "The machine was busy" not in render_speedrun(replace(SPEEDRUN, machine=idle))


def test_a_speedruns_page_has_its_means():
    page = render_speedrun(SPEEDRUN)
    assert "<b>16.0 s</b>" in page
    assert "<b>99.40 %</b>" in page
