"""On a CUDA device: a run trains, stops, resumes and agrees with the CPU; skipped without one."""

from pathlib import Path

import pytest
import torch

from torchcamp.recipes.train import Reports, resume, train
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
        "cnn",
        data="digits",
        epochs=4,
        settings=SETTINGS,
        device="cuda",
        precision=precision,
        out=tmp_path,
        reports=Reports(should_stop=lambda: next(steps) >= 15),
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
