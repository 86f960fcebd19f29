"""Generative models of pictures in colour and of other sizes, from data to report and samples."""

import base64
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageSequence
from torch import Tensor

from tests.cli.program import one_line, torchcamp
from torchcamp.base.errors import RecipeError, UserError
from torchcamp.cli import sample as sample_command
from torchcamp.data.images import Images, PictureOptions, load_images
from torchcamp.models import vae as vae_model
from torchcamp.recipes import cgan, cnn, gan, vae
from torchcamp.recipes.compare import compare, render_comparison
from torchcamp.recipes.registry import find_recipe
from torchcamp.recipes.sampling import draw_images
from torchcamp.recipes.settings import with_settings
from torchcamp.recipes.train import Reports, Request, train
from torchcamp.recipes.trained import load_trained

SMALL = {
    "vae": ["hidden_dim=24", "latent_dim=4", "batch_size=20"],
    "gan": ["channels=4", "latent_dim=8", "batch_size=20"],
    "cgan": ["channels=4", "latent_dim=8", "batch_size=20"],
}


def colours(
    num_train: int = 60, num_test: int = 40, shape: tuple[int, ...] = (3, 20, 28)
) -> Images:
    """Red and green pictures with a little noise: no blue in any of them."""

    def part(count: int, seed: int) -> tuple[Tensor, Tensor]:
        labels = torch.arange(count) % 2
        generator = torch.Generator().manual_seed(seed)
        images = torch.randint(40, (count, *shape), dtype=torch.uint8, generator=generator)
        images[:, 2:] = 0
        images[torch.arange(count), labels % shape[0]] += 200
        return images, labels

    train_part, test_part = part(num_train, 1), part(num_test, 2)
    return Images(
        name="folder:colours",
        train_images=train_part[0],
        train_labels=train_part[1],
        test_images=test_part[0],
        test_labels=test_part[1],
        class_names=("red", "green"),
    )


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Images:
    """What `folder:colours` loads; the test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    images = colours()

    def load(name: str, report: object, options: PictureOptions) -> Images:
        return images if name == images.name else load_images(name)

    monkeypatch.setattr("torchcamp.recipes.images.load_images", load)
    return images


def trained_on(data: Images, name: str, *settings: str, epochs: int = 2) -> tuple[Path, list[str]]:
    """The finished run, and the lines that it said."""
    lines: list[str] = []
    request = Request(
        name,
        settings=[*SMALL[name], *settings],
        data=data.name,
        epochs=epochs,
        seed=1,
        device="cpu",
    )
    outcome = train(request, Reports(line=lines.append))
    assert outcome.finished
    return outcome.run, lines


def pictures_of(page: str, kind: str) -> list[Image.Image]:
    """The pictures embedded in a page."""
    found = re.findall(rf"data:image/{kind};base64,([A-Za-z0-9+/=]+)", page)
    return [Image.open(io.BytesIO(base64.b64decode(each))) for each in found]


@pytest.mark.parametrize("name", SMALL)
def test_a_generator_of_colours_trains_is_measured_shown_and_sampled(name: str, data: Images):
    run, _ = trained_on(data, name, epochs=8 if name == "vae" else 2)
    description = json.loads((run / "run.json").read_text())
    assert description["numbers"]["model"]["image_shape"] == [3, 20, 28]
    assert "measured in grey at 28x28" in description["details"]["notes"][-2]
    assert description["measures"]["coverage"]["num_samples"] == 40
    page = (run / "report.html").read_text()
    assert "measured in grey at 28x28" in page
    (film,) = pictures_of(page, "gif")
    assert sum(1 for _ in ImageSequence.Iterator(film)) == len(list(run.glob("samples/*.png")))
    shown = {each.size: each for each in pictures_of(page, "png")}
    assert all(each.mode == "RGB" for each in shown.values())
    for picture in (*shown.values(), *map(Image.open, run.glob("samples/*.png"))):
        red, _, blue = np.asarray(picture.convert("RGB")).transpose(2, 0, 1)
        assert (red != blue).any()

    trained = load_trained(str(run))
    images, labels = draw_images(trained, 6, label="green" if name == "cgan" else None)
    assert images.shape == (6, 3, 20, 28)
    if labels is not None:
        assert labels.tolist() == [1] * 6
        assert bool((draw_images(trained, 6, label=1)[0] == images).all())
        with pytest.raises(RecipeError, match=r"class 'gren'\. Did you mean 'green'"):
            draw_images(trained, 6, label="gren")
    if name == "vae":  # it has learned by now that there is no blue
        assert images[:, 2].mean() < 0.1 < images[:, :2].mean()
        assert ((images > 0.01) & (images < 0.99)).any()
    sample_command.write(Path("drawn.npz"), images, labels)
    sample_command.write(Path("drawn.png"), images, labels)
    with np.load("drawn.npz") as content:
        assert content["images"].shape == (6, 20, 28, 3)
        assert content["images"].dtype == np.uint8
        expected = images.mul(255).round().byte().permute(0, 2, 3, 1).numpy()
        assert (content["images"] == expected).all()
        assert ("labels" in content) == (name == "cgan")
    assert np.asarray(Image.open("drawn.png")).shape == (2 * 22 - 2, 3 * 30 - 2, 3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `pets/red` and `pets/green`, 18 PNG files of 30x45 pixels in each."""
    path = tmp_path_factory.mktemp("own")
    data = colours(36, 1, (3, 30, 45))
    for number, (image, label) in enumerate(zip(data.train_images, data.train_labels, strict=True)):
        file = path / "pets" / data.class_names[label] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(file)
    return path


