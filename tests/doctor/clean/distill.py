"""Style: knowledge distillation. Trap: softmax of the teacher, no gradient into it, two networks a step."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(29)
TEMPERATURE, ALPHA = 3.0, 0.7

g = torch.randn(10, 2, 20)
labels = torch.randint(10, (1600,))
points = g[labels, torch.randint(2, (1600,))] + 0.8 * torch.randn(1600, 20)
train_loader = DataLoader(TensorDataset(points[:1200], labels[:1200]), 50, shuffle=True)
val_loader = DataLoader(TensorDataset(points[1200:], labels[1200:]), 100)


def mlp(width, p):
    return nn.Sequential(
        nn.Linear(20, width), nn.ReLU(), nn.Dropout(p),
        nn.Linear(width, width), nn.ReLU(), nn.Dropout(p),
        nn.Linear(width, 10),
    )  # fmt: skip


@torch.no_grad()
def accuracy(model):
    model.eval()
    return sum((model(x).argmax(1) == y).sum().item() for x, y in val_loader) / 400


def train_teacher(teacher, epochs=4):
    optimizer = torch.optim.Adam(teacher.parameters(), lr=2e-3)
    for _ in range(epochs):
        teacher.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(teacher(x), y).backward()
            optimizer.step()
        print(f"teacher {accuracy(teacher):.3f}")


def distillation_loss(student_logits, teacher_logits, y):
    soft = F.kl_div(
        F.log_softmax(student_logits / TEMPERATURE, dim=1),
        F.softmax(teacher_logits / TEMPERATURE, dim=1),
        reduction="batchmean",
    )
    hard = F.cross_entropy(student_logits, y)
    return ALPHA * TEMPERATURE**2 * soft + (1 - ALPHA) * hard


def train_student(student, teacher, epochs=5):
    optimizer = torch.optim.Adam(student.parameters(), lr=3e-3)
    teacher.eval()
    for epoch in range(epochs):
        student.train()
        for x, y in train_loader:
            with torch.no_grad():
                teacher_logits = teacher(x)
            loss = distillation_loss(student(x), teacher_logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"student, epoch {epoch}: {accuracy(student):.3f}")


big, small = mlp(128, 0.3), mlp(16, 0.0)
train_teacher(big)
train_student(small, big)
