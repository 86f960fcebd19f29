"""`hf:ARCHITECTURE`: with a small package of our own called transformers, and with the real one."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from torchcamp.base.errors import ReadError
from torchcamp.reading.answering import answer
from torchcamp.reading.process import Request
from torchcamp.reading.reading import Reading

FAKE = """
import dataclasses
import torch
from torch import nn
@dataclasses.dataclass
class TextConfig:
    vocab_size: int = 11
    hidden_size: int = 4
@dataclasses.dataclass
class PictureConfig:
    image_size: int = 8
    num_channels: int = 1
    hidden_size: int = 4
class BrokenConfig:
    pass
CONFIG_MAPPING = {"text": TextConfig, "picture": PictureConfig}
class Text(nn.Module):
    main_input_name = "input_ids"
    config_class = TextConfig
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.vocab_size, config.hidden_size)
    def forward(self, input_ids=None, decoder_input_ids=None):
        return self.embed(input_ids) + self.embed(decoder_input_ids)
class Picture(nn.Module):
    main_input_name = "pixel_values"
    dummy_inputs = {"input_ids": torch.ones(2, 3).long()}
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.fc = nn.Linear(config.num_channels * config.image_size ** 2, config.hidden_size)
    def forward(self, pixel_values):
        return self.fc(pixel_values.flatten(1))
class AutoModel:
    @staticmethod
    def from_config(config):
        return {TextConfig: Text, PictureConfig: Picture}[type(config)](config)
"""


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "transformers.py").write_text(FAKE)
    monkeypatch.syspath_prepend(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "transformers"]:
        monkeypatch.delitem(sys.modules, name)


def read_of(target: str, tmp_path: Path, args: str = "", inputs: tuple[str, ...] = ()) -> Reading:
    request = Request(
        target=target, inputs=list(inputs), args=args, method="", argv="", full_import=False,
        dtype="", root=str(tmp_path), work=str(tmp_path),
    )  # fmt: skip
    return answer(request, target)


@pytest.mark.usefixtures("fake")
def test_a_model_type_or_a_config_class_is_built_without_weights(tmp_path: Path):
    for target in ("hf:text", "hf:TextConfig"):
        reading = read_of(target, tmp_path, args="hidden_size=6")
        assert reading.crash is None
        assert reading.totals.parameters == 66
        assert [(each.name, each.shape) for each in reading.input] == [
            ("input_ids", (2, 16)), ("decoder_input_ids", (2, 16)),
        ]  # fmt: skip
        assert reading.guessed
        sources = {line.source.strip() for line in reading.lines}
        assert "return self.embed(input_ids) + self.embed(decoder_input_ids)" in sources


@pytest.mark.usefixtures("fake")
def test_inputs_are_of_the_size_of_the_config(tmp_path: Path):
    reading = read_of("hf:picture", tmp_path, args="image_size=6, num_channels=2")
    assert reading.input[0].shape == (2, 2, 6, 6)
    assert reading.totals.parameters == (2 * 36 + 1) * 4
    given = read_of("hf:picture", tmp_path, inputs=("pixel_values=3x1x8x8",))
    assert (given.guessed, given.input[0].shape) == (False, (3, 1, 8, 8))


@pytest.mark.usefixtures("fake")
def test_a_models_class_finds_its_config(tmp_path: Path):
    reading = read_of("transformers:Text", tmp_path)
    assert reading.totals.parameters == 44
    assert "argument guessed: config = TextConfig()" in reading.notes
    own = read_of("transformers:Text", tmp_path, args="config=TextConfig(hidden_size=5)")
    assert own.totals.parameters == 55


@pytest.mark.usefixtures("fake")
def test_what_there_is_not(tmp_path: Path):
    for target, args, words in (
        ("hf:txet", "", r"transformers has no architecture 'txet'\. Did you mean 'text'\?"),
        ("hf:TextConfg", "", r"Did you mean 'TextConfig'\?"),
        ("hf:AutoModel", "", "transformers has no architecture 'AutoModel'"),
        ("hf:text", "hiden_size=3", r"TextConfig has no 'hiden_size'\. Did you mean 'hidden_size'"),
        ("hf:BrokenConfig", "", "BrokenConfig.* failed: KeyError"),
    ):
        with pytest.raises(ReadError, match=words):
            read_of(target, tmp_path, args=args)


def test_without_transformers_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ReadError, match=r"hf:gpt2 needs the transformers package.*pip install"):
        read_of("hf:gpt2", tmp_path)


# --- With the real one -----------------------------------------------------------------

real = pytest.mark.skipif(
    importlib.util.find_spec("transformers") is None, reason="transformers is not installed"
)
SMALL = {
    "gpt2": "n_layer=2, n_embd=32, n_head=2, vocab_size=50",
    "GPT2Config": "n_layer=2, n_embd=32, n_head=2, vocab_size=50",
    "bert": "num_hidden_layers=1, hidden_size=32, num_attention_heads=2, intermediate_size=64",
    "vit": "num_hidden_layers=1, hidden_size=32, num_attention_heads=2, image_size=32, patch_size=8",
    "t5": "num_layers=1, d_model=32, d_kv=8, d_ff=64, num_heads=2, vocab_size=50",
}


@real
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SMALL)
def test_a_real_architecture_in_small(name: str, tmp_path: Path):
    reading = read_of(f"hf:{name}", tmp_path, args=SMALL[name])
    assert reading.crash is None, reading.crash
    assert reading.guessed
    assert reading.lines
    assert reading.totals.flops_backward > reading.totals.flops_forward > 0
    if "gpt2" in name.lower():
        assert reading.totals.parameters == 59_840


@real
@pytest.mark.filterwarnings("ignore")
def test_a_lazy_module_of_the_real_package(tmp_path: Path):
    args: Any = "config=GPT2Config(n_layer=1, n_embd=32, n_head=2, vocab_size=50)"
    reading = read_of("transformers:GPT2LMHeadModel", tmp_path, args=args)
    assert reading.crash is None, reading.crash
    assert reading.totals.parameters == 47_136
