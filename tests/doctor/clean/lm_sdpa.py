"""Style: decoder of scaled_dot_product_attention, shift inside the loss as Hugging Face does. Trap: input and label are the same tensor on purpose."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset


class Periodic(Dataset):
    """Sequences that repeat a random pattern of length 3 to 5."""

    def __init__(self, n, vocab=16, length=20):
        self.rows = []
        for _ in range(n):
            pattern = torch.randint(0, vocab, (int(torch.randint(3, 6, ())),))
            self.rows.append(pattern.repeat(length)[:length])

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, i):
        return {"input_ids": self.rows[i], "labels": self.rows[i]}


class Attention(nn.Module):
    def __init__(self, dim, heads, p):
        super().__init__()
        self.heads, self.p = heads, p
        self.q, self.k, self.v = nn.Linear(dim, dim), nn.Linear(dim, dim), nn.Linear(dim, dim)
        self.o = nn.Linear(dim, dim)

    def split(self, x):
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def forward(self, x):
        q, k, v = self.split(self.q(x)), self.split(self.k(x)), self.split(self.v(x))
        p = self.p if self.training else 0.0
        y = F.scaled_dot_product_attention(q, k, v, dropout_p=p, is_causal=True)
        return self.o(y.transpose(1, 2).flatten(2))


class CausalLM(nn.Module):
    def __init__(self, vocab=16, dim=32, layers=2, length=20):
        super().__init__()
        self.tokens = nn.Embedding(vocab, dim)
        self.positions = nn.Parameter(0.02 * torch.randn(length, dim))
        self.attention = nn.ModuleList(Attention(dim, 4, 0.1) for _ in range(layers))
        self.norms = nn.ModuleList(nn.RMSNorm(dim) for _ in range(layers))
        self.head = nn.Linear(dim, vocab)

    def forward(self, input_ids, labels=None):
        x = self.tokens(input_ids) + self.positions[: input_ids.size(1)]
        for norm, attention in zip(self.norms, self.attention, strict=True):
            x = x + attention(norm(x))
        logits = self.head(x)
        if labels is None:
            return logits
        shift_logits, shift_labels = logits[:, :-1], labels[:, 1:]
        return F.cross_entropy(shift_logits.flatten(0, 1), shift_labels.flatten()), logits


def main():
    torch.manual_seed(30)
    train, test = DataLoader(Periodic(512), 32, shuffle=True), DataLoader(Periodic(128), 64)
    model = CausalLM()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
    for epoch in range(4):
        model.train()
        for batch in train:
            loss, _ = model(**batch)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        model.eval()
        with torch.no_grad():
            losses = [model(**batch)[0].item() for batch in test]
        print(f"epoch {epoch}: train {loss.item():.3f}, test {sum(losses) / len(losses):.3f}")


if __name__ == "__main__":
    main()
