"""Code of strangers: each kind of file or call that the reader once got wrong."""

import importlib.util
import json
import os
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from torchcamp.base.errors import ReadError
from torchcamp.reading.process import read_target
from torchcamp.reading.reader import read
from torchcamp.reading.reading import Reading

HEAD = "import torch\nfrom torch import nn\nimport functools\n"


def reading_of(tmp_path: Path, source: str, target: str, **options: object) -> Reading:
    (tmp_path / "net.py").write_text(HEAD + source)
    return read_target(f"{tmp_path / 'net.py'}:{target}", **options)  # type: ignore[arg-type]


# --- 1: convolutions -------------------------------------------------------------------


def counted(layer: nn.Module, shape: tuple[int, ...]) -> tuple[float, float]:
    """FLOPs forward and backward, with a gradient for the input too."""
    layer.train()
    inputs = torch.randn(shape, requires_grad=True)
    totals = read(layer, (inputs,), {}, target="layer", is_user=lambda file: False).totals
    return totals.flops_forward, totals.flops_backward


def products(layer: nn.Module, shape: tuple[int, ...]) -> int:
    """Multiplications of one forward pass, counted one by one: each weight's partners."""
    weight = layer.weight
    assert isinstance(weight, Tensor)
    ones = layer.__class__(
        layer.in_channels, layer.out_channels, layer.kernel_size, stride=layer.stride,  # type: ignore[attr-defined]
        padding=layer.padding, dilation=layer.dilation, groups=layer.groups, bias=False,  # type: ignore[attr-defined]
    )  # fmt: skip
    nn.init.ones_(ones.weight)  # type: ignore[arg-type]
    return int(ones(torch.ones(shape, dtype=torch.float32)).double().sum())  # padding adds zeros


@pytest.mark.parametrize(
    ("layer", "shape", "forward"),
    [
        (nn.Conv2d(64, 64, 3, padding=1, groups=64), (1, 64, 32, 32), 2 * 64 * 9 * 32 * 32),
        (nn.Conv2d(8, 12, 3, groups=4), (2, 8, 9, 9), 2 * 2 * 12 * 2 * 9 * 7 * 7),
        (nn.Conv2d(3, 5, 3, stride=2, dilation=2), (2, 3, 11, 11), 2 * 2 * 5 * 3 * 9 * 4 * 4),
        (nn.Conv1d(6, 4, 5, groups=2), (3, 6, 20), 2 * 3 * 4 * 3 * 5 * 16),
        (nn.Conv3d(4, 4, 2, groups=4), (1, 4, 5, 5, 5), 2 * 4 * 8 * 4**3),
        (nn.ConvTranspose2d(4, 6, 3, stride=2), (2, 4, 5, 5), 2 * 2 * 4 * 5 * 5 * 6 * 9),
        (nn.ConvTranspose2d(4, 8, 2, groups=2), (1, 4, 5, 5), 2 * 4 * 25 * 4 * 4),
        (nn.ConvTranspose1d(6, 4, 4, stride=2, groups=2), (2, 6, 7), 2 * 2 * 6 * 7 * 2 * 4),
    ],
    ids=str,
)
def test_flops_of_every_convolution(layer: nn.Module, shape: tuple[int, ...], forward: int) -> None:
    assert counted(layer, shape) == (forward, 2 * forward)
    if not isinstance(layer, nn.ConvTranspose1d | nn.ConvTranspose2d) and not any(layer.padding):  # type: ignore[arg-type]
        assert 2 * products(layer, shape) == forward


def test_backward_flops_without_a_gradient_for_the_input() -> None:
    layer = nn.Conv2d(8, 8, 3, groups=8)
    totals = read(
        layer, (torch.randn(1, 8, 6, 6),), {}, target="layer", is_user=lambda file: False
    ).totals
    assert totals.flops_backward == totals.flops_forward == 2 * 8 * 9 * 16


def test_torchs_own_counter_is_wrong_where_ours_differs() -> None:
    """When this fails, torch has mended its formula: take ours out."""
    layer = nn.Conv2d(64, 64, 3, padding=1, groups=64)
    with FlopCounterMode(display=False) as counter:
        layer(torch.randn(1, 64, 32, 32, requires_grad=True)).sum().backward()
    right = 3 * 2 * 64 * 9 * 32 * 32
    assert counter.get_total_flops() > 10 * right


# --- 2: sibling scripts ----------------------------------------------------------------

