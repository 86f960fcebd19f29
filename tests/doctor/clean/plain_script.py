"""Style: one flat script, no functions. Trap: everything at the top level, metrics as tensors."""

import torch
import torch.nn as nn
import torch.optim as optim
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(42)

BATCH_SIZE = 32
EPOCHS = 6
LR = 0.05

centres = torch.randn(4, 10) * 1.5
y = torch.randint(0, 4, (1000,))
X = centres[y] + torch.randn(1000, 10)

train_set, val_set, test_set = random_split(TensorDataset(X, y), [700, 150, 150])
train_loader = DataLoader(train_set, batch_size=BATCH_SIZE, shuffle=True)
val_loader = DataLoader(val_set, batch_size=BATCH_SIZE)
test_loader = DataLoader(test_set, batch_size=BATCH_SIZE)

model = nn.Sequential(
    nn.Linear(10, 64),
    nn.BatchNorm1d(64),
    nn.ReLU(),
    nn.Dropout(0.2),
    nn.Linear(64, 4),
)
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=LR, momentum=0.9)
scheduler = optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.5)

for epoch in range(EPOCHS):
    model.train()
    running_loss = 0.0
    for inputs, targets in train_loader:
        optimizer.zero_grad()
        outputs = model(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        running_loss += loss.item() * inputs.size(0)
    scheduler.step()
    train_loss = running_loss / len(train_set)

    model.eval()
    val_loss = torch.zeros(())
    correct = 0
    with torch.no_grad():
        for inputs, targets in val_loader:
            outputs = model(inputs)
            val_loss += criterion(outputs, targets) * len(targets)
            correct += (outputs.argmax(dim=1) == targets).sum()
    val_acc = correct / len(val_set)
    print(
        f"epoch {epoch}: train {train_loss:.3f} val {val_loss / len(val_set):.3f} acc {val_acc:.3f}"
    )

model.eval()
correct = 0
with torch.no_grad():
    for inputs, targets in test_loader:
        correct += (model(inputs).argmax(dim=1) == targets).sum().item()
print("test accuracy", correct / len(test_set))
