"""Which trained network a figure shows."""

import json
from pathlib import Path

import pytest

from torchcamp.course import lesson, networks
from torchcamp.data.images import load_images
from torchcamp.figures import gan as figures
from torchcamp.recipes.train import Request, train
from torchcamp.recipes.trained import load_trained

IMAGES = load_images("digits")


def test_only_runs_on_digits_are_shown(
    tmp_path: Path, idx_folder: Path, monkeypatch: pytest.MonkeyPatch
):
    """The figures show digits: a learner may have trained on something else meanwhile."""
    monkeypatch.setattr(networks, "workspace", lambda: tmp_path)
    for name, data in (("hmm", "dice"), ("mlp", f"idx:{idx_folder}")):
        train(Request(name, data=data, epochs=1, out=tmp_path / "runs", device="cpu"))
        trained, words = lesson.own(name)
        assert trained.shipped
        assert words.startswith(f"the {name.upper()} that ships")
    train(
        Request(
            "gan",
            data="digits",
            epochs=1,
            preset="lecture",
            out=tmp_path / "runs",
            device="cpu",
        )
    )
    trained, words = lesson.own("gan")
    assert not trained.shipped
    assert words.startswith("your GAN: gan-")
    figure = figures.draw_classes(trained.network, IMAGES)
    assert sum(figure.opening["counts"]) == figures.NUM_DRAWS

    # Where there are two, the newest of one's own comes first, and what ships can be chosen.
    both = lesson.whose("gan")
    assert lesson.choice(both) is both
    chosen, words = lesson.shown(both)
    assert not chosen.shipped
    assert list(both.options) == [words, "the GAN that ships"]
    only = lesson.whose("hmm")
    assert "the HMM that ships" in lesson.choice(only).text
    assert lesson.shown(only)[0].shipped

    # One that is broken is named, and the page goes on with what ships.
    weights = chosen.weights.read_bytes()
    for broken in (weights[: len(weights) // 2], load_trained("vae").weights.read_bytes()):
        chosen.weights.write_bytes(broken)
        trained, words = lesson.own("gan")
        assert trained.shipped
        assert words.startswith("the GAN that ships (your gan-")
        assert "could not be loaded" in words


def test_a_network_that_only_guesses_comes_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Too high a rate leaves a network that says the same for every picture: all figures of all
    lessons would show it until the next run."""
    monkeypatch.setattr(networks, "workspace", lambda: tmp_path)
    request = Request("mlp", data="digits", epochs=1, out=tmp_path / "runs", device="cpu")
    run = train(request).run
    assert [words.split(":")[0] for words in lesson.whose("mlp").options] == [
        "your MLP",
        "the MLP that ships",
    ]
    description = json.loads((run / "run.json").read_text())
    accuracy = description["measures"]["accuracy"]
    assert f"{100 * accuracy['value']:.2f} % right" in lesson.own("mlp")[1]
    accuracy["value"] = accuracy["floor"]
    (run / "run.json").write_text(json.dumps(description))
    trained, _ = lesson.own("mlp")
    assert trained.shipped
    (first, second) = lesson.whose("mlp").options
    assert first.startswith("the MLP that ships")
    assert second.endswith("no better than guessing")


@pytest.mark.parametrize(("share", "is_first"), [(0.1, False), (0.9, True), (None, False)])
def test_so_does_one_that_was_stopped_while_it_only_guessed(
    share: float | None, is_first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It has no measure; its last batches tell, and without any it had hardly begun."""
    monkeypatch.setattr(networks, "workspace", lambda: tmp_path)
    request = Request("mlp", data="digits", epochs=1, out=tmp_path / "runs", device="cpu")
    run = train(request).run
    description = json.loads((run / "run.json").read_text())
    del description["measures"]
    description["finished"] = None
    (run / "run.json").write_text(json.dumps(description))
    row = {"step": 1, "epoch": 0.5, "loss": 2.3, "accuracy": share}
    (run / "metrics.jsonl").write_text("" if share is None else json.dumps(row) + "\n")
    trained, words = lesson.own("mlp")
    assert trained.shipped != is_first
    assert ("stopped early" in words) == is_first
