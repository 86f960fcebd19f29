"""`sample` and `compare` as a user types them: real processes, their files and exit codes."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.program import one_line, torchcamp

SETTINGS = {
    "cgan": ["--set", "channels=4", "--set", "latent_dim=8"],
    "hmm": ["--set", "num_states=6"],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one run of a conditional GAN, one of an HMM, one of dice and one of text."""
    path = tmp_path_factory.mktemp("runs")
    (path / "t.txt").write_text("to be or not to be, that is the question. " * 300)
    for name, settings in SETTINGS.items():
        result = torchcamp(
            "train", name, "--data", "digits", "--epochs", "1", *settings, "--device", "cpu",
            cwd=path,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
    for args in (
        ["hmm", "--data", "dice", "--epochs", "3"],
        ["rnn", "--data", "text:t.txt", "--epochs", "1", "--set", "hidden_size=8"],
    ):
        result = torchcamp("train", *args, "--device", "cpu", "--out", "others", cwd=path)
        assert result.returncode == 0, result.stderr
    return path


def named(folder: Path, start: str, parent: str = "runs") -> str:
    (run,) = (folder / parent).glob(f"{start}-*")
    return str(run.relative_to(folder))


def test_a_picture_and_an_array(folder: Path):
    run = named(folder, "cgan")
    result = torchcamp("sample", run, "-n", "6", "--label", "7", "-o", "s.npz", cwd=folder)
    assert result.returncode == 0, result.stderr
    with np.load(folder / "s.npz") as content:
        assert content["images"].shape == (6, 28, 28)
        assert content["images"].dtype == np.uint8
        assert content["labels"].tolist() == [7] * 6
        first = content["images"].copy()
    torchcamp("sample", run, "-n", "6", "--label", "7", "-o", "t.npz", cwd=folder)
    with np.load(folder / "t.npz") as content:
        assert np.array_equal(content["images"], first)  # the same seed
    result = torchcamp("sample", run, "-n", "4", "--json", "--seed", "3", cwd=folder)
    printed = json.loads(result.stdout)
    assert printed["num_samples"] == 4
    with Image.open(folder / printed["file"]) as picture:
        assert picture.size == (2 * 28 + 2, 2 * 28 + 2)


def test_bits_have_no_labels(folder: Path):
    result = torchcamp("sample", named(folder, "hmm"), "-n", "3", "-o", "b.npz", cwd=folder)
    assert result.returncode == 0, result.stderr
    with np.load(folder / "b.npz") as content:
        assert list(content.keys()) == ["images"]
        assert set(np.unique(content["images"])) <= {0, 255}


def test_text_and_dice_go_to_standard_output(folder: Path):
    result = torchcamp(
        "sample", named(folder, "rnn", "others"), "-n", "30", "--prompt", "to be",
        "--temperature", "0.5", cwd=folder,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("to be")
    assert len(result.stdout.rstrip("\n")) >= 30
    result = torchcamp("sample", named(folder, "hmm", "others"), "-n", "70", cwd=folder)
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["throws", "die", "throws", "die"]
    assert set(lines[0].split()[1]) <= set("123456")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["RUN", "--label", "12"], "does not know the class '12'. Classes: 0, 1, 2, 3"),
        (["RUN", "--temperature", "0.5"], "takes no --temperature"),
        (["RUN", "--prompt", "a"], "takes no --prompt"),
        (["RUN", "-o", "s.jpg"], "-o takes FILE.png or FILE.npz"),
        (["RUN", "-n", "0"], "0 is not in the range"),
        (["HMM", "--label", "3"], "knows no classes: it cannot draw a given one"),
        (["TEXT", "--prompt", "日本"], "the training text has no"),
        (["TEXT", "-o", "a.png"], "takes no -o"),
        (["cnn"], "cannot draw any"),
        (["nothing"], "'nothing' is neither a run folder nor a trained model"),
    ],
)
def test_sample_refuses(folder: Path, args: list[str], words: str):
    runs = {
        "RUN": named(folder, "cgan"),
        "HMM": named(folder, "hmm"),
        "TEXT": named(folder, "rnn", "others"),
    }
    result = torchcamp("sample", *[runs.get(arg, arg) for arg in args], cwd=folder)
    assert result.returncode == 2
    assert words in one_line(result)


def test_runs_side_by_side(folder: Path):
    runs = [named(folder, "cgan"), named(folder, "hmm")]
    result = torchcamp("compare", *runs, "--json", cwd=folder)
    assert result.returncode == 0, result.stderr
    rows = json.loads(result.stdout)
    assert [row["model"] for row in rows] == runs
    for row in rows:
        assert row.keys() >= {
            "model", "frechet_distance", "frechet_floor", "coverage", "nats", "nats_kind",
            "binarisation", "label_agreement", "parameters", "train_seconds",
        }  # fmt: skip
        assert 0 < row["frechet_floor"] < row["frechet_distance"]
    assert rows[0]["label_agreement"] is not None
    assert rows[0]["nats"] is None
    assert rows[0]["binarisation"] is None
    assert rows[1]["nats"] > 0
    assert rows[1]["nats_kind"] == "exact"
    assert rows[1]["binarisation"] == "static"
    assert not (folder / "compare.html").exists()
    result = torchcamp("compare", *runs, "-o", "page.html", cwd=folder)
    assert result.returncode == 0, result.stderr
    assert "Fréchet / floor" in result.stdout
    page = (folder / "page.html").read_text()
    assert page.count("data:image/png") == 2
    assert "http" not in page.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["cnn"], "draws no pictures to compare"),
        (["nothing"], "'nothing' is neither a run folder nor a trained model"),
    ],
)
def test_compare_refuses(folder: Path, args: list[str], words: str):
    result = torchcamp("compare", *args, cwd=folder)
    assert result.returncode == 2
    assert words in one_line(result)
