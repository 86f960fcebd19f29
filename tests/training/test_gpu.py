"""On a CUDA device: a run trains, stops, resumes and agrees with the CPU; skipped without one."""

import math
from pathlib import Path

import pytest
import torch

from tests.recipes.test_generative import CASES, SMALL
from torchcamp.recipes.train import Reports, Request, resume, train
from torchcamp.recipes.trained import load_trained

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]
SETTINGS = ["channels=4,6,8", "average_decay=0.9", "max_shift=1"]


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
