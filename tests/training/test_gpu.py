"""On a CUDA device: a run trains, stops, resumes and agrees with the CPU; skipped without one."""

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from tests.recipes import test_every_setting
from tests.recipes.test_every_setting import SMALL as SMALL_PRESETS
from tests.recipes.test_generative import CASES, SMALL
from tests.training.test_graphs import of_recipe, trained
from torchcamp.recipes.train import Reports, Request, resume, train
from torchcamp.recipes.trained import load_trained
from torchcamp.training.graphs import GraphedStep
from torchcamp.training.loop import Running
from torchcamp.training.run_folder import RunFolder

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]
CUDA = torch.device("cuda")
data = test_every_setting.data  # a fixture
SETTINGS = ["channels=4,6,8", "average_decay=0.9", "max_shift=1"]


@contextlib.contextmanager
def deterministic() -> Iterator[None]:
    """Ask cuDNN for algorithms that give the same sums each time."""
    before = torch.backends.cudnn.deterministic
    torch.backends.cudnn.deterministic = True
    try:
        yield
    finally:
        torch.backends.cudnn.deterministic = before


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_run_on_the_gpu_stops_and_resumes(tmp_path: Path, precision: str):
    steps = iter(range(1000))
    stopped = train(
        Request(
            "cnn",
            data="digits",
            epochs=4,
            settings=SETTINGS,
            device="cuda",
            precision=precision,
            out=tmp_path,
        ),
        Reports(should_stop=lambda: next(steps) >= 15),
    )
    assert not stopped.finished
    outcome = resume(stopped.run)
    assert outcome.finished
    assert outcome.measures["test_accuracy"] > 0.5


def test_the_gpu_answers_as_the_cpu_does():
    images = torch.rand(64, 1, 28, 28)
    cpu, cuda = load_trained("cnn"), load_trained("cnn", device="cuda")
    with torch.no_grad():
        expected = cpu.network(images).softmax(dim=1)
        found = cuda.network(images.cuda()).softmax(dim=1).cpu()
    assert torch.allclose(found, expected, atol=1e-3)


# --- Graphs: what `test_graphs.py` shows with an imitation ---------------------------------


@pytest.mark.parametrize("preset", SMALL_PRESETS)
def test_every_recipe_trains_with_graphs_as_without(preset: str, data: dict[str, tuple[str, str]]):
    """The same random numbers, so the same losses over 20 steps, but for sums in another order."""
    settings: list[str] = []
    with deterministic():
        expected = trained(of_recipe(preset, data, settings, CUDA), graphs=False, device=CUDA)
        found = trained(of_recipe(preset, data, settings, CUDA), graphs=True, device=CUDA)
    assert found.said == []
    for row, other in zip(found.rows, expected.rows, strict=True):
        assert row == pytest.approx(other, rel=1e-3, abs=1e-4, nan_ok=True)


@pytest.mark.parametrize("preset", SMALL_PRESETS)
def test_no_step_waits_for_the_gpu(preset: str, data: dict[str, tuple[str, str]]):
    """From the second batch of an epoch on, where the order lies on the device."""
    training = of_recipe(preset, data, [], CUDA)
    step = GraphedStep(training.step, training.state, CUDA)
    running = Running()
    try:
        for epoch in range(12):
            for number, batch in enumerate(training.batches.epoch(epoch)):
                running.add(step(batch))
                if number == 0 and step.is_captured:
                    torch.cuda.set_sync_debug_mode("error")
            torch.cuda.set_sync_debug_mode("default")
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert step.is_captured
    assert all(math.isfinite(value) for value in running.means().values())


@pytest.mark.parametrize("graphs", [True, False])
def test_a_run_with_graphs_stops_and_resumes(tmp_path: Path, graphs: bool):
    """Stopped after the capture; what is drawn at random goes on where it was."""

    def begin(out: str, stop_after: int = 0) -> Path:
        steps = iter(range(1, 1000))
        request = Request(
            "cnn", data="digits", epochs=2, settings=[*SETTINGS, "batch_size=100"], device="cuda",
            precision="fp32", graphs=True, out=tmp_path / out, log_every=2,
        )  # fmt: skip
        return train(request, Reports(should_stop=lambda: next(steps) == stop_after)).run

    with deterministic():
        whole, part = begin("whole"), begin("part", stop_after=9)
        resume(part, Request(graphs=graphs))
    one, other = (RunFolder.open(run).rows("metrics.jsonl") for run in (whole, part))
    for row, expected in zip(other, one, strict=True):
        assert row == pytest.approx(expected, rel=1e-3, abs=1e-4)
    assert RunFolder.open(whole).capture_seconds > 0


@pytest.mark.parametrize(("name", "data"), CASES)
def test_every_recipe_trains_resumes_and_is_measured_on_the_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: str
):
    monkeypatch.chdir(tmp_path)
    Path("small.txt").write_text("the cat sat on the mat. " * 600)
    steps = iter(range(1000))
    stopped = train(
        Request(
            name,
            data=data,
            epochs=2,
            settings=SMALL[name, data],
            device="cuda",
            out=tmp_path,
        ),
        Reports(should_stop=lambda: next(steps) >= 1),
    )
    outcome = resume(stopped.run) if not stopped.finished else stopped
    assert outcome.finished
    assert all(math.isfinite(value) for value in outcome.measures.values())
