"""Style: masked language model, BERT's 15 %. Trap: sees all tokens on purpose, target equals input except where masked, -100 elsewhere."""

import torch
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(17)
VOCAB, MASK, LENGTH = 24, 23, 16


def corpus(n):
    start, step = torch.randint(0, 22, (n, 1)), torch.randint(1, 4, (n, 1))
    return (start + step * torch.arange(LENGTH)) % 22


def mask_tokens(tokens, share=0.15):
    """Inputs with 15 % of the tokens hidden (a tenth of these random), and labels there only."""
    labels = tokens.clone()
    chosen = torch.rand(tokens.shape) < share
    chosen[:, 0] |= ~chosen.any(dim=1)
    labels[~chosen] = -100
    inputs = tokens.masked_fill(chosen, MASK)
    swapped = chosen & (torch.rand(tokens.shape) < 0.1)
    inputs[swapped] = torch.randint(0, 22, tokens.shape)[swapped]
    return inputs, labels


class Bert(nn.Module):
    def __init__(self, dim=32, heads=4):
        super().__init__()
        self.word = nn.Embedding(VOCAB, dim)
        self.place = nn.Embedding(LENGTH, dim)
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attention = nn.MultiheadAttention(dim, heads, dropout=0.1, batch_first=True)
        self.feed = nn.Sequential(
            nn.Linear(dim, 64), nn.GELU(), nn.Linear(64, dim), nn.Dropout(0.1)
        )
        self.head = nn.Linear(dim, VOCAB)

    def forward(self, tokens):
        x = self.word(tokens) + self.place.weight
        attended, _ = self.attention(x, x, x, need_weights=False)
        x = self.norm1(x + attended)
        return self.head(self.norm2(x + self.feed(x)))


train_loader = DataLoader(corpus(640), batch_size=64, shuffle=True)
held_out = mask_tokens(corpus(200))
model = Bert()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
loss_fn = nn.CrossEntropyLoss()  # ignores -100

for epoch in range(6):
    model.train()
    for tokens in train_loader:
        inputs, labels = mask_tokens(tokens)
        optimizer.zero_grad()
        loss = loss_fn(model(inputs).flatten(0, 1), labels.flatten())
        loss.backward()
        optimizer.step()

    model.eval()
    with torch.no_grad():
        inputs, labels = held_out
        scores = model(inputs)
        valid_loss = loss_fn(scores.flatten(0, 1), labels.flatten()).item()
        hits = (scores.argmax(-1) == labels)[labels != -100].float().mean().item()
    print(f"epoch {epoch}: train {loss.item():.3f} valid {valid_loss:.3f} filled in {hits:.1%}")