SIBLING = """
import torch
from torch import nn
WIDTH = 8
FACTOR = 2
def scale():
    return FACTOR
class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.linear = nn.Linear(n, n)
    def forward(self, x):
        return self.linear(x) * scale()
model = Block(WIDTH)
for step in range(10):
    raise RuntimeError("this trains")
open("log.txt", "w").write("trained")
"""


@pytest.mark.parametrize(
    "imports",
    ["from sibling import Block, WIDTH", "import sibling\nBlock, WIDTH = sibling.Block, sibling.WIDTH",
     "from sibling import *\nWIDTH = 8"],
)  # fmt: skip
def test_a_sibling_script_is_sliced(tmp_path: Path, imports: str) -> None:
    (tmp_path / "sibling.py").write_text(SIBLING)
    source = f"""{imports}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block(WIDTH)
    def forward(self, x):
        return self.block(x)
"""
    reading = reading_of(tmp_path, source, "Net")
    assert not reading.crash
    assert reading.totals.parameters == 8 * 8 + 8
    assert not reading.blocked


# --- 3: factories and instances --------------------------------------------------------

FACTORIES = """
net = nn.Sequential(nn.Linear(10, 5), nn.ReLU(), nn.Linear(5, 2))
def make_net(width=7):
    return nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Linear(width, 2))
def typed(width: int) -> nn.Module:
    return nn.Linear(10, width)
half = functools.partial(make_net, width=3)
small = lambda: nn.Linear(10, 4)
def double(x):
    return x * 2
"""


@pytest.mark.parametrize(
    ("target", "args", "inputs", "parameters"),
    [
        ("net", "", ["2x10"], 67),
        ("net", "", [], 67),
        ("make_net", "", ["2x10"], 7 * 11 + 2 * 8),
        ("make_net", "width=9", [], 9 * 11 + 2 * 10),
        ("typed", "width=6", ["2x10"], 66),
        ("half", "", ["2x10"], 3 * 11 + 2 * 4),
        ("small", "", [], 44),
        ("double", "", ["2x10"], 0),
    ],
)
def test_a_factory_is_called_and_an_instance_read(
    tmp_path: Path, target: str, args: str, inputs: list[str], parameters: int
) -> None:
    reading = reading_of(tmp_path, FACTORIES, target, args=args, inputs=inputs)
    assert not reading.crash
    assert reading.totals.parameters == parameters
    assert reading.totals.ops > 0


@pytest.mark.skipif(importlib.util.find_spec("torchvision") is None, reason="needs torchvision")
def test_resnet18_of_torchvision() -> None:
    reading = read_target("torchvision.models:resnet18", inputs=["1x3x64x64"])
    assert round(reading.totals.parameters / 1e6, 1) == 11.7


# --- 4: what inputs and arguments mean -------------------------------------------------

TYPED = """
class Net(nn.Module):
    def __init__(self, act=None):
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.act = act or nn.Identity()
    def forward(self, x, img_size: int = 32, scale=0.5, other=None):
        if other is not None:
            assert other.shape == (64,)
        assert isinstance(img_size, int) and isinstance(scale, float), (img_size, scale)
        return self.act(self.linear(x)) * scale
"""


def test_a_number_is_what_the_signature_says(tmp_path: Path) -> None:
    reading = reading_of(
        tmp_path, TYPED, "Net", inputs=["2x3", "img_size=64", "scale=2", "other=64"]
    )
    assert not reading.crash, reading.crash
    assert [each.value for each in reading.input[1:3]] == ["64", "2.0"]
    assert reading.input[3].shape == (64,)


def test_the_type_of_the_whole_network(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, TYPED, "Net", inputs=["2x3"], dtype="float64")
    assert not reading.crash
    assert {value.dtype for line in reading.lines for value in line.values} == {"float64"}
    with pytest.raises(ReadError, match="float31"):
        reading_of(tmp_path, TYPED, "Net", inputs=["x=float31:2x3"])


@pytest.mark.parametrize(
    "text",
    [
        "lambda x: F.relu(x * math.pi)",
        pytest.param("nn.ReLU()", marks=pytest.mark.slow),
        pytest.param("torch.tanh", marks=pytest.mark.slow),
        pytest.param("lambda x: x * np.pi", marks=pytest.mark.slow),
    ],
)
def test_the_usual_modules_have_their_names_in_args(tmp_path: Path, text: str) -> None:
    reading = reading_of(tmp_path, TYPED, "Net", args=f"act={text}", inputs=["2x3"])
    assert not reading.crash


