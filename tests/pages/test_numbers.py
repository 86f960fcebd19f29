"""Numbers as people read them."""

import pytest

from torchcamp.pages.numbers import amount, heading, minutes_in_words, name_in_words, size


@pytest.mark.parametrize(
    ("number", "unknown", "words"),
    [
        (0, False, ""),
        (0, True, "not counted"),
        (999, False, "999"),
        (999, True, "≥ 999"),
        (1000, False, "1 k"),
        (4512, False, "4.51 k"),
        (6_580_000, True, "≥ 6.58 M"),
        (2_000_000_000, False, "2 G"),
        (3e12, False, "3 T"),
    ],
)
def test_amounts(number: int, unknown: bool, words: str):
    assert amount(number, unknown) == words


def test_names_are_written_as_the_field_writes_them():
    assert name_in_words("negative_elbo") == "negative ELBO"
    assert name_in_words("frechet_distance") == "Fréchet distance"
    assert name_in_words("macro_f1") == "macro F1"
    assert [heading(name) for name in ("test_loss", "kl", "d_loss", "lr")] == [
        "Test loss", "KL", "D loss", "Learning rate",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("number", "words"),
    [(999, "999 B"), (1000, "1 kB"), (74_000, "74 kB"), (6_610_000, "6.61 MB"), (2e9, "2 GB")],
)
def test_sizes_are_powers_of_1000(number: int, words: str):
    assert size(number) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (35, "35 min"), (60, "1 h"), (118, "1 h 58 min"), (600, "10 h")],
)
def test_minutes_are_said_in_hours(minutes: int, words: str):
    assert minutes_in_words(minutes) == words
