"""Notes that rest on the text of a script."""

from collections.abc import Callable

import pytest

from torchcamp.doctor.diagnosis import Diagnosis

SCRIPT = """
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
val = TensorDataset(torch.randn(70, 4), torch.randint(3, (70,)))
val_loader = DataLoader(val, batch_size=32, shuffle=True)
net = nn.Linear(4, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
total = 0.0
for x, y in val_loader:
    loss = nn.functional.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    total += ADDED
print(total / len(DIVIDED))
"""


@pytest.mark.parametrize(
    ("added", "divided", "is_wrong"),
    [
        ("loss.item()", "val_loader", True),
        ("loss.item() * len(x)", "val", False),
        ("(net(x).argmax(1) == y).sum().item()", "val", False),
        ("(net(x).argmax(1) == y).sum().item()", "val_loader", False),
        ("loss.item()", "val", False),  # of another kind
    ],
)
def test_a_mean_of_means_is_noted(
    diagnosed: Callable[..., Diagnosis], added: str, divided: str, is_wrong: bool
):
    found = diagnosed(SCRIPT.replace("ADDED", added).replace("DIVIDED", divided)).findings
    assert ("last-batch-weighted-wrong" in {each.code for each in found}) == is_wrong
