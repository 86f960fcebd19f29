"""Style: hard-coded .cuda() everywhere. Trap: needs a GPU when run plainly; class weights, two learning rates."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(2)
torch.cuda.manual_seed_all(2)
torch.backends.cudnn.benchmark = True

counts = torch.tensor([600, 200, 100])
y = torch.repeat_interleave(torch.arange(3), counts)
x = torch.randn(3, 1, 20)[y] + torch.randn(900, 1, 20)
perm = torch.randperm(900)
x, y = x[perm], y[perm]
train_loader = DataLoader(TensorDataset(x[:720], y[:720]), batch_size=48, shuffle=True)
val_loader = DataLoader(TensorDataset(x[720:], y[720:]), batch_size=90)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv1d(1, 8, 5, padding=2),
            nn.BatchNorm1d(8),
            nn.PReLU(),
            nn.Conv1d(8, 8, 5, stride=2, padding=2),
            nn.BatchNorm1d(8),
            nn.PReLU(),
        )
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(80, 3))

    def forward(self, x):
        return self.classifier(self.features(x).flatten(1))


net = Net().cuda()
criterion = nn.CrossEntropyLoss(weight=(counts.sum() / (3 * counts)).cuda())
optimizer = torch.optim.SGD(
    [{"params": net.features.parameters()}, {"params": net.classifier.parameters(), "lr": 0.05}],
    lr=0.02,
    momentum=0.9,
)

for epoch in range(6):
    net.train()
    for inputs, targets in train_loader:
        inputs, targets = inputs.cuda(), targets.cuda(non_blocking=True)
        outputs = net(inputs)
        loss = criterion(outputs, targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    net.eval()
    hits = torch.zeros(3).cuda()
    total = torch.zeros(3).cuda()
    with torch.no_grad():
        for inputs, targets in val_loader:
            inputs, targets = inputs.cuda(), targets.cuda()
            predicted = net(inputs).argmax(1)
            for c in range(3):
                hits[c] += ((predicted == c) & (targets == c)).sum()
                total[c] += (targets == c).sum()
    recalls = (hits / total).cpu().tolist()
    print(f"epoch {epoch}: recall by class", [round(r, 3) for r in recalls])
