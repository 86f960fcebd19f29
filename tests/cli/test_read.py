"""`torchcamp read` as it is typed: terminal, JSON, page, outline, exit codes."""

import json
import shlex
from pathlib import Path

import pytest

from tests.cli.program import one_line, torchcamp

VAE = Path(__file__).parents[2] / "src" / "torchcamp" / "models" / "vae.py"
KEYS = {
    "target", "input", "guessed", "lines", "totals", "skipped_statements", "blocked", "not_seen",
    "crash",
}  # fmt: skip
LINE_KEYS = {
    "file", "line", "end_line", "source", "calls", "executed", "values", "params",
    "flops_forward", "flops_backward", "seconds_share", "saved_bytes", "nodes", "not_counted",
}  # fmt: skip
TOTALS = {
    "parameters", "flops_forward", "flops_backward", "ops", "ops_attributed", "nodes",
    "nodes_attributed", "peak_bytes", "forward_seconds", "traced_seconds",
}  # fmt: skip


def read_json(*args: str, cwd: Path, code: int = 0) -> dict:
    result = torchcamp("read", *args, "--json", cwd=cwd)
    assert result.returncode == code, result.stderr
    assert result.stdout.count("\n") == 1
    return json.loads(result.stdout)


def test_our_own_vae_as_json(tmp_path: Path):
    reading = read_json(f"{VAE}:VAE", cwd=tmp_path)
    assert set(reading) >= KEYS
    assert all(set(line) >= LINE_KEYS for line in reading["lines"])
    assert set(reading["totals"]) >= TOTALS
    assert reading["guessed"]
    assert reading["totals"]["ops"] == reading["totals"]["ops_attributed"] > 20
    functions = {line["function"] for line in reading["lines"]}
    assert {"VAE.encode", "VAE.forward", "GatedLinear.forward", "reparameterize"} <= functions
    assert sum(line["seconds_share"] for line in reading["lines"]) == pytest.approx(1)
    assert list(tmp_path.iterdir()) == []


def test_a_class_of_torch_on_the_terminal(tmp_path: Path):
    result = torchcamp(
        "read", "torch.nn:TransformerEncoderLayer", "--args", "d_model=16, nhead=2", "--input",
        "2x5x16", cwd=tmp_path,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert "TransformerEncoderLayer._ff_block" in result.stdout
    assert "statements not run" in result.stdout
    assert "not a sandbox" in result.stderr
    assert all(len(line) <= 150 for line in result.stdout.splitlines())


def test_a_function_with_its_arguments(tmp_path: Path):
    file = tmp_path / "step.py"
    file.write_text(
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 2)\n"
        "    def forward(self, x):\n        return self.fc(x)\n"
        "def loss(network, x, scale=1.0):\n    return (network(x) * scale).square().mean()\n"
    )
    target = "step.py:loss"
    reading = read_json(
        target, "--args", "network=Net()", "--input", "x=3x4", "--input", "scale=float:2.0",
        cwd=tmp_path,
    )  # fmt: skip
    assert reading["backward"] == "from the loss"
    params = [name for line in reading["lines"] for name in line["params"]]
    assert params == ["network.fc.weight", "network.fc.bias"]
    assert reading["lines"][0]["file"] == "step.py"
    result = torchcamp("read", target, cwd=tmp_path)
    assert result.returncode == 2
    assert "torchcamp read step.py:loss --input network=2x16 --input x=2x16" in one_line(result)


def test_a_model_that_crashes_is_shown_and_exits_with_1(tmp_path: Path):
    (tmp_path / "bad.py").write_text(
        "from torch import nn\nclass Bad(nn.Module):\n    def __init__(self):\n"
        "        super().__init__()\n        self.a, self.b = nn.Linear(4, 5), nn.Linear(4, 2)\n"
        "    def forward(self, x):\n        h = self.a(x)\n        return self.b(h)\n"
    )
    result = torchcamp("read", "bad.py:Bad", "--input", "2x4", cwd=tmp_path)
    assert result.returncode == 1
    assert "fails at bad.py:8 in the forward pass" in result.stdout
    assert "it met b.weight (2, 4)" in result.stdout
    assert "h (2, 5)" in result.stdout
    reading = read_json("bad.py:Bad", "--input", "2x4", cwd=tmp_path, code=1)
    assert reading["crash"]["line"] == 8


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["no.py:Net"], "no.py does not exist"),
        (["no.py"], "no.py does not exist; name a Python file or a folder"),
        ([f"{VAE}:VAEE"], "has no 'VAEE'"),
        ([f"{VAE}:VAE", "--input", "2xq"], "--input 2xq"),
        ([f"{VAE}:VAE", "--args", "16"], "each argument needs its name"),
        ([f"{VAE}:VAE", "--argv", "'a"], """--argv "'a": No closing quotation"""),
        ([f"{VAE}:VAE", "--call", "nope"], "no method 'nope'"),
        (["torch.nn:Linear"], "needs in_features and out_features"),
        (["torch.nn:no_such"], "has no 'no_such'"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path: Path, args: list[str], words: str):
    result = torchcamp("read", *args, cwd=tmp_path)
    assert result.returncode == 2
    assert words in one_line(result)


