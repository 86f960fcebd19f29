"""What a workspace of before imports is still there; what ships uses the names of today."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from torchcamp.base.moved import MOVED, PREFIX, current_file
from torchcamp.base.paths import CONTENT, PACKAGE
from torchcamp.reading.source import source_of

# What the lessons, answers and projects of 0.1.0 imported.
IMPORTED = {
    "course.figures.formulas": ("activations", "losses"),
    "course.figures.plane": ("plane",),
    "course.figures.tapes": ("tape",),
    "course.figures.games": ("game", "film", "draw_classes", "two_requests"),
    "course.figures.sliding": ("sliding", "settings_for"),
    "course.figures.chains": ("trellis", "row_states", "rows_of", "one_update"),
    "course.figures.boltzmann": ("gibbs", "filters", "one_step", "two_sides"),
    "course.figures.recurrence": ("unrolled", "writing", "one_step"),
    "course.figures.machines": ("race", "find_line", "read_any"),
    "figures.speed": ("race",),
    "course.figures.tensors": ("strides", "broadcasting"),
    "course.figures.codes": ("latent", "two_terms", "loss"),
    "functional.seeding": ("seed_everything", "random_state", "set_random_state"),
    "course.checks": ("attempt", "plain"),
    "course.catalog": ("course", "lessons"),
    "data.errors": ("DataError",),
    "training.files": ("write_atomically", "text_hash"),
}


@pytest.mark.parametrize("name", IMPORTED)
def test_a_name_of_before_gives_what_is_there_today(name: str):
    before = import_module(PREFIX + name)
    for function in IMPORTED[name]:
        today = next(
            vars(module)[function]
            for module in (import_module(PREFIX + new) for new in MOVED[name])
            if function in vars(module)
        )
        assert getattr(before, function) is today


def test_a_package_of_before_gives_its_modules():
    code = "from torchcamp.course.figures import chains, games; print(chains.trellis.__module__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "torchcamp.figures.hmm\n"


def test_quoted_files_of_before_are_found():
    assert current_file("functional/seeding.py") == "base/seeding.py"
    assert current_file("models/cnn.py") == "models/cnn.py"
    quoted = source_of("functional/seeding.py::seed_everything")
    assert quoted == source_of("base/seeding.py::seed_everything")


def test_what_is_unknown_stays_unknown():
    with pytest.raises(ModuleNotFoundError, match=r"torchcamp\.functional\.sowing"):
        import_module("torchcamp.functional.sowing")


def test_what_ships_uses_the_names_of_today():
    files: list[Path] = [*PACKAGE.rglob("*.py"), *CONTENT.rglob("*.toml"), *CONTENT.rglob("*.md")]
    assert len(files) > 300
    old = "|".join(re.escape(PREFIX + name) for name in MOVED)
    for file in files:
        if file != PACKAGE / "base" / "moved.py":
            assert not re.search(rf"\b({old})\b(?!\.judge)", file.read_text()), file
