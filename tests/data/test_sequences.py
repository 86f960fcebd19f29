"""Texts and dice: what is read, what is refused, and that two loads are one."""

import math
from pathlib import Path

import pytest
import torch

from torchcamp.base.errors import DataError
from torchcamp.data.sequences import decode, encode, load_dice, load_text


def test_the_built_in_text_is_at_hand():
    text = load_text("text")
    assert len(text.train) > 300_000
    assert len(text.train) // len(text.test) in (8, 9)
    assert text.characters == "".join(sorted(set(text.characters)))
    assert int(text.train.max()) == len(text.characters) - 1
    assert "statement" in decode(text.train, text.characters)
    assert text.sha256 == load_text("text").sha256


def test_a_file_of_ones_own(tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("höher und weiter\n" * 1000, encoding="utf-8")
    text = load_text(f"text:{file}")
    assert "ö" in text.characters
    whole = decode(torch.cat([text.train, text.test]), text.characters)
    assert whole == file.read_text(encoding="utf-8")
    part = text.holding_out()
    assert torch.equal(torch.cat([part.train, part.test]), text.train)


def test_the_alphabet_is_that_of_the_training_text(tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("ab" * 5000 + "abz" * 100)
    text = load_text(f"text:{file}")
    assert (text.characters, text.others) == ("ab", "z")


def test_characters_that_training_never_saw_stay_in_the_test_and_cost(tmp_path: Path):
    """Left out, they would make a model look better the fewer characters it knows."""
    assert decode(encode("aXb", "ab"), "ab") == "ab"
    file = tmp_path / "a.txt"
    file.write_text("ab" * 5000 + "abz" * 100)
    text, lines = load_text(f"text:{file}"), list[str]()
    load_text(f"text:{file}", lines.append)
    assert decode(text.test, text.characters + text.others).count("z") == 100
    assert text.unknown_nats == pytest.approx(math.log(len(text.train) + 1) + math.log(1_114_112))
    assert any("100 of 1,030 test characters ('z') do not occur" in line for line in lines)
    whole = load_text("text")
    assert whole.recoded(whole.characters) is whole


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("mnist", "trains on text or text:FILE"),
        ("text:nowhere.txt", "cannot read nowhere.txt"),
        ("text:short.txt", "at least 200"),
        ("text:binary.txt", "--encoding"),
    ],
)
def test_texts_that_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, words: str
):
    monkeypatch.chdir(tmp_path)
    Path("short.txt").write_text("abc")
    Path("binary.txt").write_bytes(b"\x80\x81" * 9000)
    with pytest.raises(DataError, match=words):
        load_text(name)


def test_the_casino_is_as_described():
    dice = load_dice("dice")
    assert dice.train.shape == (500, 120)
    assert dice.test.shape == (100, 120)
    assert int(dice.train_lengths.min()) >= 60
    assert int(dice.train_lengths.max()) <= 120
    inside = torch.arange(120) < dice.train_lengths[:, None]
    throws = dice.train[inside]
    shares = throws.bincount(minlength=6) / len(throws)
    # Two thirds of the time the die is fair: 2/3 * 1/6 + 1/3 * 1/2 of the throws are sixes.
    assert shares[5].item() == pytest.approx(0.278, abs=0.02)
    assert bool((dice.train[~inside] == 0).all())
    assert load_dice("dice").sha256 == dice.sha256
    with pytest.raises(DataError, match="trains on dice"):
        load_dice("mnist")
