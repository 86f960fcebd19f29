"""Style: language model on nn.TransformerEncoder, padded sentences. Trap: causal and padding mask together, padding is left out of the loss."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(10)
PAD, BOS, WORDS, LENGTH = 0, 1, 20, 14


def sentences(n):
    """Each sentence counts up from a random word by 1 or 2, and ends early."""
    start, stride = torch.randint(2, WORDS, (n, 1)), torch.randint(1, 3, (n, 1))
    body = (start - 2 + stride * torch.arange(LENGTH - 1)) % (WORDS - 2) + 2
    tokens = torch.cat([torch.full((n, 1), BOS), body], dim=1)
    length = torch.randint(5, LENGTH + 1, (n, 1))
    return tokens.masked_fill(torch.arange(LENGTH) >= length, PAD)


class PositionalEncoding(nn.Module):
    def __init__(self, dim, max_len=LENGTH):
        super().__init__()
        position = torch.arange(max_len).unsqueeze(1)
        div = torch.exp(torch.arange(0, dim, 2) * (-math.log(10000.0) / dim))
        pe = torch.zeros(1, max_len, dim)
        pe[0, :, 0::2] = torch.sin(position * div)
        pe[0, :, 1::2] = torch.cos(position * div)
        self.register_buffer("pe", pe)

    def forward(self, x):
        return x + self.pe[:, : x.size(1)]


class TransformerLM(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.dim = dim
        self.embed = nn.Embedding(WORDS, dim, padding_idx=PAD)
        self.position = PositionalEncoding(dim)
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.1, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.out = nn.Linear(dim, WORDS)

    def forward(self, tokens):
        future = torch.triu(
            torch.ones(tokens.size(1), tokens.size(1), dtype=torch.bool), diagonal=1
        )
        x = self.position(self.embed(tokens) * math.sqrt(self.dim))
        x = self.encoder(x, mask=future, src_key_padding_mask=tokens == PAD)
        return self.out(x)


train_loader = DataLoader(TensorDataset(sentences(600)), batch_size=40, shuffle=True)
val_loader = DataLoader(TensorDataset(sentences(150)), batch_size=50)
model = TransformerLM()
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.7)

for epoch in range(4):
    model.train()
    for (batch,) in train_loader:
        inputs, targets = batch[:, :-1], batch[:, 1:]
        loss = criterion(model(inputs).reshape(-1, WORDS), targets.reshape(-1))
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    scheduler.step()

    model.eval()
    total, words = 0.0, 0
    with torch.no_grad():
        for (batch,) in val_loader:
            inputs, targets = batch[:, :-1], batch[:, 1:]
            count = (targets != PAD).sum().item()
            total += count * criterion(model(inputs).reshape(-1, WORDS), targets.reshape(-1)).item()
            words += count
    print(f"epoch {epoch}: perplexity {math.exp(total / words):.2f}")
