"""Style: best checkpoint by validation accuracy, one test at the end, nn.NLLLoss. Trap: names of test and best."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(63)

batch_size = 36
waves = torch.stack([torch.sin(torch.arange(32) * f) for f in (0.3, 0.5, 0.8, 1.2)])
kind = torch.randint(4, (1000,))
signal = (waves[kind] + 0.9 * torch.randn(1000, 32)).unsqueeze(1)
train_set, val_set, test_set = random_split(TensorDataset(signal, kind), [700, 150, 150])
train_loader = DataLoader(train_set, batch_size=batch_size, shuffle=True)
val_loader = DataLoader(val_set, batch_size=batch_size)
test_loader = DataLoader(test_set, batch_size=batch_size)


def weights_init(m):
    if type(m) is nn.Conv1d:
        nn.init.xavier_normal_(m.weight)


class WaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(1, 12, 7, padding=3)
        self.conv2 = nn.Conv1d(12, 12, 5, padding=2)
        self.dropout = nn.Dropout1d(0.1)
        self.fc = nn.Linear(12, 4)
        self.log_softmax = nn.LogSoftmax(dim=1)

    def forward(self, x):
        x = nn.functional.max_pool1d(torch.relu(self.conv1(x)), 2)
        x = self.dropout(torch.relu(self.conv2(x)))
        return self.log_softmax(self.fc(x.mean(dim=2)))


model = WaveNet()
model.apply(weights_init)
criterion = nn.NLLLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)


def measure(loader):
    model.eval()
    correct = 0
    with torch.no_grad():
        for x, y in loader:
            correct += (model(x).argmax(dim=1) == y).sum().item()
    return correct / len(loader.dataset)


best_acc = 0.0
for epoch in range(6):
    model.train()
    seen, correct = 0, 0
    for x, y in train_loader:
        optimizer.zero_grad()
        output = model(x)
        loss = criterion(output, y)
        loss.backward()
        optimizer.step()
        correct += (output.argmax(dim=1) == y).sum().item()
        seen += len(y)
    val_acc = measure(val_loader)
    print(f"epoch {epoch}: train acc {correct / seen:.3f} val acc {val_acc:.3f}")
    if val_acc > best_acc:
        best_acc = val_acc
        torch.save(model.state_dict(), "best_model.pt")

model.load_state_dict(torch.load("best_model.pt", weights_only=True))
print(f"test accuracy of the best: {measure(test_loader):.3f}")
