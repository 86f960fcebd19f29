"""Text and sequences of one's own at the command line: encodings, training an HMM, decoding."""

import csv
import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hmmlearn.hmm import CategoricalHMM
from safetensors.torch import load_file

from tests.cli.program import torchcamp
from torchcamp.recipes.trained import load_trained


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small run on sequences of weather, one per line."""
    folder = tmp_path_factory.mktemp("weather")
    rng = random.Random(0)
    lines = []
    for _ in range(40):
        sunny, days = rng.random() < 0.5, []
        for _ in range(rng.randint(10, 20)):
            sunny = sunny != (rng.random() < 0.1)
            days += rng.choices(["sun", "rain", "cloud"], [8, 1, 2] if sunny else [1, 8, 3])
        lines.append(",".join(days))
    (folder / "w.csv").write_text("\n".join(lines))
    result = torchcamp(
        "train", "hmm", "--data", "sequences:w.csv", "--set", "num_states=2", "--epochs", "30",
        "--device", "cpu", "--json", cwd=folder,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    (run,) = (folder / "runs").iterdir()
    run.rename(folder / "run")
    return folder


SEQUENCES = [["sun", "sun", "rain", "rain", "cloud"], ["rain"], ["cloud", "sun", "sun"]]


def decoded(folder: Path, *args: str) -> Any:
    (folder / "new.jsonl").write_text("\n".join(map(json.dumps, SEQUENCES)))
    result = torchcamp("decode", "run", "new.jsonl", *args, cwd=folder)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_likelihoods_and_paths_are_hmmlearns(weather: Path):
    recipe: Any = load_trained(str(weather / "run")).recipe
    network: Any = load_trained(str(weather / "run")).network
    theirs = CategoricalHMM(n_components=2)
    theirs.startprob_ = network.initial.numpy()
    theirs.transmat_ = network.transition.numpy()
    theirs.emissionprob_ = network.emission.numpy()
    ours = json.loads(decoded(weather, "--json"))
    assert [each["sequence"] for each in ours] == [0, 1, 2]
    for each, sequence in zip(ours, SEQUENCES, strict=True):
        symbols = np.array([[recipe.symbols.index(name)] for name in sequence])
        assert each["log_likelihood"] == pytest.approx(theirs.score(symbols), abs=1e-3)
        log_probability, path = theirs.decode(symbols, algorithm="viterbi")
        assert each["path"] == path.tolist()
        assert each["path_log_probability"] == pytest.approx(log_probability, abs=1e-3)
        assert each["impossible"] is False


def test_a_table_holds_one_row_for_each_sequence(weather: Path):
    ours = json.loads(decoded(weather, "--json", "--csv", "out.csv"))
    rows = list(csv.DictReader((weather / "out.csv").read_text().splitlines()))
    assert [row["sequence"] for row in rows] == ["0", "1", "2"]
    assert rows[0]["path"].split() == [str(state) for state in ours[0]["path"]]
    assert math.isclose(float(rows[2]["log_likelihood"]), ours[2]["log_likelihood"])


def test_unknown_symbols_are_named(weather: Path):
    (weather / "bad.csv").write_text("sun,hail\n")
    result = torchcamp("decode", "run", "bad.csv", cwd=weather)
    assert result.returncode == 2
    assert "unknown symbols: 'hail'" in result.stderr
    assert "'cloud', 'rain', 'sun'" in result.stderr


def test_text_in_another_encoding_and_alphabet(tmp_path: Path):
    """Japanese in Shift JIS: it trains, and its sample begins with characters of its own."""
    text = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 20
    (tmp_path / "neko.txt").write_bytes(text.encode("shift_jis"))
    args = ["--data", "text:neko.txt", "--set", "hidden_size=8", "--epochs", "1", "--device", "cpu"]
    refused = torchcamp("train", "rnn", *args, cwd=tmp_path)
    assert refused.returncode == 2
    assert "--encoding" in refused.stderr
    result = torchcamp("train", "rnn", *args, "--encoding", "shift_jis", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (run,) = (tmp_path / "runs").iterdir()
    described = json.loads((run / "run.json").read_text())
    assert described["numbers"]["encoding"] == "shift_jis"
    assert set(described["numbers"]["characters"]) == set(text)
    assert load_file(run / "weights.safetensors")
    written = torchcamp("sample", str(run), "-n", "20", cwd=tmp_path)
    assert written.returncode == 0, written.stderr
    assert set(written.stdout.strip()) <= set(text)
