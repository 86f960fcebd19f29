"""Style: a data set read folder by folder, so sorted by class. Trap: shuffled loader, best weights cloned one by one."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, Dataset

FOLDERS = ["circle", "cross", "square"]


def draw(kind):
    canvas = 0.2 * torch.rand(9, 9)
    r, c = torch.randint(0, 4, (2,)).tolist()
    if kind == "square":
        canvas[r : r + 5, c : c + 5] += 0.6
    elif kind == "cross":
        canvas[r + 2, c : c + 5] += 0.6
        canvas[r : r + 5, c + 2] += 0.6
    else:
        canvas[r : r + 5, c : c + 5] += 0.6
        canvas[r + 1 : r + 4, c + 1 : c + 4] -= 0.5
    return canvas.clamp(0, 1).unsqueeze(0)


class FolderDataset(Dataset):
    def __init__(self, per_class, transform=None):
        self.samples, self.targets = [], []
        for label, folder in enumerate(FOLDERS):
            for _ in range(per_class):
                self.samples.append(draw(folder))
                self.targets.append(label)
        self.transform = transform

    def __len__(self):
        return len(self.samples)

    def __getitem__(self, index):
        sample = self.samples[index]
        if self.transform is not None:
            sample = self.transform(sample)
        return sample, self.targets[index]


torch.manual_seed(37)
train_ds = FolderDataset(200, transform=lambda x: x + 0.05 * torch.randn_like(x))
val_ds = FolderDataset(50)
train_dl = DataLoader(train_ds, batch_size=30, shuffle=True)
val_dl = DataLoader(val_ds, batch_size=30)

model = nn.Sequential(
    nn.Conv2d(1, 12, 3), nn.BatchNorm2d(12), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(108, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 3),
)  # fmt: skip
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.8)

best_acc, best_weights = -1.0, None
for epoch in range(6):
    model.train()
    for images, targets in train_dl:
        optimizer.zero_grad()
        loss = criterion(model(images), targets)
        loss.backward()
        optimizer.step()
    model.eval()
    correct = 0
    with torch.no_grad():
        for images, targets in val_dl:
            correct += (model(images).argmax(1) == targets).sum().item()
    acc = correct / len(val_ds)
    if acc > best_acc:
        best_acc = acc
        best_weights = {name: value.clone() for name, value in model.state_dict().items()}
    print(f"epoch {epoch}: {acc:.3f} (best {best_acc:.3f})")

model.load_state_dict(best_weights)
model.eval()
print("a new square looks like", FOLDERS[model(draw("square").unsqueeze(0)).argmax(1).item()])
