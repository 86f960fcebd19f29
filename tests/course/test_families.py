"""The map of the generative models: its pictures are what the models that ship draw."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from torchcamp.course.content import lessons
from torchcamp.course.families import Family, families, families_table

SCRIPT = Path(__file__).parents[2] / "scripts" / "draw_families.py"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("draw_families", SCRIPT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("family", families(), ids=lambda family: family.name)
def test_the_strip_is_what_the_model_draws(family: Family, script: ModuleType):
    stored = np.asarray(Image.open(family.strip), dtype=float)
    drawn = np.asarray(script.strip(family), dtype=float)
    assert stored.shape == drawn.shape
    # A last bit that differs on another processor may flip a drawn pixel here and there.
    assert np.abs(stored - drawn).mean() < 4


def test_every_row_has_its_lesson_and_what_it_costs():
    names = {lesson.name for lesson in lessons()}
    assert {family.lesson for family in families()} <= names
    with_nats = {family.name for family in families() if family.nats is not None}
    assert with_nats == {"hmm", "rbm", "vae", "rnn"}
    assert families_table().count('class="family"') == len(families())


def test_the_map_explains_its_words_to_those_who_have_read_no_lesson():
    for word in ("likelihood", "nats"):
        assert re.search(rf'tabindex="0">{word}<span class="meaning"', families_table()), word
