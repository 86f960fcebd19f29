"""Style: mean teacher, few labels and many points without. Trap: the teacher runs in train mode in training, by no_grad, and is what is evaluated."""

import copy

import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(24)


def spirals(n):
    y = torch.randint(0, 2, (n,))
    r = torch.rand(n) * 2 + 0.3
    angle = 2 * r + torch.pi * y
    return torch.stack([r * angle.cos(), r * angle.sin()], 1) + 0.05 * torch.randn(n, 2), y


x, y = spirals(660)
labelled = DataLoader(TensorDataset(x[:60], y[:60]), batch_size=20, shuffle=True)
unlabelled = DataLoader(TensorDataset(x[60:460]), batch_size=40, shuffle=True)
test_loader = DataLoader(TensorDataset(x[460:], y[460:]), batch_size=100)

student = nn.Sequential(
    nn.Linear(2, 64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)
)
teacher = copy.deepcopy(student)
for parameter in teacher.parameters():
    parameter.requires_grad_(False)
optimizer = torch.optim.Adam(student.parameters(), lr=5e-3)


def update_teacher(alpha=0.95):
    for slow, fast in zip(teacher.parameters(), student.parameters(), strict=True):
        slow.data.mul_(alpha).add_(fast.data, alpha=1 - alpha)


def endless(loader):
    while True:
        yield from loader


few = endless(labelled)
for epoch in range(6):
    student.train()
    teacher.train()
    for (u,) in unlabelled:
        xb, yb = next(few)
        supervised = F.cross_entropy(student(xb), yb)
        with torch.no_grad():
            wanted = F.softmax(teacher(u + 0.02 * torch.randn_like(u)), dim=1)
        guessed = F.softmax(student(u + 0.02 * torch.randn_like(u)), dim=1)
        consistency = F.mse_loss(guessed, wanted)
        loss = supervised + min(1.0, epoch / 3) * consistency
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        update_teacher()

    teacher.eval()
    correct = 0
    with torch.no_grad():
        for xb, yb in test_loader:
            correct += (teacher(xb).argmax(1) == yb).sum().item()
    print(f"epoch {epoch}: loss {loss.item():.3f}, teacher {correct / 200:.3f}")
