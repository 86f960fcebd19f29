"""Style: an own Trainer class. Trap: one method for both phases, with train(flag) and set_grad_enabled(flag)."""

from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


@dataclass
class Config:
    epochs: int = 5
    batch_size: int = 40
    lr: float = 3e-3
    patience: int = 3


class Trainer:
    def __init__(self, model, config, train_set, val_set):
        self.model = model
        self.config = config
        self.train_loader = DataLoader(train_set, config.batch_size, shuffle=True)
        self.val_loader = DataLoader(val_set, config.batch_size)
        self.optimizer = torch.optim.RMSprop(model.parameters(), lr=config.lr)
        self.loss_fn = nn.BCEWithLogitsLoss()
        self.history = {"train_loss": [], "val_loss": [], "val_acc": []}

    def _run_epoch(self, loader, training):
        self.model.train(training)
        total, hits, count = 0.0, 0, 0
        with torch.set_grad_enabled(training):
            for x, y in loader:
                logits = self.model(x)
                loss = self.loss_fn(logits, y)
                if training:
                    self.optimizer.zero_grad()
                    loss.backward()
                    self.optimizer.step()
                total += loss.item() * len(x)
                hits += ((logits > 0) == (y > 0.5)).sum().item()
                count += len(x)
        return total / count, hits / count

    def fit(self):
        for epoch in range(self.config.epochs):
            train_loss, _ = self._run_epoch(self.train_loader, training=True)
            val_loss, val_acc = self._run_epoch(self.val_loader, training=False)
            self.history["train_loss"].append(train_loss)
            self.history["val_loss"].append(val_loss)
            self.history["val_acc"].append(val_acc)
            print(f"[{epoch}] train {train_loss:.3f}  val {val_loss:.3f}  acc {val_acc:.3f}")
        return self.history


class Classifier(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.body = nn.Sequential(
            nn.Linear(6, width), nn.LayerNorm(width), nn.GELU(), nn.Dropout(0.2),
            nn.Linear(width, width), nn.GELU(),
        )  # fmt: skip
        self.head = nn.Linear(width, 1)

    def forward(self, x):
        return self.head(self.body(x)).squeeze(-1)


def make_data(n):
    x = torch.randn(n, 6)
    y = ((x[:, 0] * x[:, 1] + x[:, 2]) > 0).float()
    return TensorDataset(x, y)


if __name__ == "__main__":
    torch.manual_seed(3)
    trainer = Trainer(Classifier(), Config(), make_data(900), make_data(210))
    history = trainer.fit()
    print("best epoch", min(range(len(history["val_loss"])), key=history["val_loss"].__getitem__))
