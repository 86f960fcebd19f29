"""`torchcamp predict` and `torchcamp export` as a user types them."""

import csv
import io
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open

from tests.cli.program import one_line, torchcamp, torchcamp_process
from torchcamp.data.images import load_images
from torchcamp.recipes.trained import load_trained

NAMES = ("ant", "bee", "cow")  # for digits 0, 1, 2


def write_pictures(folder: Path, names: Mapping[int, str], part: slice) -> None:
    """Digits as PNG files in folders of these names."""
    images = load_images("digits")
    for label, name in names.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        of_class = images.train_images[images.train_labels == label][part]
        for number, picture in enumerate(of_class):
            Image.fromarray(picture[0].numpy()).save(folder / name / f"{number:03d}.png")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run on `folder:mine` of three classes, and further pictures of them."""
    path = tmp_path_factory.mktemp("home")
    names = dict(enumerate(NAMES))
    write_pictures(path / "mine", names, slice(0, 60))
    write_pictures(path / "others", names, slice(60, 100))
    result = torchcamp(
        "train", "cnn", "--data", "folder:mine", "--size", "28", "--epochs", "12", "--seed", "0",
        "--set", "channels=8,16,16", "--set", "batch_size=25", "--device", "cpu", cwd=path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return path


def the_run(home: Path) -> Path:
    (run,) = (home / "runs").iterdir()
    return run


# --- Predicting --------------------------------------------------------------------------


def test_a_run_names_the_classes_of_new_pictures(home: Path):
    result = torchcamp("predict", "latest", "others", "--json", "--top", "2", cwd=home)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("\n") == 1
    printed = json.loads(result.stdout)
    assert len(printed) == 120
    assert [each["file"] for each in printed] == sorted(
        str(path.relative_to(home)) for path in (home / "others").rglob("*.png")
    )
    for each in printed:
        assert each.keys() == {"file", "class", "probability", "top"}
        assert [one.keys() for one in each["top"]] == [{"class", "probability"}] * 2
        assert each["top"][0] == {"class": each["class"], "probability": each["probability"]}
        assert each["top"][0]["probability"] >= each["top"][1]["probability"]
        assert each["class"] in NAMES
    right = sum(Path(each["file"]).parent.name == each["class"] for each in printed)
    assert right / 120 >= 0.95
    assert f"accuracy {100 * right / 120:.2f} %: {right} of 120 pictures" in result.stderr


def test_the_table_is_for_people(home: Path):
    shutil.copytree(home / "others" / "bee", home / "mixed" / "bee")
    shutil.copytree(home / "others" / "cow", home / "mixed" / "calf")
    shutil.copy(home / "others" / "ant" / "000.png", home / "mixed" / "calf" / "[red].png")
    (home / "mixed" / "bee" / "bad.png").write_text("no picture")
    result = torchcamp("predict", "latest", "mixed", cwd=home)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[0].split() == ["file", "class", "probability", "next"]
    assert "mixed/calf/[red].png" in result.stdout
    assert "of 40 pictures as the names of their folders say" in result.stdout
    assert "1 folder is not a class of the model: calf" in result.stdout
    assert "row: true class, column: answer" in result.stdout
    said = result.stderr.splitlines()
    assert said[0].endswith("mixed/bee/bad.png: not a picture")
    assert said[-1] == "1 of 82 files could not be read"
    shutil.rmtree(home / "mixed")


def test_rows_are_written_as_csv(home: Path):
    args = ("predict", "latest", "others/bee/000.png", "others/cow/001.png", "--top", "2")
    result = torchcamp(*args, "--csv", "out/p.csv", "--json", cwd=home)
    assert result.returncode == 0, result.stderr
    with (home / "out" / "p.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    printed = json.loads(result.stdout)
    assert [row["file"] for row in rows] == ["others/bee/000.png", "others/cow/001.png"]
    for row, each in zip(rows, printed, strict=True):
        assert (row["class"], float(row["probability"])) == (each["class"], each["probability"])
        assert row["class_2"] == each["top"][1]["class"]
        assert row["inverted"] == "False"


@pytest.fixture
def seven(tmp_path: Path) -> Path:
    """The first seven of the test pictures of digits, dark on white."""
    images = load_images("digits")
    seven = images.test_images[images.test_labels == 7][0, 0].numpy()
    Image.fromarray(255 - seven).resize((90, 90)).save(tmp_path / "seven.png")
    return tmp_path / "seven.png"


def test_a_dark_digit_on_white_is_inverted_unless_it_must_not_be(seven: Path):
    answers = {}
    for option in ([], ["--no-invert"]):
        result = torchcamp("predict", "cnn", seven.name, *option, "--json", cwd=seven.parent)
        assert result.returncode == 0, result.stderr
        (answers["--no-invert" in option],) = json.loads(result.stdout)
        assert ("inverted: 1 of 1" in result.stderr) == (not option)
    assert answers[False]["class"] == "7"
    assert answers[False]["inverted"] is True
    assert "inverted" not in answers[True]
    assert answers[True]["class"] != "7"
    shown = torchcamp("predict", "cnn", seven.name, cwd=seven.parent)
    assert "seven.png (inverted)" in shown.stdout


def test_a_run_of_ones_own_is_not_inverted(home: Path):
    picture = Image.open(home / "others" / "bee" / "000.png")
    Image.eval(picture, lambda value: 255 - value).save(home / "light.png")
    result = torchcamp("predict", "latest", "light.png", "--json", cwd=home)
    assert "inverted" not in result.stdout + result.stderr


def test_standard_input_names_files(home: Path, monkeypatch: pytest.MonkeyPatch):
    names = ["others/cow/003.png", "others/ant/002.png"]
    stdin = SimpleNamespace(buffer=io.BytesIO("\n".join(names).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    result = torchcamp("predict", "latest", "-", "--json", cwd=home)
    assert result.returncode == 0, result.stderr
    assert [(each["file"], each["class"]) for each in json.loads(result.stdout)] == [
        (names[0], "cow"),
        (names[1], "ant"),
    ]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["predict", "cnn", "gone.png"], "cannot read gone.png: No such file or directory"),
        (["predict", "cnn", "gone.png", "x*.png"], "none of the 2 files could be read"),
        (["predict", "gan", "gone.png"], "gan is a MappedGenerator, a generative model"),
        (["predict", "cnm", "gone.png"], "Did you mean 'cnn'?"),
        (["export", "rbm", "--format", "onnx"], "--format safetensors exports its weights"),
        (["export", "cnn", "--format", "pt2", "-o", "x.onnx"], "does not go with --format pt2"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path, args: list[str], words: str):
    result = torchcamp(*args, cwd=tmp_path)
    assert result.returncode == 2
    assert words in one_line(result)
    assert list(tmp_path.iterdir()) == []


def deep(pixels: np.ndarray) -> Image.Image:
    """12 bits in a file of 16, as many cameras and microscopes write."""
    return Image.fromarray(pixels.astype(np.uint16) * 16)


def see_through(pixels: np.ndarray) -> Image.Image:
    """Wider than high; red ink on nothing."""
    sheet = np.zeros((28, 36, 4), np.uint8)
    sheet[..., 0] = 255
    sheet[:, 4:32, 3] = pixels
    return Image.fromarray(sheet)


@pytest.mark.parametrize("make", [deep, see_through], ids=lambda make: make.__name__)
def test_files_are_read_as_the_run_read_its_own(tmp_path: Path, make: Callable[..., Any]):
    """Depth, colour, size and transparency: predicting the test files gives the run's accuracy."""
    images = load_images("digits")
    for part, start, count in (("train", 0, 40), ("test", 40, 20)):
        for label, name in enumerate(NAMES):
            folder = tmp_path / "mine" / part / name
            folder.mkdir(parents=True)
            of_class = images.train_images[images.train_labels == label][start : start + count]
            for number, picture in enumerate(of_class):
                make(picture[0].numpy()).save(folder / f"{number}.png")
    result = torchcamp(
        "train", "mlp", "--data", "folder:mine", "--epochs", "8", "--set", "hidden_dims=64",
        "--set", "batch_size=20", "--device", "cpu", "--json", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    accuracy = json.loads(result.stdout)["test_accuracy"]
    assert accuracy > 0.8
    predicted = torchcamp("predict", "latest", "mine/test", "--json", cwd=tmp_path)
    assert predicted.returncode == 0, predicted.stderr
    assert f"accuracy {100 * accuracy:.2f} %" in predicted.stderr
    exported = torchcamp("export", "latest", "--format", "pt2", "-o", "m.pt2", cwd=tmp_path)
    assert "checked on 16 pictures of folder:mine" in exported.stderr


# --- Exporting ---------------------------------------------------------------------------


def outputs(file: Path, inputs: torch.Tensor) -> tuple[torch.Tensor, dict[str, Any]]:
    """What a written file gives for `inputs`, and its metadata, without torchcamp."""
    if file.suffix == ".onnx":
        import onnxruntime

        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        about = session.get_modelmeta().custom_metadata_map["torchcamp"]
        (output,) = session.run(["logits"], {"pixels": inputs.numpy()})
        return torch.from_numpy(np.asarray(output)), json.loads(about)
    extra = {"torchcamp": ""}
    module = torch.export.load(file, extra_files=extra).module()
    return module(inputs).detach(), json.loads(extra["torchcamp"])


@pytest.mark.parametrize("name", ["cnn", "mlp"])
@pytest.mark.parametrize("file_format", ["onnx", "pt2"])
def test_an_exported_classifier_gives_our_logits(tmp_path: Path, name: str, file_format: str):
    file = f"{name}.{file_format}"
    result = torchcamp("export", name, "--format", file_format, "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    printed = json.loads(result.stdout)
    assert printed["file"] == file
    assert printed["inputs"] == {"pixels": ["batch", 1, 28, 28]}
    assert printed["outputs"] == {"logits": ["batch", 10]}
    assert printed["largest_difference"] < 1e-4
    network = load_trained(name).network
    for count in (1, 5):
        pixels = load_images("digits").test_images[:count].float() / 255
        given, about = outputs(tmp_path / file, pixels)
        with torch.no_grad():
            assert torch.allclose(given, network(pixels), atol=1e-4)
    assert about["class_names"] == list("0123456789")
    assert about["preprocessing"] == {
        "height": 28, "width": 28, "colour": "grey", "scale": 1 / 255, "background": "white",
    }  # fmt: skip


def test_the_check_is_on_the_runs_own_pictures(home: Path):
    """The ending names the format, and what is said of the file is true."""
    result = torchcamp("export", "latest", "-o", "mine.safetensors", cwd=home)
    assert result.returncode == 0, result.stderr
    assert "pixels (batch, 1, 28, 28) -> logits (batch, 3)" in result.stderr
    assert "checked on 16 pictures of folder:mine: largest difference 0" in result.stderr
    with safe_open(home / "mine.safetensors", "pt") as written:
        about = json.loads(written.metadata()["torchcamp"])
    assert about["class_names"] == list(NAMES)
    assert str(home) not in json.dumps(about)
    (home / "mine.safetensors").unlink()


@pytest.mark.slow
def test_nothing_of_an_exporter_reaches_the_terminal(tmp_path: Path):
    result = torchcamp_process("export", "mlp", "--format", "onnx", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 3, result.stderr
    assert "pictures of noise" in result.stderr  # MNIST is not on that machine


# --- Classes, by name ---------------------------------------------------------------------


def test_the_class_names_are_kept_with_the_run_and_its_weights(home: Path):
    run = the_run(home)
    assert json.loads((run / "run.json").read_text())["class_names"] == list(NAMES)
    with safe_open(run / "weights.safetensors", "pt") as written:
        assert written.metadata().keys() == {"torchcamp"}  # several have a random order
        about = json.loads(written.metadata()["torchcamp"])
    assert about["class_names"] == list(NAMES)
    assert about["image_shape"] == [1, 28, 28]
    assert about["recipe"] == "cnn"
    assert "mine" not in json.dumps(about)


def test_some_of_the_classes_are_measured_by_their_names(home: Path):
    """ant and cow are the first and second class here, the first and third of the model."""
    for name in ("ant", "cow"):
        shutil.copytree(home / "others" / name, home / "two" / name)
    result = torchcamp("evaluate", "latest", "--data", "folder:two", "--json", cwd=home)
    assert result.returncode == 0, result.stderr
    measures = json.loads(result.stdout)["measures"]
    assert measures["accuracy"]["value"] >= 0.9
    assert measures.keys() >= {"accuracy_ant", "accuracy_cow"}
    assert "accuracy_bee" not in measures
    assert "folder:two has 2 of the 3 classes" in result.stderr
    assert "(without 'bee')" in result.stderr
    shutil.rmtree(home / "two")


def test_other_classes_are_refused_by_name_even_where_pixels_are_known(home: Path):
    """The hash of the data does not cover names: what is stored must not answer for them."""
    for bee in ("bee", "wasp"):
        shutil.copytree(home / "others", home / "three")
        (home / "three" / "bee").rename(home / "three" / bee)
        result = torchcamp("evaluate", "latest", "--data", "folder:three", cwd=home)
        shutil.rmtree(home / "three")
        assert result.returncode == (0 if bee == "bee" else 2), result.stderr
    words = one_line(result)
    assert "has classes that " in words
    assert "does not know: 'wasp'; classes of the model without pictures: 'bee'" in words
