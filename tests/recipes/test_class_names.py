"""Data meet a model by the names of their classes, never by index."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import torchcamp
from torchcamp.base.errors import RecipeError
from torchcamp.data.images import FASHION_CLASSES, Images, load_images
from torchcamp.recipes import images as image_recipes
from torchcamp.recipes.class_names import known_class_names, matched
from torchcamp.recipes.measures import measured
from torchcamp.recipes.trained import card, load_trained


def in_another_order(images: Images, order: list[int]) -> Images:
    """The same pictures; class k of the result is class order[k] of `images`."""
    back = torch.tensor(order).argsort()
    return replace(
        images,
        train_labels=back[images.train_labels],
        test_labels=back[images.test_labels],
        class_names=tuple(images.class_names[k] for k in order),
    )


def test_names_in_another_order_give_the_same_measures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run = torchcamp.train(
        "mlp", data="digits", epochs=1, device="cpu", out=tmp_path, settings={"hidden_dims": 32}
    ).run
    model = load_trained(str(run))
    expected = measured(model).measures
    digits = load_images("digits")
    shuffled = in_another_order(digits, [3, 1, 4, 0, 5, 9, 2, 6, 8, 7])
    assert not torch.equal(shuffled.test_labels, digits.test_labels)
    monkeypatch.setattr(image_recipes, "load_images", lambda *args: shuffled)
    again = measured(model, "digits", fresh=True).measures
    assert again == expected
    assert expected["accuracy"].value > 0.5
    # The same pixels and labels under other names are other data, whatever is stored of them.
    renamed = replace(digits, name="other", class_names=tuple("1032456789"))
    monkeypatch.setattr(image_recipes, "load_images", lambda *args: replace(digits, name="other"))
    assert measured(model, "other").measures == expected
    monkeypatch.setattr(image_recipes, "load_images", lambda *args: renamed)
    assert measured(model, "other").measures["accuracy"].value < expected["accuracy"].value - 0.2


def test_labels_follow_their_names_into_every_part():
    images = replace(load_images("digits").first(20), name="mine")
    order = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]
    shuffled = in_another_order(images, order)
    shuffled = replace(
        shuffled,
        validation_images=shuffled.test_images,
        validation_labels=shuffled.test_labels,
    )
    put_back = matched(shuffled, images.class_names, "m")
    assert put_back.class_names == images.class_names
    assert torch.equal(put_back.train_labels, images.train_labels)
    assert torch.equal(put_back.test_labels, images.test_labels)
    assert put_back.validation_labels is not None
    assert torch.equal(put_back.validation_labels, images.test_labels)
    assert matched(images, images.class_names, "m") is images


def test_names_that_differ_are_refused_up_to_five_of_each_side():
    images = replace(load_images("digits").first(5), name="mine")
    with pytest.raises(RecipeError) as error:
        matched(images, [*"0123", "x"], "the model")
    words = str(error.value)
    assert words.startswith(
        "mine has classes that the model does not know: '4', '5', '6', '7', '8' and 1 more; "
        "classes of the model without pictures: 'x'."
    )


def test_a_model_of_clothes_is_not_measured_on_digits(monkeypatch: pytest.MonkeyPatch):
    clothes = replace(load_images("digits"), name="fashion", class_names=FASHION_CLASSES)
    monkeypatch.setattr(image_recipes, "load_images", lambda *args: clothes)
    with pytest.raises(RecipeError, match="does not know: 'T-shirt/top'"):
        measured(load_trained("cnn"), "fashion")
    with pytest.raises(RecipeError, match="does not know: 'T-shirt/top'"):
        measured(load_trained("cgan"), "fashion")


def test_pictures_of_another_shape_are_refused(monkeypatch: pytest.MonkeyPatch):
    wide = replace(load_images("digits"), name="wide")
    wide = replace(wide, train_images=wide.train_images[..., :20].repeat(1, 3, 1, 1))
    monkeypatch.setattr(image_recipes, "load_images", lambda *args: wide)
    words = "cnn takes grey pictures of 28x28; wide has colour pictures of 28x20"
    with pytest.raises(RecipeError, match=words):
        measured(load_trained("cnn"), "wide")


def test_descriptions_without_class_names_know_them_all_the_same():
    assert known_class_names(card("cnn")) == tuple("0123456789")
    assert known_class_names(card("cgan")) == tuple("0123456789")
    assert load_trained("cgan").class_names == tuple("0123456789")
    assert load_trained("vae").class_names is None
    described = {"data": {"name": "fashion"}, "numbers": {"model": {"num_classes": 10}}}
    assert known_class_names(described) == FASHION_CLASSES
    described["data"] = {"name": "folder:x"}
    assert known_class_names(described) is None
    described["class_names"] = ["a", "b"]  # type: ignore[assignment]
    assert known_class_names(described) == ("a", "b")
