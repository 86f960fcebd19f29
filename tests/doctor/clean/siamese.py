"""Style: siamese network with contrastive loss over pairs. Trap: one network runs twice in a step, an epsilon under the root."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(40)
prototypes = torch.randn(6, 20)


class PairDataset(Dataset):
    def __init__(self, n):
        self.labels = torch.randint(0, 6, (n,))
        self.points = prototypes[self.labels] + 0.5 * torch.randn(n, 20)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        same = torch.rand(()) < 0.5
        candidates = torch.nonzero((self.labels == self.labels[index]) == same).flatten()
        other = candidates[torch.randint(len(candidates), ())]
        differs = torch.tensor(0.0 if same else 1.0)
        return self.points[index], self.points[other], differs


class SiameseNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(20, 64), nn.BatchNorm1d(64), nn.ReLU(inplace=True), nn.Linear(64, 8)
        )

    def forward_once(self, x):
        return self.fc(x)

    def forward(self, input1, input2):
        return self.forward_once(input1), self.forward_once(input2)


class ContrastiveLoss(nn.Module):
    def __init__(self, margin=2.0):
        super().__init__()
        self.margin = margin

    def forward(self, output1, output2, label):
        distance = ((output1 - output2) ** 2).sum(dim=1).add(1e-8).sqrt()
        apart = F.relu(self.margin - distance)
        return torch.mean((1 - label) * distance.pow(2) + label * apart.pow(2))


net = SiameseNetwork()
criterion = ContrastiveLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=0.002)
train_dataloader = DataLoader(PairDataset(480), batch_size=40, shuffle=True)
test_dataloader = DataLoader(PairDataset(120), batch_size=40)

for epoch in range(4):
    net.train()
    counter, loss_history = 0, 0.0
    for img0, img1, label in train_dataloader:
        optimizer.zero_grad()
        output1, output2 = net(img0, img1)
        loss_contrastive = criterion(output1, output2, label)
        loss_contrastive.backward()
        optimizer.step()
        loss_history += loss_contrastive.item()
        counter += 1

    net.eval()
    right = 0
    with torch.no_grad():
        for img0, img1, label in test_dataloader:
            output1, output2 = net(img0, img1)
            far = F.pairwise_distance(output1, output2) > 1.0
            right += (far == label.bool()).sum().item()
    print(f"epoch {epoch}: loss {loss_history / counter:.4f}, pairs told {right / 120:.2f}")
