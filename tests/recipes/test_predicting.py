"""Predictions of new pictures: the right class by name, from whatever form a picture comes in."""

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import torchcamp
from torchcamp.base.errors import DataError, RecipeError
from torchcamp.data.found_pictures import find_pictures
from torchcamp.data.images import load_images
from torchcamp.recipes import predicting
from torchcamp.recipes.predicting import Classifier, Predictions, Tally, folder_class, predict_files
from torchcamp.recipes.trained import Trained, load_trained

NUM = 120  # pictures


@pytest.fixture(scope="module")
def cnn() -> Trained:
    return load_trained("cnn")


@pytest.fixture(scope="module")
def digits_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Test pictures of `digits` as PNG files, in folders named after their classes."""
    folder = tmp_path_factory.mktemp("digits")
    images = load_images("digits")
    for k in range(NUM):
        path = folder / str(int(images.test_labels[k])) / f"{k:04d}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(images.test_images[k, 0].numpy()).save(path)
    return folder


def on_paper(pixels: torch.Tensor, size: int = 84, around: int = 0) -> Image.Image:
    """A light digit (H, W) on black as dark ink on grey paper, unevenly lit, as a camera sees it."""
    large = torch.nn.functional.interpolate(
        pixels[None, None].float() / 255, size=(size, size), mode="bilinear"
    )
    ink = np.pad(large[0, 0].numpy(), ((0, 0), (around, around)))
    light = 200 + 30 * np.linspace(0, 1, ink.shape[1])
    noise = np.random.default_rng(0).normal(0, 4, ink.shape)
    return Image.fromarray((light - 150 * ink + noise).clip(0, 255).astype(np.uint8))


def accuracy(predictions: object, labels: torch.Tensor) -> float:
    assert isinstance(predictions, Predictions)
    right = [int(each.class_name) == int(k) for each, k in zip(predictions, labels, strict=True)]
    return sum(right) / len(right)


def named_files(model: Trained, *names: str, stdin: bytes = b"") -> tuple[list[str], list[str]]:
    """The files that were predicted, and what was said of the others."""
    said: list[str] = []
    found = find_pictures(names, io.BytesIO(stdin))
    files = [each.file for each in predict_files(model.classifier(), found, unreadable=said.append)]
    return files, said


def test_a_folder_of_files_is_predicted_as_the_tensors_are(cnn: Trained, digits_folder: Path):
    images = load_images("digits")
    with torch.no_grad():
        logits = cnn.network(images.test_images[:NUM].float() / 255)
    own = (logits.argmax(dim=1) == images.test_labels[:NUM]).double().mean().item()
    predictions = cnn.predict(digits_folder)
    assert isinstance(predictions, Predictions)
    tally = Tally(cnn.class_names or ())
    for each in predictions:
        tally.add(each)
    assert tally.num_pictures == NUM
    assert tally.num_right / NUM == own
    assert 0.3 < own < 0.6  # scans of another kind than it was trained on
    by_number = sorted(predictions, key=lambda each: Path(each.file).stem)
    probs = torch.tensor([each.probability for each in by_number])
    assert torch.allclose(probs, logits.softmax(dim=1).amax(dim=1), atol=1e-5)


def test_real_test_pictures_give_the_accuracy_of_the_card(mnist_root: Path):
    images = load_images("mnist")
    model = torchcamp.load("cnn")
    predictions = model.predict(images.test_images)
    card = model.description["measures"]["accuracy"]["value"]
    assert accuracy(predictions, images.test_labels) == pytest.approx(card, abs=3e-4)


@pytest.mark.parametrize("name", ["cnn", "mlp"])
@pytest.mark.parametrize("around", [0, 40])
def test_dark_ink_on_paper_is_read_as_mnist_would_show_it(name: str, around: int, mnist_root: Path):
    images = load_images("mnist")
    labels = images.test_labels[:200]
    photos = [on_paper(each, around=around) for each in images.test_images[:200, 0]]
    model = load_trained(name)
    inverted = model.predict(photos)
    as_they_are = model.predict(photos, invert=False)
    assert accuracy(inverted, labels) >= 0.96
    assert accuracy(as_they_are, labels) <= 0.3
    assert isinstance(inverted, Predictions)
    assert isinstance(as_they_are, Predictions)
    assert all(each.inverted for each in inverted)
    assert not any(each.inverted for each in as_they_are)
    assert repr(inverted[0]).endswith(", inverted")


def test_light_digits_are_not_inverted(cnn: Trained, digits_folder: Path):
    predictions = cnn.predict(digits_folder)
    assert isinstance(predictions, Predictions)
    assert not any(each.inverted for each in predictions)


def test_a_white_page_is_not_framed(cnn: Trained):
    prediction = cnn.predict(Image.new("L", (40, 40), 250))
    assert isinstance(prediction, predicting.Prediction)
    assert prediction.inverted
    assert prediction.pixels is not None
    assert prediction.pixels.max() == 0


def test_one_picture_in_every_form_is_one_prediction(cnn: Trained, tmp_path: Path):
    pixels = load_images("digits").test_images[0]  # (1, 28, 28)
    array = pixels[0].numpy()
    Image.fromarray(array).save(tmp_path / "one.png")
    forms = {
        "name": str(tmp_path / "one.png"),
        "path": tmp_path / "one.png",
        "PIL": Image.fromarray(array),
        "RGB": Image.fromarray(array).convert("RGB"),
        "CMYK": Image.fromarray(array).convert("RGB").convert("CMYK"),
        "array": array,
        "colour array": np.stack([array] * 3, axis=2),
        "float array": array / 255,
        "tensor": pixels,
        "flat tensor": pixels[0],
        "float tensor": pixels.float() / 255,
    }
    with torch.no_grad():
        expected = cnn.network(pixels[None].float() / 255).softmax(dim=1).max().item()
    for form, picture in forms.items():
        prediction = cnn.predict(picture)
        assert isinstance(prediction, predicting.Prediction), form
        assert prediction.probability == pytest.approx(expected, abs=1e-4), form


def test_several_pictures_are_a_list(cnn: Trained):
    images = load_images("digits").test_images[:3]
    with torch.no_grad():
        labels = cnn.network(images.float() / 255).argmax(dim=1).tolist()
    expected = [str(label) for label in labels]
    for several in (images, images.permute(0, 2, 3, 1).numpy(), list(images)):
        predictions = cnn.predict(several)
        assert isinstance(predictions, Predictions)
        assert predictions.class_names == expected
    assert len(repr(cnn.predict(images.repeat(5, 1, 1, 1))).splitlines()) == 11


def test_pixels_of_another_size_are_scaled(cnn: Trained):
    small = load_images("digits").test_images[0]
    large = torch.nn.functional.interpolate(small[None].float(), scale_factor=3)[0]
    one, other = cnn.predict(small), cnn.predict(large.byte())
    assert isinstance(one, predicting.Prediction)
    assert isinstance(other, predicting.Prediction)
    assert one.class_name == other.class_name


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (torch.zeros(28, 28, 3), r"\(C, H, W\) with 1, 3 or 4 channels, not \(28, 28, 3\)"),
        (np.zeros((3, 28, 28)), r"\(H, W, C\) with 1, 3 or 4 channels, not \(3, 28, 28\)"),
        (torch.full((1, 28, 28), 7.0), r"numbers in \[0, 1\]; these are float32 from 7 to 7"),
        (torch.zeros(1, 28, 28, dtype=torch.int64), "these are int64"),
        (7, "cannot predict a int"),
        ("nothere.png", "cannot read nothere.png: No such file"),
    ],
)
def test_what_is_no_picture_is_refused(cnn: Trained, given: object, words: str):
    with pytest.raises(DataError, match=words):
        cnn.predict(given)


def test_a_generative_model_is_refused():
    with pytest.raises(RecipeError, match="vae is a VAE, a generative model: it names no classes"):
        torchcamp.load("vae").predict("x.png")


# --- Where pictures are found -------------------------------------------------------------


def test_files_keep_the_order_in_which_they_were_named(
    cnn: Trained, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(predicting, "BATCH", 7)
    names = [str(path) for path in sorted(digits_folder.rglob("*.png"), reverse=True)]
    assert named_files(cnn, *names) == (names, [])


def test_batches_are_as_large_as_they_may_be(cnn: Trained, digits_folder: Path):
    """One call of the network for many pictures, and few pictures at a time of a large model."""
    sizes: list[int] = []

    class Counting(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(1))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            sizes.append(len(images))
            return images.flatten(1)[:, :10] * self.scale

    network = Counting()
    for shape, expected in (((1, 28, 28), [NUM]), ((3, 700, 700), [11] * 10 + [10])):
        sizes.clear()
        classifier = Classifier(network=network, class_names=tuple("0123456789"), image_shape=shape)
        found = find_pictures([str(digits_folder)], io.BytesIO())
        assert len(list(predict_files(classifier, found, unreadable=print))) == NUM
        assert sizes == expected


def test_archives_patterns_and_lists_name_the_same_pictures(
    cnn: Trained, digits_folder: Path, tmp_path: Path
):
    inside = [str(p.relative_to(digits_folder)) for p in sorted(digits_folder.rglob("*.png"))]
    with (
        zipfile.ZipFile(tmp_path / "d.zip", "w") as packed,
        tarfile.open(tmp_path / "d.tar.xz", "w:xz") as tarred,
    ):
        for name in inside:
            packed.write(digits_folder / name, name)
            tarred.add(digits_folder / name, name)
        packed.writestr("__MACOSX/1/._a.png", b"no picture")
        packed.writestr("notes.txt", b"no picture")
    plain = [f"{digits_folder}/{name}" for name in inside]
    assert named_files(cnn, f"{digits_folder}/*/*.png") == (plain, [])
    assert named_files(cnn, f"{digits_folder}/**/*.png")[0] == plain
    assert named_files(cnn, "-", stdin="\n".join(plain).encode()) == (plain, [])
    for archive in ("d.zip", "d.tar.xz"):
        files, said = named_files(cnn, str(tmp_path / archive))
        assert files == [f"{tmp_path / archive}/{name}" for name in inside]
        assert said == []
    predictions = cnn.predict(tmp_path / "d.tar.xz")
    assert isinstance(predictions, Predictions)
    assert [each.true_class for each in predictions] == [name[0] for name in inside]


def test_standard_input_may_be_a_picture(cnn: Trained, digits_folder: Path):
    content = next(digits_folder.rglob("*.png")).read_bytes()
    assert named_files(cnn, "-", stdin=content) == (["-"], [])
    assert "standard input is empty" in named_files(cnn, "-")[1][0]
    assert "neither a picture nor a list" in named_files(cnn, "-", stdin=b"\xff\xfe\x00")[1][0]


def test_what_cannot_be_read_is_named_and_the_rest_predicted(
    cnn: Trained, digits_folder: Path, tmp_path: Path
):
    good = str(next(digits_folder.rglob("*.png")))
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "cut.png").write_bytes(Path(good).read_bytes()[:60])
    (tmp_path / "bad.zip").write_bytes(b"no archive")
    (tmp_path / "empty").mkdir()
    names = ["text.png", "cut.png", "bad.zip", "empty", "x*.png", "gone.png"]
    files, said = named_files(cnn, good, *(str(tmp_path / name) for name in names), good)
    assert files == [good, good]
    assert len(said) == len(names)
    assert said[0].endswith("text.png: not a picture")
    for name, sentence in zip(names, said, strict=True):
        assert name in sentence


def test_the_class_of_a_picture_is_the_longest_path_that_is_one():
    names = ("cats", "animals/cats", "dogs")
    assert folder_class(("test", "dogs"), names) == "dogs"
    assert folder_class(("dogs", "cats"), names) == "cats"
    assert folder_class(("x", "animals", "cats"), names) == "animals/cats"
    assert folder_class(("birds",), names) is None
    assert folder_class((), names) is None


def test_a_notebook_shows_pictures_and_bars_and_nothing_is_markup(cnn: Trained, tmp_path: Path):
    pixels = load_images("digits").test_images[0, 0].numpy()
    Image.fromarray(pixels).save(tmp_path / "<b>.png")
    prediction = cnn.predict(tmp_path / "<b>.png", top=3)
    assert isinstance(prediction, predicting.Prediction)
    html = prediction._repr_html_()
    assert html.count("<img") == 1
    assert html.count(" %") == 3
    assert "&lt;b&gt;.png" in html
    assert "<b>.png" not in html
    many = cnn.predict(load_images("digits").test_images[:30])
    assert isinstance(many, Predictions)
    assert many._repr_html_().count("<img") == 24
    assert "... and 6 more" in many._repr_html_()
    html = cnn._repr_html_()
    assert "<b>cnn</b>" in html
    assert "0.9944 ± 0.00075 share" in html
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in html
