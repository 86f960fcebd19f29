"""Data sets as other code wants them: for a `DataLoader`, and as a notebook shows them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader

import torchcamp
from torchcamp.data.images import load_images


def test_a_data_loader_gets_numbers_and_labels():
    digits = torchcamp.dataset("digits")
    assert (len(digits.train), len(digits.test)) == (1437, 360)
    picture, label = digits.test[3]
    assert picture.dtype == torch.float32
    assert torch.equal(picture, digits.test_images[3].float() / 255)
    assert label == int(digits.test_labels[3])
    pictures, labels = zip(*DataLoader(digits.test, batch_size=100), strict=True)
    assert [len(each) for each in pictures] == [100, 100, 100, 60]
    assert torch.equal(torch.cat(pictures), digits.test_images.float() / 255)
    assert torch.equal(torch.cat(labels), digits.test_labels)
    assert torch.cat(labels).dtype == torch.int64


def test_pictures_of_a_folder_are_read_with_the_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    asked = []
    as_it_is = torchcamp.api.load_images  # type: ignore[attr-defined]

    def load(*args: object) -> object:
        asked.append(args[2])
        return as_it_is(*args)

    monkeypatch.setattr("torchcamp.api.load_images", load)
    for name in ("red", "green"):
        (tmp_path / name).mkdir()
        for k in range(3):
            Image.new("RGB", (12, 10), name).save(tmp_path / name / f"{k}.png")
    pets = torchcamp.dataset(
        f"folder:{tmp_path}", size=28, colour="grey", background="black", skip_unreadable=True,
        class_folders="top",
    )  # fmt: skip
    assert pets.class_names == ("green", "red")
    assert len(pets.train) + len(pets.test) == 6
    assert vars(asked[0]) == {
        "size": "28",
        "colour": "grey",
        "background": "black",
        "skip_unreadable": True,
        "class_folders": "top",
    }


def test_a_notebook_shows_counts_and_examples_of_each_class():
    digits = load_images("digits")
    html = digits._repr_html_()
    assert html.count("<img") == 10
    train, test = (int((labels == 7).sum()) for labels in (digits.train_labels, digits.test_labels))
    assert f"<tr><th>7</th><td>{train}</td><td>{test}</td>" in html
    assert "<b>digits</b>: grey, 28x28" in html


def test_colour_empty_classes_and_markup_are_shown():
    names = ("<i>", *(f"c{k}" for k in range(39)))
    colour = replace(load_images("digits").first(20), class_names=names, notes=("2 pictures < 3",))
    colour = replace(colour, train_images=colour.train_images.repeat(1, 3, 1, 1))
    html = colour._repr_html_()
    assert "colour, 28x28" in html
    assert "&lt;i&gt;" in html
    assert "<i>" not in html
    assert "<p>2 pictures &lt; 3</p>" in html
    assert "... and 10 more classes" in html
    assert "<tr><th>c20</th><td>0</td><td>0</td><td></td></tr>" in html


def test_measures_and_outcomes_are_tables(tmp_path: Path):
    html = torchcamp.evaluate("cnn")._repr_html_()
    assert "<p>on <b>mnist</b></p>" in html
    assert "<tr><th>accuracy</th><td><b>0.9944</b></td><td>0.0007462</td>" in html
    outcome = torchcamp.train(
        "mlp", data="digits", epochs=1, device="cpu", out=tmp_path, settings={"hidden_dims": 4}
    )
    html = outcome._repr_html_()
    assert f"<b>{outcome.run}</b>" in html
    assert f"<th>test accuracy</th><td>{outcome.measures['test_accuracy']:.4g}</td>" in html
    assert "finished" in html
    assert np.isfinite(outcome.train_seconds)
