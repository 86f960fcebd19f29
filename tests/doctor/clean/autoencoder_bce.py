"""Style: convolutional autoencoder, picture against itself. Trap: pictures are targets of BCE on logits, sigmoid only to look at them."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(21)


def crosses(n, side=16):
    pictures = torch.zeros(n, 1, side, side)
    for picture in pictures:
        i, j = torch.randint(2, side - 2, (2,))
        picture[0, i] = 1.0
        picture[0, :, j] = 1.0
    return pictures * (0.8 + 0.2 * torch.rand(n, 1, 1, 1))


train_loader = DataLoader(TensorDataset(crosses(480)), batch_size=48, shuffle=True)
val_loader = DataLoader(TensorDataset(crosses(120)), batch_size=60)


class Autoencoder(nn.Module):
    def __init__(self, code=12):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(256, code),
        )
        self.decoder = nn.Sequential(
            nn.Linear(code, 256),
            nn.ReLU(),
            nn.Unflatten(1, (16, 4, 4)),
            nn.ConvTranspose2d(16, 8, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1),
        )

    def forward(self, x):
        return self.decoder(self.encoder(x))


device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
model = Autoencoder().to(device)
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)

for epoch in range(4):
    model.train()
    train_losses = []
    for (x,) in train_loader:
        x = x.to(device)
        loss = criterion(model(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        train_losses.append(loss.item())

    model.eval()
    val_losses, errors = [], []
    with torch.no_grad():
        for (x,) in val_loader:
            x = x.to(device)
            logits = model(x)
            val_losses.append(criterion(logits, x).item())
            errors.append((torch.sigmoid(logits) - x).abs().mean().item())
    print(
        f"epoch {epoch}: train {sum(train_losses) / len(train_losses):.4f}, "
        f"val {sum(val_losses) / len(val_losses):.4f}, error {sum(errors) / len(errors):.4f}"
    )
