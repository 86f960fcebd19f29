"""Files for use elsewhere: what they give is what the model gives, or the command fails."""

import importlib.util
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import nn

import torchcamp
from torchcamp.base.errors import RecipeError, RunError
from torchcamp.models import cgan, vae
from torchcamp.recipes import exporting
from torchcamp.recipes.trained import Trained, load_trained


class WithLen(nn.Module):
    """A network that reads the batch's size as Python's number."""

    def __init__(self) -> None:
        super().__init__()
        self.output = nn.Linear(784, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.output(images.reshape(len(images), 784))


class Branching(WithLen):
    """A network whose path depends on its numbers: no graph has both."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return super().forward(images if images.mean().item() > 0.1 else -images)


def run_onnx(file: Path, **inputs: torch.Tensor) -> torch.Tensor:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {name: value.numpy() for name, value in inputs.items()})
    return torch.from_numpy(np.asarray(output))


def test_generators_draw_the_same_pictures_elsewhere(tmp_path: Path):
    for name, inputs in (
        ("vae", {"codes": torch.randn(3, 40)}),
        ("gan", {"noise": torch.randn(3, 64)}),
        ("cgan", {"noise": torch.randn(3, 64), "class_labels": torch.tensor([7, 1, 4])}),
    ):
        model = load_trained(name)
        network: Any = model.network
        with torch.no_grad():
            if isinstance(network, vae.VAE):
                own = vae.decode_images(network, inputs["codes"])
            else:
                own = network(*inputs.values())
        onnx = exporting.export(model, "onnx", tmp_path / f"{name}.onnx")
        assert list(onnx.inputs) == list(inputs)
        assert list(onnx.outputs) == ["images"]
        assert torch.allclose(run_onnx(onnx.file, **inputs), own, atol=1e-4)
        pt2 = exporting.export(model, "pt2", tmp_path / f"{name}.pt2")
        given = torch.export.load(pt2.file).module()(*inputs.values())
        assert torch.allclose(given, own, atol=1e-4)


def test_weights_of_every_model_are_written_with_what_builds_it(tmp_path: Path):
    for name in ("cgan", "rbm", "hmm", "rnn"):
        model = load_trained(name)
        exported = torchcamp.export(model, "safetensors", tmp_path / f"{name}.safetensors")
        assert exported.largest_difference == 0
        tensors = load_file(exported.file)
        for key, value in model.network.state_dict().items():
            assert torch.equal(tensors[key], value)
        with safe_open(exported.file, "pt") as written:
            about = json.loads(written.metadata()["torchcamp"])
        assert about["recipe"] == name
        assert about["numbers"]["model"] == model.description["numbers"]["model"]
    config = cgan.CGANConfig(**load_trained("cgan").description["numbers"]["model"])
    rebuilt = cgan.make_generator(config)
    rebuilt.load_state_dict(load_file(tmp_path / "cgan.safetensors"))


@pytest.mark.parametrize("file_format", ["onnx", "pt2"])
def test_a_network_that_asks_for_the_length_of_a_batch_takes_any(tmp_path: Path, file_format: str):
    model = replace(load_trained("cnn"), network=WithLen().eval())
    exported = exporting.export(model, file_format, tmp_path / f"x.{file_format}")
    pixels = torch.rand(5, 1, 28, 28)
    with torch.no_grad():
        own = model.network(pixels)
    if file_format == "onnx":
        given = run_onnx(exported.file, pixels=pixels)
    else:
        given = torch.export.load(exported.file).module()(pixels)
    assert torch.allclose(given, own, atol=1e-4)


def test_what_is_not_one_graph_is_refused(tmp_path: Path):
    model = replace(load_trained("cnn"), network=Branching().eval())
    with pytest.raises(RecipeError, match="cannot be turned into one graph"):
        exporting.export(model, "pt2", tmp_path / "x.pt2")
    with pytest.raises(RecipeError, match="rnn is a RowRNN, which samples step by step"):
        exporting.export(load_trained("rnn"), "onnx", tmp_path / "x.onnx")
    with pytest.raises(RecipeError, match="unknown format 'h5'"):
        exporting.export(model, "h5", tmp_path / "x.h5")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file_format", exporting.FORMATS)
def test_a_file_that_gives_other_outputs_is_an_error_and_stays(
    tmp_path: Path, file_format: str, monkeypatch: pytest.MonkeyPatch
):
    as_it_is = exporting.Graph.outputs

    def shifted(graph: exporting.Graph, inputs: Any) -> torch.Tensor:
        return as_it_is(graph, inputs) + 0.01

    monkeypatch.setattr(exporting.Graph, "outputs", shifted)
    file = tmp_path / f"cnn.{file_format}"
    with pytest.raises(RunError, match=r"was written, but its outputs differ .* do not rely on it"):
        exporting.export(load_trained("cnn"), file_format, file)
    assert file.stat().st_size > 1000


def test_a_missing_package_is_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *args: None if name == "onnxscript" else find_spec(name, *args),
    )
    with pytest.raises(RecipeError, match="needs onnxscript: pip install onnx onnxscript onnxrun"):
        exporting.export(load_trained("cnn"), "onnx", tmp_path / "x.onnx")


def test_what_it_was_checked_on_is_said(tmp_path: Path, no_mnist: None):
    model = load_trained("cnn")
    exported = exporting.export(model, "safetensors", tmp_path / "x.safetensors")
    assert exported.checked_on == "16 pictures of noise"
    of_digits = replace(
        model,
        description={**model.description, "data": {"name": "digits"}},
        recipe=replace(model.recipe, data="digits"),  # type: ignore[type-var]
    )
    exported = exporting.export(of_digits, "safetensors", tmp_path / "x.safetensors")
    assert exported.checked_on == "16 pictures of digits"
    assert isinstance(of_digits, Trained)


def test_the_lines_in_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import onnxruntime
    import safetensors.torch

    from torchcamp.models.cnn import CNN, CNNConfig

    monkeypatch.chdir(tmp_path)
    model = load_trained("cnn")
    for file_format in exporting.FORMATS:
        exporting.export(model, file_format, f"net.{file_format}")
    text = (Path(__file__).parents[2] / "README.md").read_text().split("### Use it elsewhere")[1]
    blocks = re.findall(r"```python\n(.*?)```", text.split("\n## ")[0], re.S)
    assert len(blocks) == 3
    pixels = torch.rand(2, 1, 28, 28)
    names: dict[str, Any] = {
        "json": json, "torch": torch, "onnxruntime": onnxruntime, "safetensors": safetensors,
        "CNN": CNN, "CNNConfig": CNNConfig,
    }  # fmt: skip
    with torch.no_grad():
        expected = str(model.network(pixels)[0].argmax().item())
    for block in blocks:
        lines = block.strip().splitlines()
        names["pixels"] = pixels.numpy() if "onnx" in block else pixels
        exec("\n".join(lines[:-1]), names)
        assert eval(lines[-1], names) == expected
