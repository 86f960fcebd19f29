"""The public names: what they are, that they are all a learner's files need, and that they work."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import torchcamp
from torchcamp.base.paths import CONTENT
from torchcamp.data.sequences import Sequences, Text

ROOT = Path(__file__).parents[1]
NAMES = {
    # models and data
    "load", "load_model", "load_data", "dataset", "train", "evaluate", "sample", "write", "read",
    "export", "UserError",
    # a recipe of one's own
    "Batches", "Evaluation", "ImageRecipe", "Images", "Training", "evaluate_classifier",
    "find_recipe", "score_classifier", "seed_everything", "to_float",
    # lessons, and checks of exercises
    "attempt", "figures", "jupyter", "lesson", "models", "probes",
    "__version__",
}  # fmt: skip
# Packages of which a lesson may import any module.
PACKAGES = ("torchcamp.figures", "torchcamp.models")


def test_the_public_names_are_these():
    assert set(torchcamp.__all__) == NAMES
    assert sorted(torchcamp.__all__) == dir(torchcamp)
    for name in NAMES:
        value = getattr(torchcamp, name)
        assert value is getattr(torchcamp, name)
        if callable(value):
            assert value.__doc__, name


def test_a_public_name_is_what_its_module_has():
    for name, source in torchcamp._SOURCES.items():
        module = importlib.import_module(f"torchcamp.{source}")
        own = module if source.rpartition(".")[2] == name else vars(module)[name]
        assert getattr(torchcamp, name) is own


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'torchcamp' has no attribute 'trian'"):
        torchcamp.trian  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ImportError, match="trian"):
        exec("from torchcamp import trian")


def test_importing_torchcamp_loads_no_torch():
    code = (
        "import sys, torchcamp\n"
        "heavy = {'torch', 'numpy', 'marimo', 'click', 'sklearn'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "torchcamp.load_model\n"
        "assert 'torch' in sys.modules\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


# --- What a learner owns ------------------------------------------------------------------


def learners_files() -> list[Path]:
    lessons = CONTENT / "lessons"
    return [
        *sorted((CONTENT / "project").glob("*.py")),
        *sorted(lessons.glob("*/lesson.py")),
        *sorted(lessons.glob("*/*/starter.py")),
        *sorted(lessons.glob("*/*/solution.py")),
        *sorted(lessons.glob("*/*/accepted/*.py")),
    ]


def internal_imports(source: str) -> list[str]:
    """What `source` imports from torchcamp beyond the public names."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if alias.name.startswith("torchcamp.")]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("torchcamp"):
            names = [alias.name for alias in node.names]
            if node.module == "torchcamp":
                found += [name for name in names if name not in NAMES]
            elif not str(node.module).startswith(PACKAGES):
                found += [f"{node.module}.{name}" for name in names]
    return found


def test_nothing_that_a_learner_owns_imports_the_inside():
    files = learners_files()
    assert len(files) > 200
    inside = {
        str(path.relative_to(CONTENT)): imports
        for path in files
        if (imports := internal_imports(path.read_text()))
    }
    assert inside == {}


def test_an_internal_import_is_seen():
    source = "def cell():\n    from torchcamp.course import lesson\n    import torchcamp.data.idx"
    assert internal_imports(source) == ["torchcamp.course.lesson", "torchcamp.data.idx"]
    assert internal_imports("from torchcamp import lesson, judge") == ["judge"]
    assert internal_imports("from torchcamp.figures import hmm as figures") == []


# --- The functions ------------------------------------------------------------------------


def test_the_examples_on_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "api.md").read_text(), re.S)
    assert len(blocks) >= 7
    names: dict[str, object] = {}
    for block in blocks:
        exec(block, names)
    assert set(re.findall(r"torchcamp\.(\w+)", "".join(blocks))) <= NAMES
    images, logits, outcome = names["images"], names["logits"], names["outcome"]
    assert isinstance(logits, torch.Tensor)
    assert logits.shape == (5, 10)
    assert isinstance(images, torch.Tensor)
    assert images.shape == (16, 1, 28, 28)
    assert names["labels"] is None
    assert vars(outcome)["finished"]
    assert [path.name for path in (tmp_path / "my-runs").iterdir()] == [vars(outcome)["run"].name]


def test_every_public_name_is_on_the_page():
    page = (ROOT / "docs" / "api.md").read_text()
    assert [name for name in sorted(NAMES - {"__version__"}) if name not in page] == []


def test_the_kind_of_data_follows_its_name(tmp_path: Path):
    file = tmp_path / "small.txt"
    file.write_text("the cat sat on the mat. " * 500)
    text = torchcamp.load_data(f"text:{file}")
    assert isinstance(text, Text)
    assert text.characters == "".join(sorted(set("the cat sat on the mat. ")))
    dice = torchcamp.load_data("dice")
    assert isinstance(dice, Sequences)
    assert dice.num_symbols == 6
    with pytest.raises(torchcamp.UserError, match="unknown data set 'mnits'"):
        torchcamp.load_data("mnits")


def test_samples_repeat_and_are_of_the_class_asked_for():
    model = torchcamp.load_model("cgan")
    images, labels = torchcamp.sample(model, 6, label=7, seed=3)
    again, _ = torchcamp.sample("cgan", 6, label=7, seed=3)
    assert images.shape == (6, 1, 28, 28)
    assert labels is not None
    assert labels.tolist() == [7] * 6
    assert torch.equal(images, again)
    assert not torch.equal(images, torchcamp.sample(model, 6, label=7, seed=4)[0])
    with pytest.raises(torchcamp.UserError, match=r"does not know the class '10'\. Classes: 0, 1"):
        torchcamp.sample(model, 1, label=10)
    with pytest.raises(torchcamp.UserError, match="cannot draw any"):
        torchcamp.sample("cnn", 1)
    with pytest.raises(torchcamp.UserError, match="writes no text"):
        torchcamp.write(model, 10)


def test_a_model_of_text_writes(tmp_path: Path):
    file = tmp_path / "small.txt"
    file.write_text("the cat sat on the mat. " * 500)
    outcome = torchcamp.train(
        "rnn", data=f"text:{file}", epochs=1, device="cpu", out=tmp_path,
        settings={"hidden_size": 8, "embedding_dim": 4, "window": 32},
    )  # fmt: skip
    run = str(outcome.run)
    text = torchcamp.write(run, 20, prompt="the")
    assert text.startswith("the")
    assert len(text) == 23
    with pytest.raises(torchcamp.UserError, match="writes text and draws no images"):
        torchcamp.sample(run, 1)


def test_settings_reach_recipe_and_model(tmp_path: Path):
    outcome = torchcamp.train(
        "cnn", data="digits", epochs=1, device="cpu", out=tmp_path,
        settings={"channels": (2, 3, 4), "lr": 0.5, "hold_out": True},
    )  # fmt: skip
    numbers = torchcamp.load_model(str(outcome.run)).description["numbers"]
    assert numbers["model"]["channels"] == [2, 3, 4]
    assert (numbers["lr"], numbers["hold_out"]) == (0.5, True)
    assert outcome.measures.keys() == {"validation_accuracy", "validation_loss"}
    with pytest.raises(torchcamp.UserError, match="unknown setting 'learning_rate'"):
        torchcamp.train("cnn", data="digits", settings={"learning_rate": 1})
