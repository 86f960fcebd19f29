"""`torchcamp bench` and `torchcamp bench speedrun`, as typed; no time is asserted."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.cli.program import one_line, torchcamp
from tests.conftest import Mirror
from torchcamp.base.errors import RunError
from torchcamp.bench import benchmark, peers, speedrun
from torchcamp.recipes.registry import NAMES
from torchcamp.recipes.train import Request

pytestmark = pytest.mark.usefixtures("small")
MODEL = {
    "model", "preset", "data", "batch_size", "precision", "threads", "num_parameters", "num_steps",
    "items_per_second", "plain_items_per_second", "flops_per_item", "peak_flops_per_second",
    "fraction_of_peak", "peak_bytes", "speedup_over_plain_loop", "interval", "coverage", "num_pairs",
}  # fmt: skip
PEER = {
    "name", "version", "work", "precision", "seconds", "peer_seconds", "ratio", "interval",
    "coverage", "num_pairs",
}  # fmt: skip


def measured(tmp_path: Path, *args: str) -> dict[str, Any]:
    result = torchcamp("bench", *args, "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def test_json_holds_what_it_promises(tmp_path: Path):
    result = measured(tmp_path, "--only", "rbm, mlp", "--pairs", "2", "--device", "cpu")
    assert result.keys() == {"machine", "quick", "peaks", "models", "peers", "not_installed"}
    assert [model["model"] for model in result["models"]] == ["mlp", "rbm"]
    for model in result["models"]:
        assert model.keys() == MODEL
        assert model["num_pairs"] == 2
        low, high = model["interval"]
        assert 0 < low <= model["speedup_over_plain_loop"] <= high
        share = model["flops_per_item"] * model["items_per_second"] / model["peak_flops_per_second"]
        assert model["fraction_of_peak"] == pytest.approx(share)
        best = [
            peak["flops_per_second"]
            for peak in result["peaks"]["rates"]
            if (peak["precision"], peak["threads"]) == (model["precision"], model["threads"])
        ]
        assert model["peak_flops_per_second"] == max(best)
    assert {peer["name"] for peer in result["peers"]} == {"scikit-learn"}
    for peer in result["peers"]:
        assert peer.keys() == PEER
        assert peer["num_pairs"] == 2
        low, high = peer["interval"]
        assert low <= peer["ratio"] <= high
    assert result["machine"]["threads"] == torch.get_num_threads()
    assert result["machine"]["torch"] == torch.__version__
    assert list(tmp_path.iterdir()) == []


def test_without_a_choice_every_recipe_is_measured(tmp_path: Path):
    result = torchcamp("bench", "--pairs", "1", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines if line.split()[:1] and line.split()[0] in NAMES] == [
        *NAMES
    ]
    assert "best rates: " in result.stdout
    assert "hmmlearn 0" in result.stdout
    told = [line for line in result.stderr.splitlines() if " left)" in line]
    assert [line.split()[0] for line in told][:3] == ["peaks", "mlp", "cnn"]
    assert "mlp: " in result.stderr


@pytest.mark.parametrize(("args", "pairs"), [([], 9), (["--quick"], 3)])
def test_quick_takes_fewer_pairs(tmp_path: Path, args: list[str], pairs: int):
    result = measured(tmp_path, "--only", "mlp", *args)
    assert result["models"][0]["num_pairs"] == pairs
    assert result["quick"] == ("--quick" in args)


def test_quick_takes_the_fast_preset_and_fewer_sizes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked: list[bool] = []
    inner = benchmark.measure_peaks

    def measure_peaks(*args: Any, quick: bool, **options: Any) -> Any:
        asked.append(quick)
        return inner(*args, quick=quick, **options)

    monkeypatch.setattr(benchmark, "measure_peaks", measure_peaks)
    assert measured(tmp_path, "--only", "resnet", "--quick")["models"][0]["preset"] == "fast"
    assert measured(tmp_path, "--only", "resnet")["models"][0]["preset"] == "default"
    assert asked == [True, True, False, False]


def test_the_better_of_both_measurements_of_the_peaks_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    inner, made = benchmark.measure_peaks, []

    def measure_peaks(*args: Any, **options: Any) -> Any:
        found = inner(*args, **options)
        factor = 1000 if made else 1  # the second time everything is faster
        rates = [replace(each, flops_per_second=factor * 1e9) for each in found.rates]
        made.append(replace(found, rates=tuple(rates)))
        return made[-1]

    monkeypatch.setattr(benchmark, "measure_peaks", measure_peaks)
    result = measured(tmp_path, "--only", "mlp", "--pairs", "1")
    assert {rate["flops_per_second"] for rate in result["peaks"]["rates"]} == {1e12}
    assert result["models"][0]["peak_flops_per_second"] == 1e12


def test_a_slow_machine_gets_fewer_pairs_unless_it_was_told_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    effort = benchmark.Effort(num_pairs=3, pair_seconds=0.0, peak_seconds=1e-3, limit=0.0)
    monkeypatch.setitem(benchmark.EFFORTS, "quick", effort)
    args = ("--only", "mlp", "--quick")
    assert measured(tmp_path, *args)["models"][0]["num_pairs"] == 1
    assert measured(tmp_path, *args, "--pairs", "2")["models"][0]["num_pairs"] == 2


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_precision_is_the_one_that_was_asked_for(
    tmp_path: Path, precision: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("torchcamp.bench.peaks.has_fast_bf16", lambda device: True)
    result = measured(tmp_path, "--only", "mlp", "--precision", precision, "--pairs", "1")
    assert result["models"][0]["precision"] == precision


def test_a_page_is_written(tmp_path: Path):
    args = ("--only", "mlp,hmm", "--pairs", "1")
    result = torchcamp("bench", *args, "-o", "fast.html", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "page: fast.html" in result.stderr
    page = (tmp_path / "fast.html").read_text()
    assert page.count('class="dot"') == 2 + len(peers.installed(("hmm",)))
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize("args", [["bench"], ["bench", "speedrun"]])
@pytest.mark.parametrize(
    ("file", "words"), [("x.png", "ends in .html"), ("nowhere/x.html", "is not a folder")]
)
def test_a_page_that_cannot_be_written_is_refused_at_once(
    tmp_path: Path, args: list[str], file: str, words: str
):
    result = torchcamp(*args, "-o", file, cwd=tmp_path)
    assert result.returncode == 2
    assert words in one_line(result)


def test_an_unknown_recipe_is_answered_with_the_nearest(tmp_path: Path):
    result = torchcamp("bench", "--only", "mlp,cnm", cwd=tmp_path)
    assert result.returncode == 2
    assert "unknown recipe 'cnm'. Did you mean 'cnn'?" in one_line(result)
    assert "unknown recipe ''" in one_line(torchcamp("bench", "--only", "", cwd=tmp_path))


def test_an_option_before_the_name_of_a_command_is_not_lost(tmp_path: Path):
    result = torchcamp("bench", "--json", "speedrun", cwd=tmp_path)
    assert result.returncode == 2
    assert "--json stands behind the name: torchcamp bench speedrun --json" in one_line(result)
    assert "Did you mean 'speedrun'?" in one_line(torchcamp("bench", "speedrum", cwd=tmp_path))


def test_peers_that_are_not_installed_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(peers.PEERS, "hmmlearn", ("no_such_module", "hmm"))
    result = torchcamp("bench", "--only", "hmm", "--pairs", "1", cwd=tmp_path)
    assert "not installed, so not measured: hmmlearn" in result.stdout
    assert peers.not_installed(("mlp",)) == peers.installed(("mlp",)) == []


def test_ctrl_c_ends_it_with_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(*args: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(benchmark, "measure", interrupted)
    threads, state = torch.get_num_threads(), torch.get_rng_state()
    result = torchcamp("bench", "--only", "mlp", "-o", "page.html", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (130, "")
    assert one_line(result) == "torchcamp: stopped"
    assert list(tmp_path.iterdir()) == []
    assert torch.get_num_threads() == threads
    assert torch.equal(torch.get_rng_state(), state)


# --- Speedrun --------------------------------------------------------------------------------


def test_a_speedrun_is_a_table_of_seeds(tmp_path: Path, published: Mirror):
    result = torchcamp("bench", "speedrun", "--seeds", "2", "--json", "-o", "p.html", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    told = json.loads(result.stdout)
    assert [lap["seed"] for lap in told["laps"]] == [0, 1]
    assert told["mean_seconds"] == pytest.approx(sum(lap["seconds"] for lap in told["laps"]) / 2)
    accuracies = [lap["test_accuracy"] for lap in told["laps"]]
    assert told["mean_test_accuracy"] == pytest.approx(sum(accuracies) / 2)
    assert all(math.isclose(20 * each, round(20 * each)) for each in accuracies)  # of 20 pictures
    assert (told["recipe"], told["preset"], told["data"]) == ("cnn", "fast", "mnist")
    assert told["epochs"] == 1
    assert "seed 1: " in result.stderr
    assert "Seed by seed" in (tmp_path / "p.html").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"cache", "origin", "p.html"}


def test_a_speedrun_prints_its_mean(tmp_path: Path, published: Mirror):
    printed = torchcamp("bench", "speedrun", "--seeds", "1", cwd=tmp_path).stdout
    rows = [line.split() for line in printed.splitlines()]
    (seed,), (mean,) = ([row for row in rows if row[:1] == [name]] for name in ("0", "mean"))
    assert seed[1:] == mean[1:]
    assert seed[-1] == "%"


def test_laps_differ_by_their_seeds(monkeypatch: pytest.MonkeyPatch):
    asked: list[int | None] = []

    def train(request: Request, reports: object) -> None:
        asked.append(request.seed)
        raise RunError("that is all we want to know")

    monkeypatch.setattr(speedrun, "train", train)
    for seed in (4, 5):
        with pytest.raises(RunError):
            speedrun.speedrun([seed])
    assert asked == [4, 5]