# --- 5: odd modules and files ----------------------------------------------------------


def test_a_package_that_imports_its_parts_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site-packages" / "lazypack"
    package.mkdir(parents=True)
    (package / "net.py").write_text(HEAD + "class Net(nn.Linear):\n    pass\n")
    (package / "__init__.py").write_text(
        "def __getattr__(name):\n"
        "    if name == 'Net':\n        from lazypack.net import Net\n        return Net\n"
        "    raise AttributeError(name)\n"
    )  # fmt: skip
    monkeypatch.setenv(
        "PYTHONPATH", f"{package.parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"
    )
    monkeypatch.syspath_prepend(str(package.parent))
    reading = read_target("lazypack:Net", args="in_features=3, out_features=2", inputs=["2x3"])
    assert reading.totals.parameters == 8


def test_a_class_of_a_notebook(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": "# A network"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import torch\n", "from torch import nn"]},
        {"cell_type": "code", "source": "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
         "        self.fc = nn.Linear(4, 2)\n    def forward(self, x):\n        return self.fc(x)"},
        {"cell_type": "code", "source": "!pip list\nraise RuntimeError('trains')"},
    ]  # fmt: skip
    (tmp_path / "net.ipynb").write_text(json.dumps({"cells": cells}))
    reading = read_target(f"{tmp_path / 'net.ipynb'}:Net")
    assert not reading.crash
    assert reading.totals.parameters == 10
    assert any("# Cell 2" in line for lines in reading.files.values() for line in lines)


def test_what_a_script_adds_to_the_search_path(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(HEAD + "def layer():\n    return nn.Linear(5, 5)\n")
    (tmp_path / "scripts").mkdir()
    for number, path in enumerate(['".."', "os.path.join(os.path.dirname(__file__), '..')"]):
        source = (
            f"import os, sys\nsys.path.append({path})\nfrom layers import layer\nnet = layer()\n"
        )
        file = tmp_path / "scripts" / f"train{number}.py"
        file.write_text(HEAD + source)
        assert read_target(f"{file}:net").totals.parameters == 30


ODD = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.modules = [1, 2]
        self.fc = nn.Linear(6, 3)
    def forward(self, *inputs):
        return self.fc(inputs[0]).cuda() + torch.ones(3, device="cuda")
class Jagged(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        nested = torch.nested.nested_tensor([x[:1], x], layout=torch.jagged)
        return self.fc(nested).values()
"""


def test_star_inputs_an_overwritten_method_and_cuda(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, ODD, "Net")
    assert not reading.crash, reading.crash
    assert reading.totals.parameters == 21
    assert any("CUDA is not available" in note for note in reading.notes)


def test_jagged_tensors(tmp_path: Path) -> None:
    reading = reading_of(tmp_path, ODD, "Jagged", inputs=["3x4"])
    assert not reading.crash, reading.crash
    assert reading.totals.parameters == 10
    json.dumps(reading.as_json())


# --- 6: architectures of Hugging Face --------------------------------------------------


def test_an_architecture_from_its_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for transformers: the parts of it that we use."""
    (tmp_path / "transformers.py").write_text(f"""{HEAD}
class TinyConfig:
    def __init__(self, n=4):
        self.n = n
CONFIG_MAPPING = {{"tiny": TinyConfig}}
class Tiny(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.fc = nn.Linear(config.n, config.n)
        self.dummy_inputs = {{"x": torch.ones(2, config.n)}}
    def forward(self, x=None):
        return self.fc(x)
class AutoModel:
    @staticmethod
    def from_config(config):
        return Tiny(config)
""")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    for target in ("hf:tiny", "hf:TinyConfig"):
        reading = read_target(target, args="n=6")
        assert not reading.crash
        assert reading.totals.parameters == 42
        assert reading.guessed
    with pytest.raises(ReadError, match="Did you mean 'tiny'"):
        read_target("hf:tinny")


@pytest.mark.skipif(importlib.util.find_spec("transformers") is not None, reason="it is there")
def test_without_transformers_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="pip install transformers"):
        read_target("hf:gpt2")


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="needs transformers")
def test_gpt2_in_small() -> None:
    reading = read_target("hf:gpt2", args="n_layer=2, n_embd=32, n_head=2, vocab_size=50")
    assert not reading.crash
    assert reading.totals.parameters == 59_840
