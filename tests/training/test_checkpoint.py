"""Files that are whole at any moment, and state that comes back into the same objects."""

from pathlib import Path

import pytest
import torch

from tests.described import described
from torchcamp.base.errors import RunError
from torchcamp.base.files import write_atomically
from torchcamp.base.seeding import random_state, seed_everything, set_random_state
from torchcamp.training.checkpoint import capture, restore
from torchcamp.training.run_folder import RunFolder


def test_restore_writes_into_the_tensor_that_others_hold():
    chain = torch.zeros(3)
    state = {"chain": chain, "inner": {"count": torch.zeros(())}}
    captured = {"chain": torch.ones(3), "inner": {"count": torch.tensor(2.0)}}
    restore(state, captured)
    assert chain.tolist() == [1, 1, 1]
    with pytest.raises(
        ValueError, match=r"has shape \(.*\) in the checkpoint, \(.*\) in this recipe"
    ):
        restore(state, {"chain": torch.ones(4), "inner": captured["inner"]})
    with pytest.raises(ValueError, match="the checkpoint holds"):
        restore(state, {"chain": torch.ones(3)})


def test_capture_refuses_what_it_cannot_bring_back():
    with pytest.raises(TypeError, match="has type int"):
        capture({"step": 3})


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("old")

    def fail(part: Path) -> None:
        part.write_text("half of the new")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        write_atomically(path, fail)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_every_generator_goes_on_as_before():
    import random

    import numpy as np

    def draw() -> list[float]:
        return [random.random(), float(np.random.rand()), torch.rand(()).item()]  # noqa: NPY002

    seed_everything(3)
    state = random_state()
    first = draw()
    set_random_state(state)
    assert draw() == first


def test_random_state_survives_a_safe_load(tmp_path: Path):
    torch.save(random_state(), tmp_path / "random.pt")
    expected = torch.rand(())
    set_random_state(torch.load(tmp_path / "random.pt", weights_only=True))
    assert torch.rand(()) == expected


def test_two_runs_of_one_second_get_two_folders(tmp_path: Path):
    runs = [RunFolder.create(tmp_path / "new" / "runs", "cnn") for _ in range(3)]
    assert len({run.path for run in runs}) == 3
    assert len(list((tmp_path / "new" / "runs").iterdir())) == 3


def test_one_process_at_a_time(tmp_path: Path):
    first = RunFolder.create(tmp_path, "cnn")
    first.describe(**described())
    first.lock()
    second = RunFolder.open(first.path)
    with pytest.raises(RunError, match="another process"):
        second.lock()
    first.unlock()
    second.lock()
    second.unlock()


def test_what_is_no_run(tmp_path: Path):
    with pytest.raises(RunError, match=r"run folder .* does not exist"):
        RunFolder.open(tmp_path / "nowhere")
    with pytest.raises(RunError, match=r"is not a run folder: it has no run\.json"):
        RunFolder.open(tmp_path)


def test_a_damaged_checkpoint_is_said(tmp_path: Path):
    run = RunFolder.create(tmp_path, "cnn")
    (run.path / "checkpoint.pt").write_bytes(b"PK damaged")
    with pytest.raises(RunError, match="damaged") as raised:
        run.load_checkpoint()
    assert "\n" not in str(raised.value)
