"""What takes the place of packages and data that are not here."""

from collections.abc import Callable
from pathlib import Path

from torchcamp.doctor.diagnosis import Diagnosis

Diagnose = Callable[..., Diagnosis]

SCRIPT = """
import random
import numpy as np
import matplotlib.pyplot as plt
import torch
import torchvision
from torch import nn
from torch.utils.tensorboard import SummaryWriter
from torchvision import datasets, transforms
from tqdm import tqdm

torch.manual_seed(0), np.random.seed(0), random.seed(0)
transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
before = torch.get_rng_state()
train = datasets.MNIST("data", train=True, download=True, transform=transform)
assert torch.equal(before, torch.get_rng_state()) and np.random.rand() == np.random.RandomState(0).rand()
test = datasets.MNIST("data", train=False, transform=transform)
assert len(train) % 64 == 60000 % 64 and train.data.dtype is torch.uint8 and len(train.classes) == 10
loader = torch.utils.data.DataLoader(train, batch_size=64, shuffle=True, num_workers=2, pin_memory=True)
net = nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10)).cuda()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
writer = SummaryWriter()
for epoch in range(2):
    for step, (x, y) in enumerate(tqdm(loader, desc="training")):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x.to("cuda")), y.cuda(non_blocking=True))
        loss.backward()
        opt.step()
        writer.add_scalar("loss", loss.item(), step)
pictures = torch.stack([test[i][0] for i in range(len(test))])
labels = torch.tensor([test[i][1] for i in range(len(test))])
with torch.no_grad():
    accuracy = (net(pictures).argmax(1) == labels).float().mean().item()
figure, axes = plt.subplots(2, 3)
axes[1, 2].imshow(pictures[0, 0])
(line,) = plt.plot([1, 2])
plt.savefig(f"{epoch:03d}.png", **{"s": 3, "self": 1})
grid = torchvision.utils.make_grid(pictures[:6], nrow=3)
assert grid.shape == (3, 62, 92) and not torch.cuda.is_available()
torch.zeros(2, device="cuda:0") + torch.cuda.FloatTensor([1, 2])
backbone = torchvision.models.resnet18(weights=torchvision.models.ResNet18_Weights.DEFAULT)
backbone.fc = nn.Linear(backbone.fc.in_features, 3)
assert backbone(torch.zeros(2, 3, 64, 64)).shape == (2, 3)
open("said.txt", "w").write(str(accuracy))
"""


def test_a_script_runs_on_stand_ins_and_learns(diagnosed: Diagnose, tmp_path: Path) -> None:
    diagnosis = diagnosed(SCRIPT, steps=40)
    assert diagnosis.watched.ended == "end"
    said = next((tmp_path / "doctor/work").rglob("said.txt")).read_text()
    assert float(said) > 0.6  # made-up digits have patterns that a network can learn
    used = " ".join(diagnosis.stand_ins)
    for word in (
        "torchvision",
        "matplotlib",
        "MNIST: 2,400",
        "MNIST: 400",
        "resnet18",
        "CUDA",
    ):
        assert word in used, used
    assert any("made up" in each for each in diagnosis.not_watched)


def test_a_mistake_in_the_transforms_is_the_scripts_own(diagnosed: Diagnose) -> None:
    wrong = SCRIPT.replace("Normalize((0.5,), (0.5,))", "Normalize((0.5,) * 3, (0.5,) * 3)")
    diagnosis = diagnosed(wrong)
    assert "doesn't match the broadcast shape" in diagnosis.watched.ended


def test_what_is_installed_is_not_replaced_and_what_is_unknown_is_missing(
    diagnosed: Diagnose, tmp_path: Path
) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root/seaborn.py").write_text("def plot(x):\n    return [0]\n")
    diagnosis = diagnosed(
        "from seaborn import plot\nassert plot([1, 2]) == [0]\nimport surely_missing\n"
    )
    assert diagnosis.watched.ended == "ModuleNotFoundError: No module named 'surely_missing'"
    assert diagnosis.stand_ins == []
