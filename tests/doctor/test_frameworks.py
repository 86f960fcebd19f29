"""Scripts of Hugging Face's Trainer, Lightning and Accelerate; they run where those are installed.

`make test-frameworks` installs them and runs this file.
"""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.zygote import Zygote

FOLDER = Path(__file__).parent / "frameworks"
SCRIPTS = {
    "hf_trainer.py": "transformers",
    "hf_own_model.py": "transformers",
    "lightning_trainer.py": "lightning",
    "lightning_gan.py": "lightning",
    "accelerate_loop.py": "accelerate",
}
BUGS = [
    ("hf_own_model.py", "softmax-before-cross-entropy", "nn.Linear(64, 4)",
     "nn.Sequential(nn.Linear(64, 4), nn.Softmax(dim=1))"),
    ("hf_own_model.py", "dropout-always-on", "self.head(self.body(features))",
     "self.head(nn.functional.dropout(self.body(features), 0.5))"),
    ("hf_own_model.py", "unregistered-layers", "self.body = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.2))",
     "self.layers = [nn.Linear(20, 64), nn.ReLU()]\n"
     "        self.body = lambda x: self.layers[1](self.layers[0](x))"),
    ("lightning_trainer.py", "softmax-before-cross-entropy", "return self.net(x)", "return self.net(x).softmax(1)"),
    ("lightning_trainer.py", "loss-cut-from-network", "loss = F.cross_entropy(self(x), y)",
     "loss = F.cross_entropy(self(x).detach().requires_grad_(), y)"),
    ("lightning_trainer.py", "optimizer-does-not-own", "AdamW(self.parameters()",
     "AdamW(self.net[0].parameters()"),
    ("lightning_gan.py", "zero-grad-missing", "        d_optimizer.zero_grad()\n", ""),
    ("lightning_gan.py", "no-gradient-reaches", "scores = self.discriminator(fake)",
     "scores = self.discriminator(fake.detach())"),
    ("accelerate_loop.py", "zero-grad-missing", "            optimizer.zero_grad()\n", ""),
    ("accelerate_loop.py", "eval-missing", "    model.eval()\n", ""),
]  # fmt: skip


def needs(script: str) -> None:
    if find_spec(SCRIPTS[script]) is None:
        pytest.skip(f"needs {SCRIPTS[script]}: make test-frameworks")


def codes(zygote: Zygote, folder: Path, script: str, source: str) -> list[str]:
    root = folder / "root"
    root.mkdir()
    (root / script).write_text(source)
    diagnosis = zygote.diagnose(script, folder / "doctor", root)
    assert diagnosis.watched.ended == "end"
    assert diagnosis.watched.steps >= 6
    return [each.code for each in diagnosis.findings if each.severity != "note"]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_right_script_of_a_framework_has_no_finding(
    zygote: Zygote, tmp_path: Path, script: str
) -> None:
    needs(script)
    assert codes(zygote, tmp_path, script, (FOLDER / script).read_text()) == []


@pytest.mark.parametrize(("script", "code", "old", "new"), BUGS)
def test_a_bug_in_a_script_of_a_framework_is_found(
    zygote: Zygote, tmp_path: Path, script: str, code: str, old: str, new: str
) -> None:
    source = (FOLDER / script).read_text()
    assert source.count(old) == 1
    needs(script)
    assert code in codes(zygote, tmp_path, script, source.replace(old, new))