def test_the_time_limit(tmp_path: Path):
    (tmp_path / "slow.py").write_text(
        "from torch import nn\nclass Slow(nn.Module):\n    def forward(self, x):\n"
        "        while True:\n            x = x + 1\n"
    )
    result = torchcamp("read", "slow.py:Slow", "--input", "2", "--limit", "8", cwd=tmp_path)
    assert result.returncode == 2
    assert "not read within 8 s" in one_line(result)


def test_what_is_blocked_is_reported(tmp_path: Path):
    (tmp_path / "net.py").write_text(
        "import os, subprocess\nfrom torch import nn\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(3, 2)\n"
        "        os.makedirs('images')\n"
        "    def forward(self, x):\n        try:\n            subprocess.run(['ls'])\n"
        "        except OSError:\n            pass\n        try:\n"
        f"            open({str(tmp_path / 'out.txt')!r}, 'w')\n"
        "        except OSError:\n            pass\n        return self.fc(x)\n"
    )
    reading = read_json("net.py:Net", cwd=tmp_path)
    assert "program: ls" in reading["blocked"]
    assert f"write {tmp_path / 'out.txt'}" in reading["blocked"]
    assert any(words.startswith("mkdir images (in a folder") for words in reading["blocked"])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.py"]


def test_make_input_and_call(tmp_path: Path):
    (tmp_path / "net.py").write_text(
        "import torch\nfrom torch import nn\nclass Net(nn.Module):\n"
        "    def encode(self, a, b):\n        return a + b\n"
        "def make_input():\n    return torch.zeros(2, 3), torch.ones(3)\n"
    )
    reading = read_json("net.py:Net", "--call", "encode", cwd=tmp_path)
    assert not reading["guessed"]
    assert [entry["shape"] for entry in reading["input"]] == [[2, 3], [3]]


def test_the_outline_of_a_folder_and_its_commands(tmp_path: Path):
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "a net.py").write_text(
        "import torch\nfrom torch import nn\nraise RuntimeError('nothing is run')\n"
        "class Base(nn.Module):\n    def forward(self, x):\n        return x\n"
        "class Deep(Base):\n    def __init__(self, dim, heads=2):\n        super().__init__()\n"
        "class Pair(nn.Module):\n    def forward(self, left, right):\n        return left\n"
        "class Plain:\n    pass\n"
        "net = Deep(4)\noptimizer = torch.optim.Adam(net.parameters(), lr=1e-3)\n"
        "criterion = nn.CrossEntropyLoss()\n"
    )
    (tmp_path / "empty.py").write_text("x = 1\n")
    result = torchcamp("read", ".", "--json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    (entry,) = json.loads(result.stdout)
    assert [found["name"] for found in entry["classes"]] == ["Base", "Deep", "Pair"]
    assert entry["classes"][1]["parameters"] == ["dim", "heads=2"]
    assert entry["optimizers"][0]["owns"] == "net.parameters()"
    assert entry["losses"][0]["source"] == "nn.CrossEntropyLoss()"
    command = shlex.split(entry["classes"][2]["command"])
    assert command[:3] == ["torchcamp", "read", "nets/a net.py:Pair"]
    assert command[3:] == ["--input", "left=2x16", "--input", "right=2x16"]
    read = torchcamp(*command[1:], "--json", cwd=tmp_path)
    assert read.returncode == 0, read.stderr
    words = torchcamp("read", "nets", cwd=tmp_path)
    assert "3 classes can be read" in words.stderr
    assert "owns net.parameters()" in words.stdout
