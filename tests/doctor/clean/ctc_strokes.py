"""Style: CTC on rows of strokes. Trap: log-probabilities with time first, of which the loss skips what lies behind each row's end."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(17)
SYMBOLS, STEPS, LENGTH = 5, 18, 4
shapes = torch.randn(SYMBOLS, 6)


def rows(n):
    y = torch.randint(1, SYMBOLS, (n, LENGTH))
    x = 0.2 * torch.randn(n, STEPS, 6)
    for i in range(LENGTH):
        x[:, 4 * i : 4 * i + 3] += shapes[y[:, i]].unsqueeze(1)
    return TensorDataset(x, y)


class Reader(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.rnn = nn.GRU(6, hidden, batch_first=True, bidirectional=True)
        self.out = nn.Linear(2 * hidden, SYMBOLS)

    def forward(self, x):
        scores = self.out(self.rnn(x)[0]).permute(1, 0, 2)  # (time, batch, symbols)
        return scores.log_softmax(2)


model = Reader()
ctc = nn.CTCLoss(blank=0, zero_infinity=True)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
train_loader = DataLoader(rows(480), batch_size=32, shuffle=True)
val_loader = DataLoader(rows(120), batch_size=60)

for epoch in range(5):
    model.train()
    for x, y in train_loader:
        lengths = torch.full((len(x),), STEPS)
        loss = ctc(model(x), y, lengths, torch.full((len(x),), LENGTH))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        total = 0.0
        for x, y in val_loader:
            lengths = torch.full((len(x),), STEPS)
            total += ctc(model(x), y, lengths, torch.full((len(x),), LENGTH)).item() * len(x)
    print(f"epoch {epoch}: validation {total / len(val_loader.dataset):.3f}")
