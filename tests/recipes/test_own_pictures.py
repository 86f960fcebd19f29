"""A practitioner's folders, from pictures to a trained classifier: what can be told apart is learned."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.program import torchcamp
from tests.data.own_pictures import GREEN, RED, fill, noisy, save

Draw = Callable[[np.random.Generator], Image.Image]


def stripes(rng: np.random.Generator, *, along: int) -> Image.Image:
    """Stripes across or down, of a random width, phase and brightness."""
    wave = np.sin(np.arange(32) / rng.uniform(0.8, 1.6) + rng.uniform(0, 6)) > 0
    pixels = np.where(wave, rng.integers(150, 250), rng.integers(0, 90))
    sheet = np.broadcast_to(pixels[:, None] if along else pixels[None], (32, 32))
    return Image.fromarray(np.ascontiguousarray(sheet).astype(np.uint8))


def deep(rng: np.random.Generator, *, left: bool) -> Image.Image:
    """12 bits in a file of 16: a bright blob on the left or on the right."""
    pixels = rng.integers(0, 900, (28, 28))
    row, column = rng.integers(6, 20), rng.integers(3, 8)
    pixels[row : row + 6, column : column + 6] = 3800
    return Image.fromarray((pixels if left else pixels[:, ::-1]).astype(np.uint16))


def transparent(rng: np.random.Generator, *, round_shape: bool) -> Image.Image:
    """A black disc or square on nothing: without a background everything would be black."""
    y, x = np.mgrid[:32, :32]
    row, column, size = rng.integers(12, 20), rng.integers(12, 20), rng.integers(7, 11)
    inside = (
        (y - row) ** 2 + (x - column) ** 2 < size**2
        if round_shape
        else (abs(y - row) < size) & (abs(x - column) < 3)
    )
    pixels = np.zeros((32, 32, 4), np.uint8)
    pixels[..., 3] = 255 * inside
    return Image.fromarray(pixels)


def scene(rng: np.random.Generator, *, beach: bool) -> Image.Image:
    """Sky over sea and sand, or over a wood; of the size and with the noise of a small photograph."""
    height, width = 90, 120
    horizon = int(rng.integers(25, 45))
    sheet = np.empty((height, width, 3))
    sheet[:horizon] = np.array([120, 170, 220]) + rng.integers(-30, 30)
    if beach:
        shore = int(rng.integers(horizon + 10, 75))
        sheet[horizon:shore] = np.array([40, 90, 160]) + rng.integers(-25, 25)
        sheet[shore:] = np.array([215, 195, 150]) + rng.integers(-30, 30)
    else:
        sheet[horizon:] = np.array([45, 95, 40]) + rng.integers(-20, 20)
        for _ in range(12):
            column = int(rng.integers(0, width - 4))
            sheet[horizon - 15 :, column : column + 4] = np.array([70, 50, 35])
    noise = rng.normal(0, 14, sheet.shape)
    return Image.fromarray((sheet + noise).clip(0, 255).astype(np.uint8))


KINDS: dict[str, tuple[int, dict[str, Draw]]] = {
    "red and green": (40, {"red": lambda rng: noisy(RED, seed=int(rng.integers(1 << 30))),
                           "green": lambda rng: noisy(GREEN, seed=int(rng.integers(1 << 30)))}),
    "stripes": (60, {"across": lambda rng: stripes(rng, along=1),
                     "down": lambda rng: stripes(rng, along=0)}),
    "16 bits": (60, {"left": lambda rng: deep(rng, left=True),
                     "right": lambda rng: deep(rng, left=False)}),
    "transparent": (60, {"round": lambda rng: transparent(rng, round_shape=True),
                         "upright": lambda rng: transparent(rng, round_shape=False)}),
    "scenes": (60, {"beach": lambda rng: scene(rng, beach=True),
                    "wood": lambda rng: scene(rng, beach=False)}),
}  # fmt: skip


def draw_set(folder: Path, kind: str) -> None:
    count, classes = KINDS[kind]
    rng = np.random.default_rng(0)
    for name, draw in classes.items():
        for number in range(count):
            suffix = "jpg" if kind == "scenes" else "png"
            save(folder / name / f"{number:03}.{suffix}", draw(rng))


def trained(folder: Path, *args: str) -> tuple[dict[str, float], str]:
    result = torchcamp(
        "train", *args, "--device", "cpu", "--precision", "fp32", "--json", cwd=folder
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout), result.stderr


# The first two in the quick suite, the others in the slow one.
@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.slow] * (n > 1)) for n, kind in enumerate(KINDS)]
)
def test_what_can_be_told_apart_by_eye_is_learned_with_the_default_recipe(
    tmp_path: Path, kind: str
):
    draw_set(tmp_path / "set", kind)
    measures, said = trained(tmp_path, "cnn", "--data", "folder:set")
    assert measures["test_accuracy"] >= 0.95
    assert "change this with --epochs and --batch-size" in said


def test_size_and_colour_may_be_chosen(tmp_path: Path):
    """Red and green are told apart in colour alone: their grey is the same."""
    for name, colour in (("red", (200, 60, 60)), ("green", (60, 129, 60))):
        fill(tmp_path / "set" / name, 20, colour)
    accuracies = {}
    for colour in ("rgb", "grey"):
        measures, _ = trained(
            tmp_path, "mlp", "--data", "folder:set", "--size", "12x8", "--colour", colour,
            "--set", "hidden_dims=8",
        )  # fmt: skip
        run = json.loads((tmp_path / str(measures["run"]) / "run.json").read_text())
        accuracies[colour] = measures["test_accuracy"]
        assert (run["numbers"]["size"], run["numbers"]["colour"]) == ("12x8", colour)
        assert run["numbers"]["model"]["num_pixels"] == 96 * (3 if colour == "rgb" else 1)
        assert run["class_names"] == ["green", "red"]
    assert accuracies["rgb"] == 1.0
    assert accuracies["grey"] < 1.0


def test_an_unbalanced_set_is_learned_when_it_is_balanced(tmp_path: Path):
    """A model that always answers `many` would be right in 95 of 100 and know nothing."""
    fill(tmp_path / "set" / "many", 114, RED)
    fill(tmp_path / "set" / "few", 12, GREEN, seed=500)
    measures, said = trained(tmp_path, "cnn", "--data", "folder:set", "--set", "balance=true")
    assert measures["test_accuracy"] == 1.0
    assert "--set balance=true draws them equally often" in said


@pytest.mark.parametrize("form", ["nested", "train and val", "zip", "csv"])
def test_every_form_of_a_set_is_learned(tmp_path: Path, form: str):
    folder = tmp_path / "set"
    tops = {
        "nested": ("animals/fox", "plants/grass"),
        "train and val": ("train/fox", "train/grass", "val/fox", "val/grass"),
        "zip": ("fox", "grass"),
        "csv": ("fox", "grass"),
    }[form]
    for number, top in enumerate(tops):
        fill(folder / top, 20, RED if top.endswith("fox") else GREEN, seed=100 * number)
    source = "folder:set"
    if form == "zip":
        with zipfile.ZipFile(tmp_path / "set.zip", "w") as packed:
            for file in sorted(folder.rglob("*.png")):
                packed.write(file, file.relative_to(tmp_path))
        source = "folder:set.zip"
    if form == "csv":
        rows = [f"{f.relative_to(folder)},{f.parent.name}" for f in sorted(folder.rglob("*.png"))]
        (folder / "labels.csv").write_text("\n".join(["file,label", *rows]))
    measures, _ = trained(tmp_path, "cnn", "--data", source, "--epochs", "6")
    assert measures["test_accuracy"] >= 0.95


def test_other_classes_are_refused_by_name_and_another_order_is_not(tmp_path: Path):
    for name, colour in (("red", RED), ("green", GREEN)):
        fill(tmp_path / "set" / name, 20, colour)
        fill(tmp_path / "same" / name, 6, colour, seed=300)
    fill(tmp_path / "other" / "rot", 6, RED)
    fill(tmp_path / "other" / "green", 6, GREEN)
    measures, _ = trained(tmp_path, "cnn", "--data", "folder:set", "--epochs", "6")
    run = str(measures["run"])
    result = torchcamp("evaluate", run, "--data", "folder:same", "--json", cwd=tmp_path)
    assert json.loads(result.stdout)["measures"]["accuracy"]["value"] == 1.0
    result = torchcamp("evaluate", run, "--data", "folder:other", cwd=tmp_path)
    assert result.returncode == 2
    assert "rot" in result.stderr
    assert "red" in result.stderr