@pytest.mark.parametrize(("name", "size"), [("vae", "20x28"), ("gan", "32"), ("cgan", "auto")])
def test_own_pictures_become_a_report_and_samples_in_colour(name: str, size: str, folder: Path):
    settings = [part for each in SMALL[name] for part in ("--set", each)]
    result = torchcamp(
        "train", name, "--data", "folder:pets", "--size", size, "--epochs", "2", *settings,
        "--device", "cpu", "--out", name, cwd=folder,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    (run,) = (folder / name).iterdir()
    shape = json.loads((run / "run.json").read_text())["numbers"]["model"]["image_shape"]
    assert shape[0] == 3
    assert size == "auto" or shape[1:] == ([32, 32] if size == "32" else [20, 28])
    for picture in pictures_of((run / "report.html").read_text(), "png"):
        red, green, blue = np.asarray(picture).transpose(2, 0, 1)
        assert (red != green).any()
        assert (red != blue).any()
    result = torchcamp("sample", str(run), "-n", "3", "-o", f"{name}.npz", cwd=folder)
    assert result.returncode == 0, result.stderr
    with np.load(folder / f"{name}.npz") as content:
        assert content["images"].shape == (3, *shape[1:], 3)
    result = torchcamp("evaluate", str(run), cwd=folder)
    assert "measured in grey at 28x28" in " ".join(result.stdout.split())


def test_a_size_that_a_gan_cannot_draw_is_refused_in_one_line(folder: Path):
    result = torchcamp(
        "train", "gan", "--data", "folder:pets", "--size", "30", "--out", "refused", cwd=folder
    )
    assert result.returncode == 2
    assert one_line(result) == (
        "torchcamp: image_shape 3x30x30: height and width must be multiples of 4 for the GAN, "
        "whose generator doubles them twice; choose --size 28 or 32"
    )


def test_samples_in_grey_have_no_axis_of_channels(tmp_path: Path):
    sample_command.write(tmp_path / "grey.npz", torch.rand(5, 1, 20, 28), None)
    with np.load(tmp_path / "grey.npz") as content:
        assert content["images"].shape == (5, 20, 28)


def test_models_of_colours_are_compared_and_their_notes_shown(data: Images):
    run, _ = trained_on(data, "gan")
    models = [load_trained(str(run))]
    rows = compare(models)
    assert "notes" not in rows[0].as_json()
    page = render_comparison(models, rows)
    assert "measured in grey at 28x28" in page
    (picture,) = pictures_of(page, "png")
    assert picture.mode == "RGB"


def test_a_comparison_leaves_out_what_few_images_cannot_show(
    data: Images, monkeypatch: pytest.MonkeyPatch
):
    few = colours(num_train=20, num_test=1)
    monkeypatch.setattr("torchcamp.recipes.images.load_images", lambda *args: few)
    run, _ = trained_on(few, "gan")
    (row,) = compare([load_trained(str(run))])
    assert row.frechet_distance is None
    assert row.frechet_floor is None
    assert row.coverage is None
    assert "no Fréchet distance: it needs 10 images or more" in render_comparison(
        [load_trained(str(run))], [row]
    )


# --- What a VAE makes of colours -----------------------------------------------------------


def test_a_vae_reads_colours_as_probabilities_and_says_so(data: Images):
    run, lines = trained_on(data, "vae")
    assert any("pixels=grey" in line and "--set pixels=dynamic" in line for line in lines)
    description = json.loads((run / "run.json").read_text())
    assert description["numbers"]["pixels"] == "grey"
    assert "nats" not in description["measures"]
    assert description["details"]["notes"][0].startswith("no likelihood: ")
    assert "no likelihood" in (run / "report.html").read_text()


def test_a_vae_draws_bits_of_colours_where_that_is_asked_for(data: Images):
    run, lines = trained_on(data, "vae", "pixels=dynamic")
    assert not any("pixels=grey" in line for line in lines)
    description = json.loads((run / "run.json").read_text())
    assert description["numbers"]["pixels"] == "dynamic"
    assert description["measures"]["nats"]["value"] > 0
    images, _ = draw_images(load_trained(str(run)), 4)
    assert set(images.unique().tolist()) == {0.0, 1.0}


def test_a_vae_of_grey_pictures_draws_bits_as_before():
    recipe = vae.default()
    assert recipe.kind == "dynamic"
    digits = load_images("digits").first(20)
    assert recipe.for_data(digits).pixels == "dynamic"
    assert recipe.for_data(colours()).pixels == "grey"
    assert with_settings(recipe, ["pixels=static"]).for_data(colours()).pixels == "static"
    with pytest.raises(RecipeError, match="pixels must be one of auto, dynamic, static, grey"):
        with_settings(recipe, ["pixels=colour"])


@pytest.mark.parametrize("most", [10**9, 20 * 3 * 20 * 28])
def test_a_vae_begins_at_the_mean_picture(most: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(vae, "MEAN_VALUES", most)
    data = colours()
    network = vae_model.VAE(vae_model.VAEConfig(image_shape=(3, 20, 28), hidden_dim=4))
    vae.start_at_the_mean(network, data)
    chosen = data.train_images if most == 10**9 else data.train_images[::3]
    mean = chosen.float().mean(dim=0).flatten() / 255
    begun = network.to_logits.bias.sigmoid()
    assert torch.allclose(begun, mean.clamp(1e-3, 1 - 1e-3), atol=1e-5)


def test_the_bound_of_a_vae_is_the_same_a_few_images_at_a_time(monkeypatch: pytest.MonkeyPatch):
    recipe = with_settings(vae.default(), ["hidden_dim=4", "latent_dim=2", "pixels=dynamic"])
    data = colours(num_train=30, num_test=12)
    recipe = recipe.for_data(data)
    network: Any = recipe.network()
    taken: list[int] = []
    bound = vae_model.importance_weighted_bound

    def count(network: Any, images: Tensor, num_draws: int) -> Tensor:
        taken.append(len(images))
        return bound(network, images, num_draws)

    monkeypatch.setattr(vae_model, "importance_weighted_bound", count)
    monkeypatch.setattr(vae, "BOUND_VALUES", 5 * 3 * 20 * 28 + 1)
    nats = recipe.evaluate(network, data).measures["nats"]
    assert taken == [5, 5, 2, 12]
    assert nats.num_samples == 12


# --- Shapes that a model cannot take --------------------------------------------------------


@pytest.mark.parametrize(
    ("recipe", "shape", "words"),
    [
        (gan.default(), (3, 30, 30), "multiples of 4 for the GAN, .*; choose --size 28 or 32$"),
        (cgan.default(), (3, 30, 41), "multiples of 4 for the .*; choose --size 28x40 or 32x44$"),
        (gan.default(), (1, 2, 28), "multiples of 4 for the GAN, .*; choose --size 4x28$"),
        (cnn.default(), (3, 5, 28), "both must be at least 7; choose --size 7x28$"),
    ],
)
def test_data_that_do_not_fit_are_refused_at_the_door_with_sizes_that_do(
    recipe: Any, shape: tuple[int, int, int], words: str
):
    data = colours(4, 4, shape)
    with pytest.raises(RecipeError, match=words) as refused:
        recipe.for_data(data)
    assert str(refused.value).startswith(f"image_shape {'x'.join(map(str, shape))}: ")
    assert "\n" not in str(refused.value)


def test_the_plain_pair_and_the_vae_take_what_the_convolutional_one_cannot():
    data = colours(4, 4, (3, 30, 41))
    for recipe in (gan.lecture(), cgan.lecture(), vae.default()):
        assert recipe.for_data(data).model.image_shape == (3, 30, 41)


@pytest.mark.parametrize("name", SMALL)
def test_a_model_is_not_judged_on_images_of_another_shape(name: str):
    recipe: Any = with_settings(find_recipe(name), SMALL[name]).for_data(colours(4, 4))
    digits = replace(load_images("digits").first(10), class_names=("red", "green"))
    with pytest.raises(
        RecipeError, match="colour pictures of 20x28; digits has grey pictures of 28x28"
    ):
        recipe.evaluate(recipe.network(), digits)


# --- Very few pictures, and very many classes --------------------------------------------------


@pytest.mark.parametrize("name", SMALL)
def test_two_training_images_and_one_to_test_with_are_enough(
    name: str, data: Images, monkeypatch: pytest.MonkeyPatch
):
    few = colours(2, 1)
    monkeypatch.setattr("torchcamp.recipes.images.load_images", lambda *args: few)
    run, _ = trained_on(few, name)
    description = json.loads((run / "run.json").read_text())
    assert "coverage" not in description["measures"]
    assert any("no Fréchet distance" in note for note in description["details"]["notes"])


@pytest.mark.parametrize("name", ["gan", "cgan"])
def test_a_single_training_image_is_refused(name: str):
    recipe: Any = find_recipe(name)
    data = colours(1, 1)
    with pytest.raises(UserError, match="one training image; batch norm in a generator needs two"):
        recipe.for_data(data)


@pytest.mark.parametrize("name", SMALL)
def test_the_average_of_a_short_training_spans_its_last_tenth(name: str, data: Images):
    recipe: Any = with_settings(find_recipe(name), ["batch_size=20", "epochs=100"])
    chosen = {"batch_size", "epochs"}
    adapted = recipe.for_data(data).adapted(data, chosen, lambda line: None)
    assert adapted.average_decay == pytest.approx(1 - 1 / 30)  # of 300 steps
    long = replace(recipe.for_data(data), epochs=10_000)
    assert long.adapted(data, chosen, lambda line: None).average_decay == 0.999
    kept = recipe.for_data(data).adapted(data, chosen | {"average_decay"}, lambda line: None)
    assert kept.average_decay == 0.999
    digits = load_images("digits")
    assert recipe.adapted(digits, chosen, lambda line: None).average_decay == 0.999


def test_the_film_of_many_classes_shows_the_first_ten():
    recipe = with_settings(cgan.default(), ["num_classes=23", "channels=2"])
    network = recipe.network().eval()
    film = recipe.film(network)
    assert film.shape == (100, 1, 28, 28)
    rng = torch.Generator().manual_seed(0)
    z = torch.randn(10, recipe.model.latent_dim, generator=rng)
    with torch.no_grad():
        assert torch.allclose(film[90:], network(z, torch.full((10,), 9)), atol=1e-6)
